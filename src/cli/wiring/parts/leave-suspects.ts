// Who has lost the tenure of an account tells whoever has it which widgets it may have written all the same.
import type { Clock } from '../../../base/clock.ts';
import { StateError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { StateStore } from '../../../state/state-store.ts';
import type { UnsettledSends } from '../../../sync/queue/unsettled-sends.ts';

export interface Leaving {
  readonly state: Pick<StateStore, 'tenure' | 'suspects'>;
  readonly unsettled: Pick<UnsettledSends, 'suspects'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly log: Log;
}

/** What took the tenure mostly took the store too, for a while. */
const patienceMs = 60_000;
const pauseMs = 1000;

/** Once nothing of this process can leave any more. Resolves at once where the tenure is not lost. */
export async function leaveSuspects({ state, unsettled, clock, log }: Leaving): Promise<void> {
  const { tenure, suspects } = state;
  if (suspects === null || !tenure.ended.aborted) return;
  const left = unsettled.suspects();
  if (left.length === 0) return;
  const facts = { widgets: left.map(({ widgetId }) => widgetId) };
  const untilMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      await suspects.leave(left);
      log.info(facts, 'left to the replica that holds the account now: it looks at these again');
      return;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (clock.monotonicMs() >= untilMs) {
        log.warn({ ...facts, error: error.message }, untoldWords);
        return;
      }
    }
    await clock.sleep(pauseMs);
  }
}

const untoldWords =
  'what was being sent when the account was lost may be live, and nobody could be told: the next resync looks at it';
