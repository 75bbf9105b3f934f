// What the API keeps otherwise than it was sent, as a state of the widget: told by its record, for as long
// as nothing else was sent and no read shows otherwise.

import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { isIgnored } from '../../model/ignored-fields.ts';
import type { KeptWidget, LiveWidget } from '../../model/plan.ts';
import {
  isRespelling,
  type KeptField,
  keptFields,
  respelledFields,
} from '../../model/unapplied-fields.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { resetsOf } from '../../model/widget-fields.ts';

/** What was sent last and what came of it. */
export type LastWord = Pick<AppliedRecord, 'spec' | 'echo' | 'spelling' | 'keptBeside'>;

/** Null where everything is as it was sent, or what is not is the dashboard's or drift. */
export function keptWidget(
  { widgetId, file, sync }: Pick<WidgetDocument, 'widgetId' | 'file' | 'sync'>,
  lastWord: LastWord,
  { live, sinceMs }: { readonly live: LiveWidget | null; readonly sinceMs: number },
): KeptWidget | null {
  const fields = keptIn(lastWord).filter(
    (field) =>
      !isIgnored(field.path, sync.ignore) && (live === null || isKeptStill(field, live.body)),
  );
  return fields.length === 0 ? null : { widgetId, file, sinceMs, fields };
}

/** By path. */
export function keptIn({ spec, echo, spelling, keptBeside }: LastWord): KeptField[] {
  if (echo === null && keptBeside === undefined) return [];
  const declared = asJson(spec);
  const given = { ...declared, ...echo };
  const resets = resetsOf(Object.keys({ ...keptBeside }));
  const unstuck = keptFields({ ...resets, ...declared }, { ...keptBeside, ...given });
  const respelled = spelling === 'read' ? respelledFields(declared, given) : [];
  return [...unstuck, ...respelled].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isKeptStill({ path, sent, kept, spelling }: KeptField, body: JsonObject): boolean {
  const value = valueAt(body, fromPointer(path));
  if (sameValue(value, kept)) return true;
  return !spelling && !sameValue(value, sent) && isRespelling(kept, value);
}
