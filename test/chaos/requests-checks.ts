// What must hold of every request that was ever sent, whatever went wrong meanwhile. Pure: reads what
// happened and says what was wrong with it.
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { equalJson, isJsonObject } from '../../src/base/json/json.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { maxStartsInWindow } from '../support/sandbox.ts';
import type { Content } from './contents.ts';
import type { Outage } from './daemon.ts';
import type { Edit, Entry } from './journal.ts';
import type { Span, WidgetFileHistory } from './widget-files.ts';

/** The past of one account and of the tree that it follows. */
export interface Past {
  readonly entries: readonly Entry[];
  readonly edits: readonly Edit[];
  readonly files: readonly WidgetFileHistory[];
  /** When the daemon took the service for down. */
  readonly outages: readonly Outage[];
  readonly leaps: readonly Leap[];
  readonly requestsPerSecond: number;
}

/** The clock was set ahead. */
export interface Leap {
  readonly atMs: number;
  /** The run of the daemon that was going on then, or else the next one. */
  readonly run: number;
}

/** One sentence for each thing that must not have happened. */
export function checkOrderOfRequests(past: Past): string[] {
  const checks = [checkBudget, checkOverlap, checkContents, checkOrder];
  return checks.flatMap((check) => check(past));
}

/** Who keeps to the rate together: the requests of one run, or all that one state directory knows of. */
const budgetOf: 'run' | 'state directory' = 'state directory';

export function checkBudget(
  { entries, leaps, requestsPerSecond }: Past,
  whose: string = budgetOf,
): string[] {
  // The limit: a run that begins after such a leap takes what was spent for long ago.
  const betweenRuns = leaps.filter(({ atMs, run }) => !hasSentBefore(atMs, run, entries));
  const epochOf = (daemon: number) => betweenRuns.filter(({ run }) => run <= daemon).length;
  const waitedFor = entries.filter((entry) => !wasGivenUp(entry, entries));
  const groups = groupBy(waitedFor, ({ daemon }) =>
    whose === 'run' ? `run ${daemon}` : `all runs${' after a leap'.repeat(epochOf(daemon))}`,
  );
  return [...groups].flatMap(([who, own]) => {
    const most = mostInOneSecond(own);
    if (most <= requestsPerSecond) return [];
    return [`${who} started ${most} requests in one second, ${requestsPerSecond} allowed`];
  });
}

function hasSentBefore(atMs: number, run: number, entries: readonly Entry[]): boolean {
  return entries.some(({ daemon, request }) => daemon === run && request.startedAtMs < atMs);
}

/** The daemon's own patience with a request, and some for its arrival. */
const givenUpWithinMs = 2000;

/**
 * The process has sent the same again although nothing was wrong: it had lost patience. On a busy machine
 * such a request arrives long after it was sent, and may meet those of the next second.
 */
function wasGivenUp({ request, daemon }: Entry, entries: readonly Entry[]): boolean {
  const { method, fault, widgetId, startedAtMs, body } = request;
  if (method !== 'PUT' || fault !== null) return false;
  const next = entries.find(
    ({ request: later, daemon: run }) =>
      run === daemon && later.widgetId === widgetId && later.startedAtMs > startedAtMs,
  )?.request;
  const isSoon = next !== undefined && next.startedAtMs - startedAtMs < givenUpWithinMs;
  return isSoon && isSame(next.body, body);
}

export function mostInOneSecond(entries: readonly Entry[]): number {
  return maxStartsInWindow(
    entries.map(({ request }) => request),
    1000,
  );
}

/** A request that was given up may be noticed to have ended a moment after the next one arrived. */
const noticeMs = 100;

