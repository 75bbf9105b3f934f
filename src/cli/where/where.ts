// `where`: whether what a commit brought is live, from git's own files and the state directory alone. Needs
// no key, no network and no lock.
import { hostname } from 'node:os';
import { StateError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { Settings } from '../../config/settings.ts';
import { standingTo } from '../../documents/git/ancestry.ts';
import { type BroughtHere, readBrought } from '../../documents/git/brought-files.ts';
import type { Standing } from '../../model/commit.ts';
import type { StateView } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { isInVain, type Where, whereIs } from '../../status/where.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { lookAtState, openView } from '../wiring/account-state.ts';
import { type Told, whereJson, whereText } from './where-text.ts';

export interface WhereRequest {
  /** A commit, or `A..B`. */
  readonly range: string;
  readonly directory: string;
  readonly settings: Settings;
  /** How long to wait until all is live, in milliseconds; null: not at all. */
  readonly waitMs: number | null;
  readonly json: boolean;
}

/**
 * 0: all of it is live, or something later is. 1: not yet. Throws `UsageError` and `StateError` where it
 * cannot be told.
 */
export async function where(request: WhereRequest, context: ProcessContext): Promise<ExitCode> {
  const { range, directory, json } = request;
  const brought = readBrought(directory, range, context.clock.now());
  const found = await waited(brought, request, context);
  const told: Told = { brought, ...found };
  const { stdout } = context;
  stdout.write(`${json ? stringifyJson(whereJson(told), 2) : whereText(told, context)}\n`);
  return isDone(found.where) ? exitCode.ok : exitCode.failed;
}

type Found = Omit<Told, 'brought'>;

const shortestGapMs = 200;
/** Whoever watches over the daemon may start it again within that. */
const goneMs = 15_000;

/** Looks again and again; at a large account more rarely, so that asking costs a quarter of one core at most. */
async function waited(
  brought: BroughtHere,
  request: WhereRequest,
  { clock, stop, stderr }: ProcessContext,
): Promise<Found> {
  const startedMs = clock.monotonicMs();
  const endMs = startedMs + (request.waitMs ?? 0);
  const standingOf = standings(request.directory, brought);
  let said = '';
  let goneSinceMs: number | null = null;
  for (;;) {
    const lookedMs = clock.monotonicMs();
    const isLast = lookedMs >= endMs || stop.aborted;
    const found = await look(brought, { request, standingOf, clock, isLast });
    if (found !== null && (isDone(found.where) || isInVain(found.where))) return found;
    goneSinceMs = found?.daemon === 'gone' ? (goneSinceMs ?? lookedMs) : null;
    if (isLast || (goneSinceMs !== null && lookedMs - goneSinceMs >= goneMs)) {
      if (found === null) throw new Error('the last look throws where there is no state');
      return found;
    }
    const progress = found === null ? 'there is no state directory yet' : progressOf(found.where);
    if (progress !== said) stderr.write(`widget-sync: waiting: ${progress}\n`);
    said = progress;
    const nowMs = clock.monotonicMs();
    const gapMs = Math.max(shortestGapMs, 3 * (nowMs - lookedMs));
    await clock.sleep(Math.max(0, Math.min(gapMs, endMs - nowMs)), stop);
  }
}

interface LookDeps extends Pick<ProcessContext, 'clock'> {
  readonly request: Pick<WhereRequest, 'settings'>;
  readonly standingOf: (revision: string) => Standing;
  readonly isLast: boolean;
}

/** Null where nothing was applied here yet, but may be. Throws `StateError`. */
async function look(
  { files }: BroughtHere,
  { request: { settings }, standingOf, clock, isLast }: LookDeps,
): Promise<Found | null> {
  try {
    await lookAtState(settings, { clock }).requireState();
  } catch (error) {
    if (isLast || !(error instanceof StateError)) throw error;
    return null;
  }
  const { view } = await openView(settings, { clock });
  const found = await lookIn(view, files, standingOf);
  const holder = await view.holder();
  const asked = { now: clock.now(), host: hostname(), maxAgeMs: defaultMaxAgeMs, holder };
  return { ...found, holder, daemon: daemonState(found.pass, asked) };
}

async function lookIn(
  view: StateView,
  files: BroughtHere['files'],
  standingOf: LookDeps['standingOf'],
): Promise<Pick<Found, 'where' | 'pass'>> {
  // The status first: what is confirmed in between is then seen in its record.
  const { status } = await view.status();
  const wanted = new Set(files.flatMap(({ widgetId }) => widgetId ?? []));
  const records = await view.recordsOf(wanted);
  const account = accountStatus(records, status);
  const byId = new Map(records.map((record) => [record.widgetId, record]));
  return { where: whereIs(files, { records: byId, account, standingOf }), pass: status };
}

/** Remembers what does not change: more of a history may be fetched meanwhile. */
function standings(directory: string, { end }: BroughtHere): (revision: string) => Standing {
  const known = new Map<string, Standing>();
  return (revision) => {
    const standing = known.get(revision) ?? standingTo(directory, end, revision);
    if (standing !== 'unknown') known.set(revision, standing);
    return standing;
  };
}

function isDone({ widgets }: Where): boolean {
  return widgets.every((widget) => widget.isDone);
}

function progressOf({ widgets, seen }: Where): string {
  const ended = widgets.filter((widget) => widget.isDone).length;
  const unseen = seen === 'no' ? '; the commit is not seen yet' : '';
  return `${ended} of ${widgets.length} done${unseen}`;
}
