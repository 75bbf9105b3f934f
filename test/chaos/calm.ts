// Lets everything come to rest, and says what is then not as it should be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { codeOf } from '../../src/base/errors.ts';
import { isJsonObject, type JsonObject } from '../../src/base/json/json.ts';
import { checkEndings, checkHistory } from './daemon-checks.ts';
import type { Now } from './now.ts';
import { checkRequests } from './past-checks.ts';
import type { Past } from './requests-checks.ts';
import { type Excuses, excusesOf, findDifferences, isHalted } from './settled-checks.ts';
import { requestsPerSecond, type World } from './world.ts';

/** The longest pauses that a few seconds of faults can lead to, with time to act after them. */
const alonePatienceMs = 75_000;
/** From the moment everything was asked for. */
const patienceMs = 40_000;
/** A read shortly after a write counts as late: what it shows of the old is for the next resync. */
const lagMs = 17_000;
const stillMs = 150;
/** A look reads every record. */
const lookEveryMs = 75;

export interface Calm {
  readonly violations: readonly string[];
  /** How long it took until all that nobody has to help with was as it should be. */
  readonly tookMs: number;
  /** Why each widget was left as it was that had to be looked at, or sent, once more. */
  readonly excuses: readonly string[];
}

/**
 * The daemon runs, nothing goes wrong any more, and nobody interferes. It is judged first by what it
 * does of its own accord; only where a recorded reason stands is it asked to look, and then to send.
 */
export async function calmDown(world: World): Promise<Calm> {
  const startedMs = systemClock.monotonicMs();
  const violations = await settle(world, 'recorded');
  const tookMs = systemClock.monotonicMs() - startedMs;
  const excuses: string[] = [];
  for (const stage of ['reported', 'none'] as const) {
    const left = excusesOf(lookAt(world), stage === 'reported' ? 'recorded' : 'reported');
    if (violations.length > 0 || left.length === 0) break;
    excuses.push(...left);
    world.daemon.signal(stage === 'reported' ? 'SIGHUP' : 'SIGUSR2');
    violations.push(...(await settle(world, stage)));
  }
  return { violations: [...violations, ...checkPast(world)], tookMs, excuses };
}

function checkPast(world: World): string[] {
  const { files, daemon, journal } = world;
  const history = readText(join(world.stateDirectory, 'history.ndjson')) ?? '';
  return [
    ...checkRequests(pastOf(world)),
    ...checkEndings(daemon.endings, daemon.bugs),
    ...checkHistory(history, journal.entries, files.histories),
    ...(daemon.isRunning ? [] : ['the daemon is gone']),
  ];
}

export function pastOf({ journal, files, daemon, leaps }: World): Past {
  const { entries, edits } = journal;
  const { outages } = daemon;
  return { entries, edits, files: files.histories, outages, leaps, requestsPerSecond };
}

/** What is still not as it should be when patience ends; nothing as soon as all is, and stays so. */
async function settle(world: World, excuses: Excuses): Promise<string[]> {
  const startedMs = systemClock.monotonicMs();
  const untilMs = startedMs + (excuses === 'recorded' ? alonePatienceMs : patienceMs);
  let mayAskAgain = excuses === 'reported';
  let differences: string[] = [];
  for (let stillSinceMs: number | null = null; systemClock.monotonicMs() < untilMs; ) {
    const nowMs = systemClock.monotonicMs();
    if (mayAskAgain && differences.length > 0 && nowMs > startedMs + lagMs) {
      mayAskAgain = false;
      world.daemon.signal('SIGHUP');
    }
    const now = lookAt(world);
    // Its first look may have been refused, too.
    const hasBegun = world.daemon.hasLooked || (excuses === 'recorded' && isHalted(now));
    differences = hasBegun
      ? findDifferences(now, excuses)
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

export function lookAt(world: World): Now {
  const { files, sandbox, stateDirectory, journal, daemon } = world;
  const endedRuns = [...journal.recorded];
  const widgets = files.histories.map(({ widgetId, spans }, n) => ({
    ...{ n, widgetId, spans, run: daemon.runs },
    path: files.path(n),
    standing: files.standing(n),
    live: sandbox.widget(widgetId) ?? {},
    record: readJson(join(stateDirectory, 'widgets', `${widgetId}.json`)),
    entries: journal.entries.filter(({ request }) => request.widgetId === widgetId),
    reads: journal.entries.filter(({ shown }) => shown?.has(widgetId)),
    edits: journal.edits.filter((edit) => edit.widgetId === widgetId),
    recordedRuns: new Set([
      daemon.runs,
      ...endedRuns.flatMap(([run, widgets]) => (widgets.has(widgetId) ? [run] : [])),
    ]),
  }));
  const status = readJson(join(stateDirectory, 'status.json'));
  return { widgets, status, isKeyRefused: isKeyRefused(world) };
}

/** The key that was refused is the one that still stands in the file: no other one is to come. */
function isKeyRefused({ journal, daemon, keyWrittenAtMs }: World): boolean {
  return journal.entries.some(
    ({ request, daemon: run }) =>
      run === daemon.runs && request.status === 401 && request.startedAtMs >= keyWrittenAtMs,
  );
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
