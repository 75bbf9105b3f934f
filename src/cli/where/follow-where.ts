// Waits until what a commit brought is live, in one account or in several, or until only a person can do more.
import { hostname } from 'node:os';
import { StateError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { standingTo } from '../../documents/git/ancestry.ts';
import type { BroughtHere } from '../../documents/git/brought-files.ts';
import type { Standing } from '../../model/commit.ts';
import type { StateView } from '../../state/state-store.ts';
import { accountStatus } from '../../status/account-status.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { isInVain, type Where, whereIs } from '../../status/where.ts';
import type { ProcessContext } from '../process-context.ts';
import { lookAtState, openView } from '../wiring/account-state.ts';
import type { Found } from './where-text.ts';

/** What a commit brought to one account. */
interface Brought {
  /** Null where it is the only one. */
  readonly name: string | null;
  readonly directory: string;
  readonly settings: Settings;
  readonly brought: BroughtHere;
}

export interface Question extends Brought {
  readonly standingOf: (revision: string) => Standing;
}

/** `error`: nothing was applied there so far, or, which is final, what is there cannot be read. */
export type Answer = Found | { readonly error: StateError; readonly isFinal: boolean };

export function questionOf(brought: Brought): Question {
  return { ...brought, standingOf: standings(brought.directory, brought.brought) };
}

const shortestGapMs = 200;
/** Whoever watches over the daemon may start it again within that. */
const goneMs = 15_000;

interface Followed {
  readonly question: Question;
  answer: Answer | null;
  goneSinceMs: number | null;
}

/**
 * The answers, in the order of the questions. Looks again and again; at large accounts more rarely, so that
 * asking costs a quarter of one core at most.
 */
export async function followWhere(
  questions: readonly Question[],
  waitMs: number | null,
  { clock, stop, stderr }: ProcessContext,
): Promise<Answer[]> {
  const endMs = clock.monotonicMs() + (waitMs ?? 0);
  const all = questions.map(
    (question): Followed => ({ question, answer: null, goneSinceMs: null }),
  );
  let open = all;
  let said = '';
  for (;;) {
    const lookedMs = clock.monotonicMs();
    await Promise.all(open.map((one) => lookAgain(one, lookedMs, clock)));
    open = open.filter((one) => !isOver(one, lookedMs));
    if (open.length === 0 || lookedMs >= endMs || stop.aborted) {
      return all.map(({ answer }) => answer ?? never());
    }
    const progress = progressOf(all);
    if (progress !== said) stderr.write(`widget-sync: waiting: ${progress}\n`);
    said = progress;
    const nowMs = clock.monotonicMs();
    const gapMs = Math.max(shortestGapMs, 3 * (nowMs - lookedMs));
    await clock.sleep(Math.max(0, Math.min(gapMs, endMs - nowMs)), stop);
  }
}

function never(): never {
  throw new Error('each question was looked at');
}

async function lookAgain(
  one: Followed,
  lookedMs: number,
  clock: ProcessContext['clock'],
): Promise<void> {
  one.answer = await look(one.question, clock);
  const isGone = !('error' in one.answer) && one.answer.daemon === 'gone';
  one.goneSinceMs = isGone ? (one.goneSinceMs ?? lookedMs) : null;
}

function isOver({ answer, goneSinceMs }: Followed, lookedMs: number): boolean {
  if (answer === null) return false;
  if ('error' in answer) return answer.isFinal;
  const isGone = goneSinceMs !== null && lookedMs - goneSinceMs >= goneMs;
  return isGone || isDone(answer.where) || isInVain(answer.where);
}

async function look(
  { settings, brought: { files }, standingOf }: Question,
  clock: ProcessContext['clock'],
): Promise<Answer> {
  try {
    // Nothing was applied there yet, but may be.
    await lookAtState(settings, { clock }).requireState();
  } catch (error) {
    if (error instanceof StateError) return { error, isFinal: false };
    throw error;
  }
  try {
    const { view } = await openView(settings, { clock });
    const found = await lookIn(view, files, standingOf);
    const holder = await view.holder();
    const asked = { now: clock.now(), host: hostname(), maxAgeMs: defaultMaxAgeMs, holder };
    return { ...found, holder, daemon: daemonState(found.pass, asked) };
  } catch (error) {
    if (error instanceof StateError) return { error, isFinal: true };
    throw error;
  }
}

async function lookIn(
  view: StateView,
  files: BroughtHere['files'],
  standingOf: Question['standingOf'],
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

export function isDone({ widgets }: Where): boolean {
  return widgets.every((widget) => widget.isDone);
}

function progressOf(all: readonly Followed[]): string {
  const answers = all.flatMap(({ answer }) => answer ?? []);
  const found = answers.flatMap((answer) => ('error' in answer ? [] : [answer.where]));
  if (found.length === 0) return 'there is no state directory yet';
  const widgets = all.flatMap(({ question }) => question.brought.files).length;
  const ended = found.flatMap((one) => one.widgets).filter((widget) => widget.isDone).length;
  const seen = found.every((one) => one.seen !== 'no') ? '' : '; the commit is not seen yet';
  const where = all.length === 1 ? '' : ` in ${all.length} accounts`;
  return `${ended} of ${widgets} done${where}${seen}`;
}
