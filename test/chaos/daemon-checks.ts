// What must hold of the runs of the daemon and of the history that they leave behind. Pure.
import type { JsonObject } from '../../src/base/json/json.ts';
import { isJsonObject } from '../../src/base/json/json.ts';
import type { Ending } from './daemon.ts';
import type { Entry } from './journal.ts';
import { isOf, spansOf } from './requests-checks.ts';
import { hashOf } from './settled-checks.ts';
import type { WidgetFileHistory } from './widget-files.ts';

/** Requests in flight may end for 10 s. */
const longestStopMs = 12_000;

/** `bugs`: lines of the log that no trouble from outside explains. */
export function checkEndings(endings: readonly Ending[], bugs: readonly string[]): string[] {
  return [
    ...bugs.map((line) => `the log has a bug: ${line}`),
    ...endings.flatMap((ending, index) => {
      const complaint = complaintAbout(ending);
      return complaint === null ? [] : [`run ${index + 1} ${complaint}`];
    }),
  ];
}

function complaintAbout({ code, asked, tookMs, hasSpoken, stderr }: Ending): string | null {
  switch (asked) {
    case 'kill':
      return stderr === '' ? null : `wrote to stderr: ${stderr}`;
    case 'terminate':
      // Before its first line it may not listen yet.
      if (code !== 0 && hasSpoken) return `ended with ${code} on SIGTERM: ${stderr}`;
      return tookMs > longestStopMs ? `took ${Math.round(tookMs)} ms to end` : null;
    case null: {
      const isRefusal = code === 1 && /ENOSPC/.test(stderr);
      return isRefusal ? null : `ended by itself with ${code}: ${stderr}`;
    }
  }
}

/** Every line of history is a write that the API confirmed, and stands there once. */
export function checkHistory(
  text: string,
  entries: readonly Entry[],
  files: readonly WidgetFileHistory[],
): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const counts = new Map<string, number>();
  const torn: string[] = [];
  for (const line of lines) {
    const entry = parsed(line);
    if (entry === null) torn.push(line);
    else {
      const key = `${entry['widget_id']} ${entry['hash']}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const confirmed = countConfirmed(entries, files);
  return [
    ...torn.map((line) => `a line of history is torn: ${line.slice(0, 80)}`),
    ...[...counts]
      .filter(([key, count]) => count > (confirmed.get(key) ?? 0))
      .map(
        ([key, count]) =>
          `the history has ${key} ${count} times, confirmed ${confirmed.get(key) ?? 0} times`,
      ),
  ];
}

function countConfirmed(entries: readonly Entry[], files: readonly WidgetFileHistory[]) {
  const counts = new Map<string, number>();
  for (const { request } of entries) {
    if (request.method !== 'PUT' || !wasPerhapsSuccess(request)) continue;
    const spans = spansOf(files, request.widgetId);
    const content = spans.find((span) => isOf(span, request.body))?.content;
    if (content == null) continue;
    const key = `${request.widgetId} ${hashOf(content)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** A success whose body broke off is taken for one once a read has shown the write. */
function wasPerhapsSuccess({ status, fault }: Entry['request']): boolean {
  return status === 200 || fault === 'cut-body';
}

function parsed(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
