// A widget of which the API keeps something otherwise than it was sent. Its record tells that, for as long as
// nothing else was sent and no read shows otherwise.

import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { isIgnored } from '../../model/ignored-fields.ts';
import type { Adoption, Change, LiveWidget, UnappliedWidget } from '../../model/plan.ts';
import {
  isRespelling,
  isShownAs,
  respelledFields,
  type UnappliedField,
  unappliedFields,
} from '../../model/unapplied-fields.ts';
import { ownValue, pickFields, sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { resetsOf } from '../../model/widget-fields.ts';

/** The content that was sent last, and how the API keeps it. */
export type LastWord = Pick<AppliedRecord, 'spec' | 'echo' | 'spelling' | 'keptBeside'>;

/** Null where everything is as it was sent, or what is not is the dashboard's or drift. */
export function unappliedWidget(
  { widgetId, file, sync }: Pick<WidgetDocument, 'widgetId' | 'file' | 'sync'>,
  lastWord: LastWord,
  { live, sinceMs }: { readonly live: LiveWidget | null; readonly sinceMs: number },
): UnappliedWidget | null {
  const fields = unappliedIn(lastWord).filter(
    (field) =>
      !isIgnored(field.path, sync.ignore) && (live === null || isStillUnapplied(field, live.body)),
  );
  return fields.length === 0 ? null : { widgetId, file, sinceMs, fields };
}

/** The fields that a plan reports of this record from now on. */
export function unappliedBy(
  record: AppliedRecord,
): Pick<AppliedRecord, 'keptSince'> & { readonly kept: readonly UnappliedField[] } {
  const keptSince = record.keptSince ?? record.appliedAt;
  const widget = unappliedWidget(record, record, { live: null, sinceMs: keptSince.getTime() });
  return widget === null ? { kept: [] } : { kept: widget.fields, keptSince };
}

/** By path. */
export function unappliedIn({ spec, echo, spelling, keptBeside }: LastWord): UnappliedField[] {
  if (echo === null && keptBeside === undefined) return [];
  const declared = asJson(spec);
  const given = { ...declared, ...echo };
  const resets = resetsOf(Object.keys({ ...keptBeside }));
  const unstuck = unappliedFields({ ...resets, ...declared }, { ...keptBeside, ...given });
  const respelled = spelling === 'read' ? respelledFields(declared, given) : [];
  return [...unstuck, ...respelled].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isStillUnapplied(
  { path, sent, kept, spelling }: UnappliedField,
  body: JsonObject,
): boolean {
  const value = valueAt(body, fromPointer(path));
  if (sameValue(value, kept)) return true;
  return !spelling && !sameValue(value, sent) && isRespelling(kept, value);
}

/** The fields that still show what the API kept: neither emptied since, nor set by somebody else. */
export function shownStill(keptBeside: JsonObject = {}, body: JsonObject): JsonObject {
  const still = Object.entries(keptBeside).filter(([name, value]) =>
    isShownAs(value, ownValue(body, name)),
  );
  return Object.fromEntries(still);
}

/** The values of fields that this write, or an earlier one of its content, was to set back in vain. */
export function keptBesideAfter(
  { hash, resets }: Pick<Change, 'hash' | 'resets'>,
  given: JsonObject,
  before: AppliedRecord | null,
): JsonObject {
  const carried = before?.hash === hash ? shownStill(before.keptBeside, given) : {};
  if (Object.keys(resets).length === 0) return carried;
  const set = pickFields(given, resets);
  const unstuck = unappliedFields(resets, set).map(({ path }) => [
    fromPointer(path)[0] ?? '',
    true,
  ]);
  return { ...carried, ...pickFields(set, Object.fromEntries(unstuck)) };
}

/** Since when the content of a write that was just confirmed is kept otherwise. */
export function unappliedSoFar(
  record: AppliedRecord,
  before: AppliedRecord | null,
): Pick<AppliedRecord, 'keptSince'> {
  if (before?.hash !== record.hash || unappliedIn(before).length === 0) return {};
  const { trail } = record;
  const mayBeKept =
    (trail.state === 'confirmed' && !trail.isEchoKnown) || unappliedIn(record).length > 0;
  return mayBeKept ? { keptSince: before.keptSince ?? before.appliedAt } : {};
}

/**
 * For the record of an adoption: what was known to be kept otherwise, and still is when the widget is
 * found to be as git declares it. What was known of other content says nothing of this one.
 */
export function unappliedOn({
  document: { hash, spec },
  echo,
  applied,
  live,
}: Pick<Adoption, 'document' | 'echo' | 'applied' | 'live'>): Pick<
  AppliedRecord,
  'spelling' | 'keptSince' | 'keptBeside'
> {
  // How the API spells is known already, and of this content it was just read.
  const spelling = applied?.spelling === undefined ? {} : ({ spelling: 'read' } as const);
  if (applied?.hash !== hash) return spelling;
  const keptBeside = shownStill(applied.keptBeside, live.body);
  const known = { ...spelling, ...(Object.keys(keptBeside).length > 0 && { keptBeside }) };
  const isKept =
    unappliedIn(applied).length > 0 && unappliedIn({ spec, echo, ...known }).length > 0;
  return { ...known, ...(isKept && { keptSince: applied.keptSince ?? applied.appliedAt }) };
}
