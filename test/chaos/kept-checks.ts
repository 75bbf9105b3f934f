// What a write must leave alone: whatever its content does not declare. Pure.
import { bodyFields, type WidgetId } from '../../src/model/widget.ts';
import { emptyValueOf } from './contents.ts';
import type { Entry } from './journal.ts';
import { atMs, isOf, isSame, type Past, spansOf, wasDeclared } from './requests-checks.ts';

/**
 * A write changes nothing that its content does not declare: it may only set a field to what the newest
 * read of this very process has shown there, or empty it where a file had declared it before.
 */
export function checkKept({ entries, files }: Past): string[] {
  const reads = entries.filter(wasTold);
  return entries.flatMap((entry) => {
    const { request, stored } = entry;
    const { widgetId, body, startedAtMs } = request;
    if (stored === null || widgetId === null) return [];
    const spans = spansOf(files, widgetId);
    const content = spans.find((span) => isOf(span, body))?.content;
    const known = newestOf(reads, entry, widgetId).map(({ shown }) => shown?.get(widgetId));
    return bodyFields
      .filter((name) => content != null && !Object.hasOwn(content.fields, name))
      .filter((name) => !isSame(stored.before[name], stored.after[name]))
      .filter((name) => {
        const after = stored.after[name];
        const isRelease =
          isSame(after, emptyValueOf(name)) && wasDeclared(spans, name, startedAtMs);
        return !isRelease && !known.some((widget) => isSame(widget?.[name], after));
      })
      .map((name) => {
        const values = `${JSON.stringify(stored.before[name])} → ${JSON.stringify(stored.after[name])}`;
        return `${content?.marker} does not declare ${name}, and its write at ${atMs(startedAtMs)} set it: ${values}`;
      });
  });
}

/** Answers that hold the widget, though not every client will take them for one. */
const perhapsTold: ReadonlySet<string> = new Set(['drip', 'gzip', 'huge', 'content-type']);
/** With more time than this it may have been given up as it came. */
const surelyWaitedForMs = 700;

function wasTold({ request: { status, fault }, shown }: Entry): boolean {
  const isWhole = fault === null || fault === 'stale' || perhapsTold.has(fault);
  return shown !== null && status === 200 && isWhole;
}

function wasSurelyTold({ request: { fault, startedAtMs, endedAtMs } }: Entry): boolean {
  const tookMs = (endedAtMs ?? Number.POSITIVE_INFINITY) - startedAtMs;
  return tookMs < surelyWaitedForMs && !perhapsTold.has(fault ?? '');
}

/**
 * The newest read of the widget by the process that sent `write` that was over when it did, and any
 * other that it may have been told after that one.
 */
function newestOf(reads: readonly Entry[], write: Entry, widgetId: WidgetId): Entry[] {
  const { startedAtMs } = write.request;
  const own = reads.filter(
    ({ daemon, shown, request: { endedAtMs } }) =>
      daemon === write.daemon &&
      shown?.has(widgetId) &&
      (endedAtMs ?? Number.POSITIVE_INFINITY) <= startedAtMs,
  );
  // Nothing rests on a list before one of its widgets was read by itself.
  const singles = reads.filter(
    (read) => read.daemon === write.daemon && isOfOne(read) && endMs(read) < startedAtMs,
  );
  const newest = own
    .filter((read) => wasSurelyTold(read) && endMs(read) <= startedAtMs - actedOnMs)
    .filter((read) => isOfOne(read) || singles.some((one) => endMs(one) >= endMs(read)))
    .reduce<Entry | null>((last, read) => (endMs(read) > endMs(last) ? read : last), null);
  const fromMs = newest?.request.startedAtMs ?? Number.NEGATIVE_INFINITY;
  return own.filter((read) => endMs(read) >= fromMs);
}

function isOfOne({ request }: Entry): boolean {
  return request.widgetId !== null;
}

/** From the server's answer until the plan made from it has replaced what was waiting to be sent. */
const actedOnMs = 0;

function endMs(entry: Entry | null): number {
  return entry?.request.endedAtMs ?? Number.NEGATIVE_INFINITY;
}
