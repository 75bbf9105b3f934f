// Keeps a session alive for whoever shares nothing: a command that holds one account while it runs.
import { messageOf } from '../base/errors.ts';
import { momentOf, type ReplicaClock } from './furthest-clock.ts';
import { inTime } from './in-time.ts';
import type { ReplicaSession } from './replica-store.ts';
import type { SessionTerm } from './session-tenure.ts';

export interface KeptSession {
  readonly session: Pick<ReplicaSession, 'beat' | 'ended'>;
  readonly term: SessionTerm;
  readonly clock: ReplicaClock;
  readonly beatMs: number;
}

/** Resolves with why, the end of a sentence, in the moment in which its term is over. Never rejects. */
export async function keepSession({ session, term, clock, beatMs }: KeptSession): Promise<string> {
  session.ended.addEventListener('abort', () => term.end());
  if (session.ended.aborted) term.end();
  try {
    while (term.leftMs() > 0) {
      const sentAt = momentOf(clock);
      await inTime(session.beat(), term, clock);
      term.renew(sentAt);
      await clock.sleep(sentAt.monotonicMs + beatMs - clock.monotonicMs(), term.over);
    }
    return 'its session in the store is over';
  } catch (error) {
    term.end();
    return messageOf(error);
  }
}
