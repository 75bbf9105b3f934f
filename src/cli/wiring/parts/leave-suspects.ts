// Who has lost the tenure of an account tells whoever has it which widgets it may have written all the same.
import type { Clock } from '../../../base/clock.ts';
import { StateError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { StateStore, Suspect, SuspectNotes } from '../../../state/state-store.ts';
import type { UnsettledSends } from '../../../sync/queue/unsettled-sends.ts';

export interface Leaving {
  readonly state: Pick<StateStore, 'tenure' | 'suspects'>;
  readonly unsettled: Pick<UnsettledSends, 'suspects'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly log: Log;
  /** Who goes on with other accounts does not wait for this one. */
  readonly kind: 'oneShot' | 'daemon';
}

/** What took the tenure mostly took the store too, for a while. */
const patienceMs = 60_000;
const pauseMs = 1000;
/** The account may be this process's again, by a way to the store that is not gone. */
const briefMs = 2000;

/** Of this process, and not left yet. */
const leavings = new Set<Promise<void>>();
let hurry = new AbortController();

/**
 * Once nothing of this process can leave any more. Resolves at once where the tenure is not lost, and for a daemon
 * soon in any case: the rest is done beside what goes on.
 */
export async function leaveSuspects(leaving: Leaving): Promise<void> {
  const { state, unsettled, clock, kind } = leaving;
  const { tenure, suspects } = state;
  if (suspects === null || !tenure.ended.aborted) return;
  const left = unsettled.suspects();
  if (left.length === 0) return;
  const done = untilTaken(left, suspects, leaving).finally(() => leavings.delete(done));
  leavings.add(done);
  if (kind === 'oneShot') return await done;
  const brief = new AbortController();
  await Promise.race([done, clock.sleep(briefMs, brief.signal)]);
  brief.abort();
}

/** For who ends: what is not left yet is tried once more. */
export async function untilSuspectsAreLeft(): Promise<void> {
  hurry.abort();
  await Promise.all(leavings);
  hurry = new AbortController();
}

async function untilTaken(
  left: readonly Suspect[],
  suspects: SuspectNotes,
  { clock, log }: Leaving,
): Promise<void> {
  const facts = { widgets: left.map(({ widgetId }) => widgetId) };
  const untilMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const isLast = hurry.signal.aborted || clock.monotonicMs() >= untilMs;
    try {
      await suspects.leave(left);
      log.info(facts, 'left to the replica that holds the account now: it looks at these again');
      return;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (isLast) return log.warn({ ...facts, error: error.message }, untoldWords);
    }
    await clock.sleep(pauseMs, hurry.signal);
  }
}

const untoldWords =
  'what was being sent when the account was lost may be live, and nobody could be told: the next resync looks at it';
