// The fields that a write changes, with both values, as a table.
import type { FieldDifference } from '../../model/diff-fields.ts';
import { leafDifferences } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import { fieldChange } from '../page/field-change.ts';
import { type Html, html } from '../page/html.ts';
import { legendEntry } from '../picture/legend.ts';

export function fieldTable(fields: readonly FieldDifference[]): Html | null {
  if (fields.length === 0) return null;
  const rows = fields.flatMap(leafDifferences).map((difference) => {
    const name = fieldName(difference.path);
    return html`<div><dt><code>${name}</code></dt><dd>${fieldChange(legendEntry(0, difference))}</dd></div>`;
  });
  return html`<dl class="fields">${rows}</dl>`;
}
