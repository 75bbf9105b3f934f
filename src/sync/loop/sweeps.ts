// Sweeps, one after the other: a sweep reads what is live of every widget, beside the passes, so that
// an edit does not wait for an account to be read. Requests during one become one more, and what was
// asked for is owed until it has been done.
import { sharedController } from '../../base/abort.ts';
import type { SweepTrigger } from './loop-types.ts';
import type { Attempts } from './retries.ts';

/** What asks for more takes the place of what asks for less: only `start` never sends blindly. */
const weight: { readonly [trigger in SweepTrigger]: number } = {
  start: 0,
  resync: 1,
  signal: 1,
  resend: 2,
};

export interface SweepsDeps {
  readonly attempts: Pick<Attempts, 'attempt'>;
  /** Looks at what is live of every widget; false when the signal kept it from that. */
  readonly sweep: (trigger: SweepTrigger, signal: AbortSignal) => Promise<boolean>;
  readonly onBug: (error: unknown) => void;
}

export class Sweeps {
  readonly #deps: SweepsDeps;
  #underWay: Promise<void> | null = null;
  #reading = sharedController();
  #next: SweepTrigger | null = null;
  #isHeld = false;
  #isStopped = false;
  /** Until one has read everything, whatever asks for the next. */
  #owesResend = false;

  constructor(deps: SweepsDeps) {
    this.#deps = deps;
  }

  ask(trigger: SweepTrigger): void {
    if (this.#isStopped) return;
    const waiting = this.#next;
    this.#next = waiting !== null && weight[waiting] > weight[trigger] ? waiting : trigger;
    this.#begin();
  }

  /** Begins none until `resume`: the files do not say at present what concerns anybody. */
  hold(): void {
    this.#isHeld = true;
  }

  /** As `hold`, and the one under way is begun anew afterwards: its files are gone. */
  interrupt(): void {
    this.hold();
    this.#reading.abort();
    this.#reading = sharedController();
  }

  resume(): void {
    this.#isHeld = false;
    this.#begin();
  }

  /** Ends the one under way, begins no more, and resolves when nothing runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#next = null;
    this.#reading.abort();
    await this.#underWay;
  }

  #begin(): void {
    const trigger = this.#next;
    if (trigger === null || this.#isHeld || this.#underWay !== null) return;
    this.#next = null;
    this.#underWay = this.#sweep(trigger)
      .catch(this.#deps.onBug)
      .then(() => {
        this.#underWay = null;
        this.#begin();
      });
  }

  #sweep(asked: SweepTrigger): Promise<void> {
    const { attempts, sweep } = this.#deps;
    const trigger = this.#owesResend ? 'resend' : asked;
    this.#owesResend = trigger === 'resend';
    const again = () => this.ask(trigger);
    return attempts.attempt('sweep', { trigger, again }, async () => {
      if (await sweep(trigger, this.#reading.signal)) this.#owesResend = false;
      else again();
    });
  }
}
