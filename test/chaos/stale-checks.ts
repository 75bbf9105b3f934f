// How soon a content that has left the tree is no longer sent. Pure.
import { isJsonObject } from '../../src/base/json/json.ts';
import type { Entry } from './journal.ts';
import { atMs, isOf, isWrite, type Past, spansOf } from './requests-checks.ts';

/**
 * A file is looked at once its folder was quiet (2 s at most), or a rescan is due (1 s); the look may
 * read the account (a request of ten in a second, behind one for each widget), and a request that had
 * leave by then is on its way. That is 4.5 s at worst. Measured was less than 0.1 s; the rest is for a
 * machine that has other things to do.
 */
export const longestStaleMs = 6000;

export function checkStale(past: Past): string[] {
  return stalenesses(past)
    .filter(({ untroubledMs }) => untroubledMs > longestStaleMs)
    .map(({ entry: { request }, untroubledMs }) => {
      const what = `sent at ${atMs(request.startedAtMs)}`;
      return `gone from the tree ${atMs(untroubledMs)} before: ${markerOf(request.body)} ${what}`;
    });
}

/** How long after a content had left the tree it was still sent, at most, troubled time left out. */
export function stalestMs(past: Past): number {
  return Math.max(0, ...stalenesses(past).map(({ untroubledMs }) => untroubledMs));
}

interface Staleness {
  readonly entry: Entry;
  readonly untroubledMs: number;
}

function stalenesses({ entries, files }: Past): Staleness[] {
  return entries.filter(isWrite).flatMap((entry) => {
    const { body, startedAtMs, widgetId } = entry.request;
    const spans = spansOf(files, widgetId).filter((span) => isOf(span, body));
    const last = spans.findLast(({ fromMs }) => fromMs <= startedAtMs);
    if (last === undefined || last.toMs >= startedAtMs) return [];
    const troubled = troubles(entries, entry.daemon);
    return [{ entry, untroubledMs: untroubled(last.toMs, startedAtMs, troubled) }];
  });
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Two attempts of a read, half a second apart, and one that is told to come back in a second. */
const pauseMs = 1600;
const promptMs = 200;

/** When the looks of a process were held up: while its requests suffered, and the pauses after them. */
function troubles(entries: readonly Entry[], daemon: number): Span[] {
  return entries
    .filter((entry) => entry.daemon === daemon)
    .map(({ request }) => ({ ...request, toMs: request.endedAtMs ?? Number.POSITIVE_INFINITY }))
    .filter(({ fault, startedAtMs, toMs }) => fault !== null || toMs - startedAtMs > promptMs)
    .map(({ startedAtMs, toMs }) => ({ fromMs: startedAtMs, toMs: toMs + pauseMs }));
}

/** What is left of the time in between; the spans are in the order in which they began. */
function untroubled(fromMs: number, toMs: number, spans: readonly Span[]): number {
  let leftMs = 0;
  let reachedMs = fromMs;
  for (const span of spans) {
    if (span.toMs <= reachedMs) continue;
    if (span.fromMs >= toMs) break;
    leftMs += Math.max(0, span.fromMs - reachedMs);
    reachedMs = Math.min(span.toMs, toMs);
  }
  return leftMs + Math.max(0, toMs - reachedMs);
}

function markerOf(body: Entry['request']['body']): string {
  return isJsonObject(body) ? JSON.stringify(body['display_name']) : 'nothing';
}
