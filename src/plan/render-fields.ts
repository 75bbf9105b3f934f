// The fields of one widget as lines: what changes, and who changed it where that was not git alone.
import type { Colors } from 'picocolors/types.js';
import { columnWidth, padding } from './render-columns.ts';
import { fieldName, renderValues } from './render-values.ts';
import type { FieldChange } from './types.ts';

export function renderFields(fields: readonly FieldChange[], colours: Colors): string[] {
  const width = columnWidth(
    fields.map(({ path }) => fieldName(path)),
    32,
  );
  return fields.flatMap((field) => {
    const name = fieldName(field.path);
    const [first = '', ...rest] = renderValues(field, colours);
    const words = noteOf(field);
    const note = words === '' ? '' : `  ${colours.dim(`(${words})`)}`;
    const head = `${markOf(field, colours)} ${name}`;
    // A text of several lines begins below the name, near the margin: it needs the width.
    if (first === '') return [`${head}${note}`, ...rest.map((line) => `    ${line}`)];
    const indent = ' '.repeat(Math.max(width, [...name].length) + 4);
    const values = [
      `${head}${padding(name, width)}  ${first}`,
      ...rest.map((line) => indent + line),
    ];
    return [...values.slice(0, -1), `${values.at(-1)}${note}`];
  });
}

function markOf({ from, to, released }: FieldChange, colours: Colors): string {
  if (released) return colours.magenta('×');
  if (from === undefined) return colours.green('+');
  return to === undefined ? colours.red('-') : colours.yellow('~');
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