export function checkOverlap({ entries }: Past): string[] {
  return [...groupBy(entries.filter(isWrite), ({ request }) => request.widgetId)].flatMap(
    ([widgetId, writes]) =>
      writes.flatMap(({ request }, index) => {
        const { startedAtMs } = request;
        const together = writes.slice(0, index).filter(({ request: earlier }) => {
          const endedAtMs = earlier.endedAtMs ?? Number.POSITIVE_INFINITY;
          return endedAtMs - (earlier.status === null ? noticeMs : 0) > startedAtMs;
        });
        if (together.length === 0) return [];
        return [`two writes of ${widgetId} in flight together at ${atMs(startedAtMs)}`];
      }),
  );
}

/** What a write says was in the tree, word for word, when it was sent or before. */
export function checkContents({ entries, files }: Past): string[] {
  return entries.filter(isWrite).flatMap((entry) => {
    const { body, startedAtMs, widgetId } = entry.request;
    if (!isJsonObject(body)) return [];
    const spans = spansOf(files, widgetId).filter((span) => isOf(span, body));
    const [first] = spans;
    const what = `${JSON.stringify(body['display_name'])} sent at ${atMs(startedAtMs)}`;
    if (first?.content == null) return [`never in the tree: ${what}`];
    if (first.fromMs > startedAtMs) return [`not yet in the tree: ${what}`];
    const wrong = Object.entries(first.content.fields)
      .filter(([name, value]) => !isSame(body[name], value))
      .map(([name]) => name);
    return wrong.length === 0 ? [] : [`not as in the tree (${wrong}): ${what}`];
  });
}

/**
 * What was stored follows the tree: one content after the other, some left out, none after a newer
 * one. A server that stores what its client has given up is not the client's fault.
 */
export function checkOrder({ entries, files }: Past): string[] {
  const stored = entries
    .filter((entry) => entry.stored !== null && !entry.stored.isLate)
    .sort((a, b) => (a.stored?.turn ?? 0) - (b.stored?.turn ?? 0));
  return [...groupBy(stored, ({ request }) => request.widgetId)].flatMap(([widgetId, writes]) => {
    const spans = spansOf(files, widgetId);
    let reached = 0;
    return writes.flatMap(({ request: { body, startedAtMs } }) => {
      const next = spans.findIndex(
        (span, index) => index >= reached && span.fromMs <= startedAtMs && isOf(span, body),
      );
      if (next !== -1) {
        reached = next;
        return [];
      }
      const name = isJsonObject(body) ? JSON.stringify(body['display_name']) : 'nothing';
      return [`an older body after a newer one: ${name} stored at ${atMs(startedAtMs)}`];
    });
  });
}

/** Edits by people that a write took back because it was read before them: how old they were. */
export function overwrittenEdits({ entries, edits }: Past): number[] {
  return entries.flatMap(({ request, stored }) => {
    if (stored === null) return [];
    return edits
      .filter(({ widgetId }) => widgetId === request.widgetId)
      .filter(({ fields }) => holds(stored.before, fields) && !holds(stored.after, fields))
      .filter(({ fields }) => Object.hasOwn(fields, 'name'))
      .map((edit) => request.startedAtMs - edit.atMs);
  });
}

export function isOf({ content }: Span, body: Json): boolean {
  return content !== null && isJsonObject(body) && body['display_name'] === content.marker;
}

export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalJson(a, b);
}

function holds(widget: JsonObject, fields: JsonObject): boolean {
  return Object.entries(fields).every(([name, value]) => isSame(widget[name], value));
}

export function wasDeclared(spans: readonly Span[], name: string, beforeMs: number): boolean {
  const declares = (content: Content | null) =>
    content !== null && Object.hasOwn(content.fields, name);
  return spans.some(({ content, fromMs }) => fromMs <= beforeMs && declares(content));
}

export function spansOf(
  files: readonly WidgetFileHistory[],
  widgetId: WidgetId | null,
): readonly Span[] {
  return files.find((file) => file.widgetId === widgetId)?.spans ?? [];
}

export function isWrite({ request }: Entry): boolean {
  return request.method === 'PUT' && request.body !== null;
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

export function atMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
