// The fields of one widget as lines: what changes, and who changed it where that was not git alone.
import { printable } from '../base/text.ts';
import type { Origin } from '../model/document.ts';
import { fieldName } from '../model/field-name.ts';
import type { FieldChange } from '../model/plan.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';
import { type Row, renderRows } from './diff/rows.ts';
import type { Paints } from './diff/value-swatch.ts';
import { markOf, renderValues } from './diff/value-text.ts';
import { fieldNote, spellingNote, unusualNote } from './plan-words.ts';
import { isUnusual } from './unusual-changes.ts';

/** What the API keeps otherwise: from what was sent to what it keeps. */
export function renderKept(fields: readonly UnappliedField[], colours: Paints): string[] {
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
      note: spelling ? colours.dim(`(${spellingNote})`) : '',
    };
  });
  return renderRows(rows);
}

/** `placeOf`: how the place of a value is shown, where it is known. */
export function renderFields(
  fields: readonly FieldChange[],
  colours: Paints,
  placeOf: (origin: Origin) => string = () => '',
): string[] {
  return renderRows(
    fields.map((field): Row => {
      const words = fieldNote(field);
      const note = words === '' ? '' : colours.dim(`(${words})`);
      const place = field.origin === undefined ? '' : colours.dim(printable(placeOf(field.origin)));
      const unusual = isUnusual(field) ? colours.yellow(`(${unusualNote})`) : '';
      return {
        mark: field.released ? colours.magenta('×') : markOf(field, colours),
        name: fieldName(field.path),
        values: renderValues(field, colours),
        note: [note, unusual, place].filter((text) => text !== '').join('  '),
      };
    }),
  );
}
