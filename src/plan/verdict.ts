// Who moved a field away from what was applied: git, the dashboard, both, or nobody.
import type { WidgetDocument } from '../documents/types.ts';
import type { Json, JsonObject } from '../json.ts';
import { fromPointer } from '../json.ts';
import type { AppliedRecord } from '../state/record.ts';
import { asJson } from '../widget.ts';
import { resetValueOf } from './body-schema.ts';
import type { FieldDifference } from './diff-fields.ts';
import { keepIgnored } from './keep-ignored.ts';
import type { ChangedBy, LiveWidget } from './types.ts';
import { ownValue, pickFields, sameValue, valueAt } from './value-at.ts';

/** How long after a write a read may still show what the write replaced. */
const readLagMs = 15_000;
const longestReadBeforeMs = 10 * 60_000;

export interface WidgetStates {
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  /** Null: unknown. */
  readonly live: LiveWidget | null;
}

/** What the last write left behind, with the ignored places as live has them. */
export interface Past {
  readonly spec: JsonObject;
  readonly echo: JsonObject;
  /** Values that this read may show although they were replaced; null once it may not. */
  readonly replaced: JsonObject | null;
}

export function pastOf(applied: AppliedRecord, live: LiveWidget, ignore: readonly string[]): Past {
  const spec = asJson(applied.spec);
  const seen = (body: JsonObject) => pickFields(keepIgnored(body, live.body, ignore), spec);
  return {
    spec: seen(spec),
    echo: seen(applied.echo ?? spec),
    replaced: mayLag(applied, live) ? applied.replaced : null,
  };
}

// Not where a later body may have landed: what it says may well be what was replaced before.
export function mayLag(
  { appliedAt, unconfirmedHash }: AppliedRecord,
  { readAtMs }: LiveWidget,
): boolean {
  return unconfirmedHash === null && isWithinLag({ appliedAt }, { readAtMs });
}

export function isWithinLag(
  { appliedAt }: Pick<AppliedRecord, 'appliedAt'>,
  { readAtMs }: Pick<LiveWidget, 'readAtMs'>,
): boolean {
  const sinceMs = readAtMs - appliedAt.getTime();
  // No read is so much older than the write that followed it: the clock was set back.
  return sinceMs < readLagMs && sinceMs > -longestReadBeforeMs;
}

/**
 * Null where the difference is settled: git still says what was sent, and live is what the API made
 * of it, or what it had before.
 */
export function movedBy({ path, from, to }: FieldDifference, past: Past): ChangedBy | null {
  const segments = fromPointer(path);
  // A field that was not ours has not been moved away from anything.
  if (ownValue(past.spec, segments[0] ?? '') === undefined) return 'git';
  const byGit = !sameValue(valueAt(past.spec, segments), to);
  const byDashboard = isMovedInDashboard(segments, from, past);
  if (byGit) return byDashboard ? 'both' : 'git';
  return byDashboard ? 'dashboard' : null;
}

export function isMovedInDashboard(
  segments: readonly string[],
  live: Json | undefined,
  past: Past,
): boolean {
  const isAsSent = sameValue(live, valueAt(past.spec, segments));
  const isAsEchoed = sameValue(live, valueAt(past.echo, segments));
  return !(isAsSent || isAsEchoed || isLagging(segments, live, past));
}

/** Whether a write was recorded so shortly before the read that what it set may not be shown, and is not. */
export function isTooEarly(
  applied: AppliedRecord,
  live: LiveWidget,
  { ignore }: Pick<WidgetDocument['sync'], 'ignore'>,
): boolean {
  const { replaced } = applied;
  // Nothing was written that a read could be late for: it was recorded as it was found.
  if (!mayLag(applied, live) || replaced === null) return false;
  const { spec, echo } = pastOf(applied, live, ignore);
  const isAsReplaced = (name: string) => {
    const value = ownValue(live.body, name);
    const isAsLeft =
      sameValue(value, ownValue(spec, name)) || sameValue(value, ownValue(echo, name));
    return !isAsLeft && sameValue(value, ownValue(replaced, name));
  };
  const isStill = ([name, before]: [string, Json]) =>
    !Object.hasOwn(spec, name) &&
    sameValue(ownValue(live.body, name), before) &&
    !sameValue(before, resetValueOf(name));
  return Object.keys(spec).some(isAsReplaced) || Object.entries(replaced).some(isStill);
}

/** Whether the read shows what our own last write replaced. */
export function isLagging(
  segments: readonly string[],
  live: Json | undefined,
  { replaced }: Past,
): boolean {
  if (replaced === null || ownValue(replaced, segments[0] ?? '') === undefined) return false;
  return sameValue(live, valueAt(replaced, segments));
}
