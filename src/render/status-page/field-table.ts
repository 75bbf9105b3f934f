// The fields that a write changes, with both values, as a table.
import { leafDifferences } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import type { FieldChange } from '../../model/plan.ts';
import { originText } from '../fragments/fragment-words.ts';
import { fieldChange } from '../page/field-change.ts';
import { type Html, html } from '../page/html.ts';
import { legendEntry } from '../picture/legend.ts';

/** Beside each field the file and line of its new value, where a plan was traced. */
export function fieldTable(fields: readonly FieldChange[]): Html | null {
  if (fields.length === 0) return null;
  const rows = fields.flatMap((field) => {
    const place = field.origin === undefined ? null : originText(field.origin, '');
    return leafDifferences(field).map((difference) => {
      const name = fieldName(difference.path);
      return html`<div><dt><code>${name}</code></dt><dd>${fieldChange(legendEntry(0, difference))}${place !== null && html`<p class="place"><code>${place}</code></p>`}</dd></div>`;
    });
  });
  return html`<dl class="fields">${rows}</dl>`;
}
