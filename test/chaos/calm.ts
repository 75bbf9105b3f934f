// Lets everything come to rest, and says what is then not as it should be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { codeOf } from '../../src/errors.ts';
import { isJsonObject, type JsonObject } from '../../src/json.ts';
import { checkEndings, checkHistory } from './daemon-checks.ts';
import { checkRequests } from './requests-checks.ts';
import { type Excuses, excused, findDifferences, type Now } from './settled-checks.ts';
import { requestsPerSecond, type World } from './world.ts';

/** The longest pauses that a few seconds of faults can lead to, with time to act after them. */
const patienceMs = 40_000;
/** A read shortly after a write counts as late: what it shows of the old is for the next resync. */
const lagMs = 17_000;
const stillMs = 150;
const lookEveryMs = 30;

export interface Calm {
  readonly violations: readonly string[];
  /** How long it took until everything was as it should be. */
  readonly tookMs: number;
  /** Widgets that were left as they were until everything was sent again. */
  readonly excused: number;
}

/** The daemon runs, nothing goes wrong any more, and nobody interferes. */
export async function calmDown(world: World): Promise<Calm> {
  const startedMs = systemClock.monotonicMs();
  const left = await settle(world, 'reported');
  const tookMs = systemClock.monotonicMs() - startedMs;
  const waiting = left.length === 0 ? excused(lookAt(world)).length : 0;
  if (waiting > 0) {
    world.daemon.signal('SIGUSR2');
    left.push(...(await settle(world, 'none')));
  }
  return { violations: [...left, ...checkPast(world)], tookMs, excused: waiting };
}

function checkPast(world: World): string[] {
  const { journal, files, daemon } = world;
  const { entries, edits } = journal;
  const history = readText(join(world.stateDirectory, 'history.ndjson')) ?? '';
  return [
    ...checkRequests({ entries, edits, files: files.histories, requestsPerSecond }),
    ...checkEndings(daemon.endings, daemon.bugs),
    ...checkHistory(history, entries, files.histories),
    ...(daemon.isRunning ? [] : ['the daemon is gone']),
  ];
}

/** What is still not as it should be when patience ends; nothing as soon as all is, and stays so. */
async function settle(world: World, excuses: Excuses): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  const resyncAtMs = systemClock.monotonicMs() + lagMs;
  let hasResynced = false;
  let differences: string[] = [];
  for (let stillSinceMs: number | null = null; systemClock.monotonicMs() < untilMs; ) {
    const nowMs = systemClock.monotonicMs();
    if (differences.length > 0 && !hasResynced && nowMs > resyncAtMs) {
      hasResynced = true;
      world.daemon.signal('SIGHUP');
    }
    differences = world.daemon.hasLooked
      ? findDifferences(lookAt(world), excuses)
      : ['the daemon has not looked at its files'];
    if (differences.length > 0 || isBusy(world, nowMs)) stillSinceMs = null;
    else if (stillSinceMs === null) stillSinceMs = nowMs;
    else if (nowMs - stillSinceMs >= stillMs) return [];
    await systemClock.sleep(lookEveryMs);
  }
  return differences.length > 0 ? differences : ['requests are sent without end'];
}

/** Writes only: a schedule that reads everything is no unrest. */
function isBusy({ journal }: World, nowMs: number): boolean {
  const last = journal.entries.findLast(({ request }) => request.method === 'PUT');
  return last !== undefined && (last.request.endedAtMs ?? nowMs) > nowMs - stillMs;
}

export function lookAt({ files, sandbox, stateDirectory, journal, daemon }: World): Now {
  const endedRuns = [...journal.recorded];
  const hasLateReads = journal.entries.some(({ request }) => request.fault === 'stale');
  const widgets = files.histories.map(({ widgetId, spans }, n) => ({
    ...{ n, widgetId, spans, hasLateReads },
    path: files.path(n),
    standing: files.standing(n),
    live: sandbox.widget(widgetId) ?? {},
    record: readJson(join(stateDirectory, 'widgets', `${widgetId}.json`)),
    entries: journal.entries.filter(({ request }) => request.widgetId === widgetId),
    recordedRuns: new Set([
      daemon.runs,
      ...endedRuns.flatMap(([run, widgets]) => (widgets.has(widgetId) ? [run] : [])),
    ]),
  }));
  return { widgets, status: readJson(join(stateDirectory, 'status.json')) };
}

function readJson(path: string): JsonObject | null {
  const text = readText(path);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
