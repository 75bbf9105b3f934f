// What the probes of a process with many accounts answer. A probe asks whether it helps to start the process
// again, or to send nobody to it: one account that fails at its API is no reason for either.
import type { Clock } from '../../base/clock.ts';
import { count, oneLine } from '../../base/text.ts';
import { roughText } from '../../render/status-page/ages.ts';
import type { FollowedPages } from './followed-pages.ts';

/** Characters. */
const longestReason = 500;

/** One line: which loops stand still; null where none does. */
export function stalledReason(followed: ReadonlyMap<string, FollowedPages>): string | null {
  const stalled = [...followed].filter(([, { deps }]) => !deps.liveness.isAlive);
  const [first] = stalled;
  if (first === undefined) return null;
  const [name, { deps }] = first;
  const silent = `no sign of work for ${roughText(deps.liveness.silentMs)} of ${name}`;
  return stalled.length === 1
    ? silent
    : `${silent} and ${count(stalled.length - 1, 'more account')}`;
}

/** An account that was not begun yet, as it stands in the list. */
export interface Standing {
  readonly name: string;
  /** Why it is not followed; null: it is, or is about to be. */
  readonly trouble: string | null;
}

/** Accounts whose first look takes longer are not waited for, once another has had its own. */
const longestStartMs = 10_000;

export class AccountsReadiness {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #startedMs: number;
  #hasStarted = false;
  #hasStoodBy = false;

  /** To be made as the process begins. */
  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** It has come to the point where it could go on with accounts that others follow. */
  standsBy(): void {
    this.#hasStoodBy = true;
  }

  /** One line: why the process is not ready; null where it is. `whyNone`: why there is no account. */
  reason(
    standing: readonly Standing[],
    followed: ReadonlyMap<string, FollowedPages>,
    whyNone: () => string,
  ): string | null {
    if (standing.length === 0) {
      return this.#hasStarted || this.#hasStoodBy ? null : oneLine(whyNone(), longestReason);
    }
    const told = standing.map(({ name, trouble }) => ({
      name,
      trouble,
      readiness: followed.get(name)?.readiness ?? null,
    }));
    const opening = told.filter(
      ({ trouble, readiness }) => trouble === null && readiness?.isSettled !== true,
    );
    // An account that comes later is begun beside the others.
    const isLate = this.#clock.monotonicMs() - this.#startedMs >= longestStartMs;
    this.#hasStarted ||= opening.length === 0 || (isLate && opening.length < standing.length);
    if (!this.#hasStarted) {
      return `the first look at ${count(opening.length, 'account')} is under way`;
    }
    const waits = told.map(({ name, trouble, readiness }) => {
      const why = trouble ?? (readiness === null ? 'it is about to be followed' : readiness.reason);
      return why === null ? null : `${name}: ${why}`;
    });
    if (waits.includes(null)) return null;
    return oneLine(`no account is ready; ${waits[0]}`, longestReason);
  }
}
