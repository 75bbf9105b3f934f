// Sweeps, one after the other: a sweep reads what is live of every widget, beside the passes, so that
// an edit does not wait for an account to be read. Requests during one become one more.

/** Why everything is looked at: at the start, by schedule, by SIGHUP, or (`resend`) by SIGUSR2. */
export type SweepTrigger = 'start' | 'resync' | 'signal' | 'resend';

export class Sweeps {
  readonly #sweep: (trigger: SweepTrigger) => Promise<void>;
  #running: Promise<void> | null = null;
  #next: SweepTrigger | null = null;
  #stopped = false;

  /** `sweep` must not reject. */
  constructor(sweep: (trigger: SweepTrigger) => Promise<void>) {
    this.#sweep = sweep;
  }

  ask(trigger: SweepTrigger): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#next = this.#next === 'resend' ? 'resend' : trigger;
      return;
    }
    this.#running = this.#sweep(trigger).then(() => {
      this.#running = null;
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.ask(next);
    });
  }

  /** Begins no more, and resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#next = null;
    await this.#running;
  }
}
