// The fields of one widget as lines: what changes, and who changed it where that was not git alone.
import type { Colors } from 'picocolors/types.js';
import { fieldName } from '../model/field-name.ts';
import type { FieldChange } from '../model/plan.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';
import { type Row, renderRows } from './diff/rows.ts';
import { markOf, renderValues } from './diff/value-text.ts';
import { isUnusual } from './unusual-changes.ts';

/** What the API keeps otherwise: from what was sent to what it keeps. */
export function renderKept(fields: readonly UnappliedField[], colours: Colors): string[] {
  const rows = fields.map(({ path, sent, kept, spelling }): Row => {
    const change = {
      path,
      ...(sent !== undefined && { from: sent }),
      ...(kept !== undefined && { to: kept }),
    };
    return {
      mark: markOf(change, colours),
      name: fieldName(path),
      values: renderValues(change, colours),
      note: spelling ? colours.dim('(another spelling, as two reads have shown)') : '',
    };
  });
  return renderRows(rows);
}

export function renderFields(fields: readonly FieldChange[], colours: Colors): string[] {
  return renderRows(
    fields.map((field): Row => {
      const words = noteOf(field);
      const note = words === '' ? '' : colours.dim(`(${words})`);
      const unusual = isUnusual(field) ? colours.yellow('(unusual: another kind of widget)') : '';
      return {
        mark: field.released ? colours.magenta('×') : markOf(field, colours),
        name: fieldName(field.path),
        values: renderValues(field, colours),
        note: [note, unusual].filter((text) => text !== '').join('  '),
      };
    }),
  );
}

function noteOf({ from, to, by, released, neverDeclared }: FieldChange): string {
  if (released) return by === 'both' ? 'released; changed in the dashboard too' : 'released';
  switch (by) {
    case 'git':
      if (neverDeclared) return 'set in the dashboard; removed, git declares the whole object';
      return to === undefined ? 'no longer declared' : '';
    case 'dashboard':
      if (to === undefined) return 'added in the dashboard';
      return `${from === undefined ? 'removed' : 'changed'} in the dashboard`;
    case 'both':
      return 'changed in git and in the dashboard; git wins';
  }
}
