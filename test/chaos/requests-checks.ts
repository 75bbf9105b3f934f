// What must hold of every request that was ever sent, whatever went wrong meanwhile. Pure: reads what
// happened and says what was wrong with it.
import type { Json, JsonObject } from '../../src/json.ts';
import { equalJson, isJsonObject } from '../../src/json.ts';
import { bodyFields, type WidgetId } from '../../src/widget.ts';
import { maxStartsInWindow } from '../support/sandbox.ts';
import { type Content, emptyValueOf } from './contents.ts';
import type { Edit, Entry } from './journal.ts';
import type { Span, WidgetFileHistory } from './widget-files.ts';

/** The past of one account and of the tree that it follows. */
export interface Past {
  readonly entries: readonly Entry[];
  readonly edits: readonly Edit[];
  readonly files: readonly WidgetFileHistory[];
  readonly requestsPerSecond: number;
}

/** One sentence for each thing that must not have happened. */
export function checkRequests(past: Past): string[] {
  const checks = [checkBudget, checkOverlap, checkContents, checkOrder, checkKept];
  return checks.flatMap((check) => check(past));
}

/** The daemon that was killed cannot tell the next one what it has used of the budget. */
export function checkBudget({ entries, requestsPerSecond }: Past): string[] {
  return [...groupBy(entries, ({ daemon }) => daemon)].flatMap(([daemon, own]) => {
    const most = mostInOneSecond(own);
    if (most <= requestsPerSecond) return [];
    return [`run ${daemon} started ${most} requests in one second, ${requestsPerSecond} allowed`];
  });
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

/** How long what was read is good for, with time for a request to be on its way. */
const readForMs = 120_000 + 5000;

/**
 * A write changes nothing that its content does not declare: it may only set a field to what this very
 * process has read there, or empty it where a file had declared it before.
 */
export function checkKept({ entries, files }: Past): string[] {
  const reads = entries.filter(({ shown }) => shown !== null);
  return entries.flatMap(({ request, daemon, stored }) => {
    const { widgetId, body, startedAtMs } = request;
    if (stored === null || widgetId === null) return [];
    const spans = spansOf(files, widgetId);
    const content = spans.find((span) => isOf(span, body))?.content;
    const known = reads
      .filter((read) => read.daemon === daemon)
      .filter((read) => (read.request.endedAtMs ?? Number.POSITIVE_INFINITY) <= startedAtMs)
      .filter((read) => startedAtMs - read.request.startedAtMs <= readForMs)
      .map(({ shown }) => shown?.get(widgetId))
      .filter((widget) => widget !== undefined);
    return bodyFields
      .filter((name) => content != null && !Object.hasOwn(content.fields, name))
      .filter((name) => !isSame(stored.before[name], stored.after[name]))
      .filter((name) => {
        const after = stored.after[name];
        const isRelease =
          isSame(after, emptyValueOf(name)) && wasDeclared(spans, name, startedAtMs);
        return !isRelease && !known.some((widget) => isSame(widget[name], after));
      })
      .map((name) => {
        const values = `${JSON.stringify(stored.before[name])} → ${JSON.stringify(stored.after[name])}`;
        return `${content?.marker} does not declare ${name}, and its write at ${atMs(startedAtMs)} set it: ${values}`;
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

/** How long after a content had left the tree it was still sent, at most. */
export function stalestMs({ entries, files }: Past): number {
  const ages = entries.filter(isWrite).map(({ request: { body, startedAtMs, widgetId } }) => {
    const spans = spansOf(files, widgetId).filter((span) => isOf(span, body));
    const last = spans.findLast(({ fromMs }) => fromMs <= startedAtMs);
    return last === undefined ? 0 : startedAtMs - last.toMs;
  });
  return Math.max(0, ...ages);
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

function wasDeclared(spans: readonly Span[], name: string, beforeMs: number): boolean {
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

function isWrite({ request }: Entry): boolean {
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

function atMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
