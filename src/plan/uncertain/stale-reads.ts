// Reads that come too late to show our own last writes, put right by what is recorded of these: whoever
// compares a widget, or keeps something of it, then need not know that a read may lag.

import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord, Replaced } from '../../model/applied-record.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { isShownAs } from '../../model/unapplied-fields.ts';
import { omitFields, ownValue } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { resetsOf } from '../../model/widget-fields.ts';

/** How long after a write a read may still show what the write replaced. */
const readLagMs = 15_000;
const longestReadBeforeMs = 10 * 60_000;

/** A record is written again with each write, and no API lags by so many. */
const mostBefore = 8;

/**
 * The read as it would have been in time: a field that shows what a recent write of ours replaced gets
 * what the last one left. What is ignored is the dashboard's, and stays as it was read.
 */
export function inTime(
  live: LiveWidget,
  applied: AppliedRecord | null,
  ignore: readonly string[],
): LiveWidget {
  if (applied === null) return live;
  const shown = stillShown(applied, live.readAtMs);
  if (shown.length === 0) return live;
  const earlier = shown.map(({ values }) => keepIgnored(values, live.body, ignore));
  const late = Object.entries(heardLeft(applied)).filter(([name]) => {
    const value = ownValue(live.body, name);
    const isUnheard = applied.unconfirmedFields?.[name]?.some((sent) => isShownAs(sent, value));
    return !isUnheard && earlier.some((values) => isShownAs(ownValue(values, name), value));
  });
  const body = { ...live.body, ...Object.fromEntries(late) };
  return { ...live, body: keepIgnored(body, live.body, ignore) };
}

/** What reads of this moment may still show though our writes have replaced it, the newest first. */
export function stillShown(applied: AppliedRecord, readAtMs: number): Replaced[] {
  return replacedBy(applied).filter(({ at }) => isWithinLag(readAtMs - at.getTime()));
}

/** What of a record is still to be known once another one takes its place. */
export interface Trail {
  readonly before: readonly Replaced[];
  /** The fields that its writes set, with what they left there. */
  readonly set: JsonObject;
  /** Those of `set` that nobody may have set since. */
  readonly left: JsonObject;
}

export function trailOf(applied: AppliedRecord | null, at: Replaced['at']): Trail {
  if (applied === null) return { before: [], set: {}, left: {} };
  const unheard = unheardLately(applied, at.getTime());
  const since = unheard.map((values) => ({ at, values }));
  const before = [...since, ...stillShown(applied, at.getTime())].slice(0, mostBefore);
  if (before.length === 0) return { before, set: {}, left: {} };
  const set = Object.assign({}, ...unheard, leftBy(applied));
  return { before, set, left: surelyLeft(applied) };
}

/** What reads may still show where bodies were sent lately that nobody has confirmed: what these replaced, and they. */
function unheardLately(applied: AppliedRecord, nowMs: number): JsonObject[] {
  if (!mayHideUnheard(applied, nowMs)) return [];
  const sent = Object.entries({ ...applied.unconfirmedFields });
  const most = Math.max(0, ...sent.map(([, values]) => values.length));
  const bodies = Array.from({ length: most }, (_, n) =>
    Object.fromEntries(
      sent.flatMap(([name, values]) => values.slice(n, n + 1).map((one) => [name, one])),
    ),
  );
  return [leftBy(applied), { ...applied.unconfirmedBefore }, ...bodies];
}

/** What the last writes replaced, the newest first. */
export function replacedBy({
  replaced,
  appliedAt,
  replacedBefore = [],
}: AppliedRecord): readonly Replaced[] {
  return replaced === null
    ? replacedBefore
    : [{ at: appliedAt, values: replaced }, ...replacedBefore];
}

/** What the last writes left in the fields that they set, as far as it was heard. */
export function leftBy(applied: AppliedRecord): JsonObject {
  return { ...besideDeclared(applied), ...asJson(applied.spec), ...applied.echo };
}

/** Whether the read came late enough after the last write to show for certain what became of it. */
export function isLateEnough({ appliedAt }: AppliedRecord, { readAtMs }: LiveWidget): boolean {
  return !isWithinLag(readAtMs - appliedAt.getTime());
}

/** Whether a body that nobody has confirmed may be live, and a read of this moment too early to show it. */
export function mayHideUnheard(
  { unconfirmedHash, unconfirmedAt }: AppliedRecord,
  readAtMs: number,
): boolean {
  if (unconfirmedHash === null || unconfirmedAt === undefined) return false;
  // Where it was sent in the future, the clock was set back since, and the age is not known.
  return readAtMs - unconfirmedAt.getTime() < readLagMs;
}

/** Whether a read that shows what the unconfirmed body set may show something older all the same. */
export function mayBeOlder(applied: AppliedRecord, readAtMs: number): boolean {
  if (applied.areSeveralUnconfirmed) return true;
  const sent = Object.entries({ ...applied.unconfirmedFields });
  return stillShown(applied, readAtMs).some(({ values }) =>
    sent.every(([name, [newest]]) => {
      const before = ownValue(values, name);
      return before === undefined || isShownAs(before, newest);
    }),
  );
}

// No read is so much older than the write that followed it: the clock was set back.
function isWithinLag(sinceMs: number): boolean {
  return sinceMs < readLagMs && sinceMs > -longestReadBeforeMs;
}

// A later body that nothing confirmed may have landed and set fields otherwise.
function surelyLeft(applied: AppliedRecord): JsonObject {
  return omitFields(heardLeft(applied), { ...applied.unconfirmedFields });
}

/** What the last confirmed write left: earlier versions did not keep which fields others set otherwise. */
function heardLeft(applied: AppliedRecord): JsonObject {
  const isOfEarlier = applied.unconfirmedHash !== null && applied.unconfirmedAt === undefined;
  return isOfEarlier ? besideDeclared(applied) : leftBy(applied);
}

function besideDeclared({ spec, replaced, leftBeside }: AppliedRecord): JsonObject {
  if (leftBeside !== undefined || replaced === null) return { ...leftBeside };
  // Earlier versions have not kept it: what a write replaced and does not declare, it has reset.
  return resetsOf(Object.keys(omitFields(replaced, spec)));
}
