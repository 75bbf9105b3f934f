// Reads that come too early to show our own last writes, put right by what is recorded of these:
// the rooms that compare a widget, or keep something of it, then need not know that a read may lag.

import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { isShownAs } from '../../model/unapplied-fields.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import type { Replaced, Unconfirmed, WriteTrail } from '../../model/write-trail.ts';

/** How long after a write a read may still show what the write replaced. */
export const readLagMs = 15_000;
const longestReadBeforeMs = 10 * 60_000;

/**
 * The read as it would have been in time: a field that shows what a recent write of ours replaced gets
 * what the last one left. What is ignored is the dashboard's, and stays as it was read.
 */
export function readThrough(
  live: LiveWidget,
  applied: AppliedRecord | null,
  ignore: readonly string[],
): LiveWidget {
  if (applied === null) return live;
  const shown = stillShown(applied, live.readAtMs);
  if (shown.length === 0) return live;
  const earlier = shown.map(({ values }) => keepIgnored(values, live.body, ignore));
  const sent = sentSince(applied);
  const late = Object.entries(leftBy(applied)).filter(([name]) => {
    const value = ownValue(live.body, name);
    // The very value that a write replaced is that one, though it is spelled much like one sent since.
    const isOlder = earlier.some((values) => sameValue(ownValue(values, name), value));
    const isSame = isOlder ? sameValue : isShownAs;
    const isSentSince = sent[name]?.some((one) => isSame(one, value));
    return !isSentSince && earlier.some((values) => isShownAs(ownValue(values, name), value));
  });
  const body = { ...live.body, ...Object.fromEntries(late) };
  return { ...live, body: keepIgnored(body, live.body, ignore) };
}

/** Values that a read of this moment may still show though our writes replaced them, the newest first. */
export function stillShown(applied: AppliedRecord, readAtMs: number): Replaced[] {
  return replacedBy(applied).filter(({ at }) => isWithinLag(readAtMs - at.getTime()));
}

/** The values that the last writes replaced, the newest first. */
export function replacedBy({ appliedAt, trail }: AppliedRecord): readonly Replaced[] {
  const { replaced, earlier } = trail;
  return replaced === null ? earlier : [{ at: appliedAt, values: replaced }, ...earlier];
}

/** The values that the last confirmed writes left in the fields that they set. */
export function leftBy({ spec, echo, trail }: AppliedRecord): JsonObject {
  return { ...trail.beside, ...asJson(spec), ...echo };
}

/** The values that were sent since, any of which may be live instead. */
export function sentSince({ trail }: Pick<AppliedRecord, 'trail'>): Unconfirmed['sent'] {
  return trail.state === 'unconfirmed' ? trail.sent : {};
}

/** Whether the read came late enough after the last write to show for certain what became of it. */
export function isLateEnough({ appliedAt }: AppliedRecord, { readAtMs }: LiveWidget): boolean {
  return !isWithinLag(readAtMs - appliedAt.getTime());
}

/** Whether an unconfirmed body may be live, and a read of this moment too early to show it. */
export function mayHideUnconfirmed(trail: WriteTrail, readAtMs: number): trail is Unconfirmed {
  // A write of the future says that the clock was set back since, and the age is not known.
  return trail.state === 'unconfirmed' && readAtMs - trail.at.getTime() < readLagMs;
}

/**
 * Whether a read that shows the content of this hash proves nothing yet. Where it is what was sent last, and
 * nothing older looks like it, any read that shows it is late enough.
 */
export function isTooEarly(applied: AppliedRecord, hash: string, readAtMs: number): boolean {
  const { trail } = applied;
  if (!mayHideUnconfirmed(trail, readAtMs)) return false;
  return trail.hash !== hash || mayBeOlder(applied, readAtMs);
}

/** Whether a read that shows what the unconfirmed body set may show something older all the same. */
export function mayBeOlder(applied: AppliedRecord, readAtMs: number): boolean {
  const { trail } = applied;
  if (trail.state === 'unconfirmed' && trail.isOneOfSeveral) return true;
  const sent = Object.entries(sentSince(applied));
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
