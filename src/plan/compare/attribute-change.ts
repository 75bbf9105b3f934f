// Who moved a field away from what was applied: git, the dashboard, both, or neither.

import type { Json, JsonObject } from '../../base/json/json.ts';
import { fromPointer } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { FieldDifference } from '../../model/diff-fields.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import type { ChangedBy, LiveWidget } from '../../model/plan.ts';
import { ownValue, pickFields, sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { isSameNothing } from '../../model/widget-fields.ts';
import { echoShown } from '../uncertain/server-echo.ts';

export interface WidgetStates {
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  /** Null: unknown. */
  readonly live: LiveWidget | null;
}

/** The fields as the last write left them, with the ignored places as live has them. */
export interface Past {
  readonly spec: JsonObject;
  readonly echo: JsonObject;
}

export function pastOf(applied: AppliedRecord, live: LiveWidget, ignore: readonly string[]): Past {
  const spec = asJson(applied.spec);
  const seen = (body: JsonObject) => pickFields(keepIgnored(body, live.body, ignore), spec);
  return { spec: seen(spec), echo: seen(echoShown(applied, live.body)) };
}

/**
 * Null where the difference is settled: git still says what was sent, and live is what the API made
 * of it.
 */
export function movedBy({ path, from, to }: FieldDifference, past: Past): ChangedBy | null {
  const segments = fromPointer(path);
  // A field that was not ours has not been moved away from anything.
  if (!wasDeclared(segments, past)) return 'git';
  const byGit = !sameValue(valueAt(past.spec, segments), to);
  const byDashboard = isMovedInDashboard(segments, from, past);
  if (byGit) return byDashboard ? 'both' : 'git';
  return byDashboard ? 'dashboard' : null;
}

/** Whether the field that the path leads into was ours. */
export function wasDeclared([name = '']: readonly string[], { spec }: Pick<Past, 'spec'>): boolean {
  return ownValue(spec, name) !== undefined;
}

export function isMovedInDashboard(
  segments: readonly string[],
  live: Json | undefined,
  past: Past,
): boolean {
  const sent = valueAt(past.spec, segments);
  const [name = '', ...within] = segments;
  // An API may leave out what is nothing.
  const isLeftOut = live === undefined && sent !== undefined && within.length === 0;
  const isAsSent = sameValue(live, sent) || (isLeftOut && isSameNothing(name, live, sent));
  const isAsEchoed = sameValue(live, valueAt(past.echo, segments));
  return !(isAsSent || isAsEchoed);
}
