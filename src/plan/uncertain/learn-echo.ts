// A read may tell how the API took the last write where its answer had not: the record is completed by that.

import { equalJson, fromPointer, type JsonObject } from '../../base/json/json.ts';
import { type AppliedRecord, isConfirmed } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import type { LearnedEcho, LiveWidget } from '../../model/plan.ts';
import {
  respelledFields,
  type UnappliedField,
  unappliedFields,
} from '../../model/unapplied-fields.ts';
import { omitFields, ownValue, pickFields, sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { resetsOf } from '../../model/widget-fields.ts';
import type { Confirmed } from '../../model/write-trail.ts';
import { isLateEnough, leftBy } from './read-through.ts';
import { echoOf, echoShown, isRepeated } from './server-echo.ts';
import { shownStill, unappliedIn } from './unapplied-widget.ts';

/** Null where the record says as much already, or the read may be too early to tell. */
export function learnEcho(
  document: WidgetDocument,
  applied: AppliedRecord,
  live: LiveWidget,
): LearnedEcho | null {
  const { trail } = applied;
  if (applied.hash !== document.hash || trail.state !== 'confirmed') return null;
  if (!isLateEnough(applied, live) || !mayLearn(applied, trail)) return null;
  const shown = echoShown(applied, live.body);
  const before = echoOf(document, leftBy(applied));
  const echo = echoOf(document, shown);
  const stillBeside = shownStill(applied.keptBeside, live.body);
  const isFirst = !trail.isEchoKnown || applied.spelling === 'unread';
  const isKnown = equalJson(before, echo) && equalJson(applied.keptBeside ?? {}, stillBeside);
  if (!isFirst && isKnown) return null;
  const unstuck = trail.isEchoKnown ? [] : unstuckIn(document, applied, shown);
  const respelled = trail.isEchoKnown ? respelledSince(document, before, echo) : [];
  const keptBeside = {
    ...stillBeside,
    ...unreset(unstuck, document, { left: leftBy(applied), shown }),
  };
  return {
    widgetId: document.widgetId,
    file: document.file,
    applied,
    record: withoutTimeIfApplied({
      ...withoutDoubt(applied, respelled),
      trail: { ...trail, isEchoKnown: true },
      echo,
      ...(Object.keys(keptBeside).length > 0 && { keptBeside }),
    }),
    kept: [...unstuck, ...respelled],
  };
}

/** Whether nothing was sent since that may be live instead. */
export function isLastWord(
  { hash }: Pick<WidgetDocument, 'hash'>,
  applied: Pick<AppliedRecord, 'hash' | 'trail'>,
): boolean {
  return applied.hash === hash && isConfirmed(applied);
}

/** Most widgets are read over and over, and there is nothing to learn. */
function mayLearn(applied: AppliedRecord, trail: Confirmed): boolean {
  const { spelling, echo, keptBeside } = applied;
  const isInDoubt = !trail.isEchoKnown || spelling === 'unread' || isRepeated(applied, trail);
  return isInDoubt || echo !== null || keptBeside !== undefined;
}

function unstuckIn(
  { sync }: WidgetDocument,
  applied: AppliedRecord,
  shown: JsonObject,
): UnappliedField[] {
  // Ignored places are the dashboard's: nothing of ours is kept there.
  return unappliedFields(keepIgnored(leftBy(applied), shown, sync.ignore), shown);
}

function respelledSince(
  { spec }: WidgetDocument,
  before: JsonObject | null,
  echo: JsonObject | null,
): UnappliedField[] {
  const declared = asJson(spec);
  return respelledFields(declared, { ...declared, ...echo }).filter(
    ({ path, kept }) => !sameValue(valueAt({ ...declared, ...before }, fromPointer(path)), kept),
  );
}

/** The values of fields that were to be set back to empty and are not. */
function unreset(
  unstuck: readonly UnappliedField[],
  { spec }: WidgetDocument,
  { left, shown }: { readonly left: JsonObject; readonly shown: JsonObject },
): JsonObject {
  const names = unstuck.map(({ path }) => fromPointer(path)[0] ?? '');
  const resets = omitFields(resetsOf(names), spec);
  const asSent = Object.entries(resets).filter(([name, reset]) =>
    sameValue(ownValue(left, name), reset),
  );
  return pickFields(shown, Object.fromEntries(asSent));
}

/** Without the time where nothing is kept otherwise any longer. */
function withoutTimeIfApplied(record: AppliedRecord): AppliedRecord {
  const { keptSince, ...rest } = record;
  return unappliedIn(rest).length === 0 ? rest : record;
}

function withoutDoubt(
  { keptBeside, ...applied }: AppliedRecord,
  respelled: readonly UnappliedField[],
): AppliedRecord {
  if (respelled.length === 0) {
    return applied.spelling === undefined ? applied : { ...applied, spelling: 'read' };
  }
  // The corrections till then concerned a spelling of the API, and no drift.
  const corrections = applied.spelling === 'unread' ? applied.corrections : 0;
  return { ...applied, spelling: 'read', corrections };
}
