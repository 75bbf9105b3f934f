// Passes, one after the other: what is asked for during one becomes one more. What a pass was to send
// is owed until one has sent it.

import type { Ask, Trigger } from './loop-types.ts';
import type { Attempts } from './retries.ts';

export interface PassesDeps {
  readonly attempts: Pick<Attempts, 'attempt'>;
  /** False when nothing was handed over: what it was to send is still owed. */
  readonly pass: (ask: Ask) => Promise<boolean>;
  readonly onBug: (error: unknown) => void;
}

export class Passes {
  readonly #deps: PassesDeps;
  #asked: Ask | null = null;
  #working: Promise<void> | null = null;
  #owesForce = false;
  #isStopped = false;

  constructor(deps: PassesDeps) {
    this.#deps = deps;
  }

  ask(trigger: Trigger, what: Partial<Pick<Ask, 'force'>> = {}): void {
    if (this.#isStopped) return;
    const waiting = this.#asked;
    this.#asked = {
      // A look at the files takes nobody's place.
      trigger: waiting === null || waiting.trigger === 'files' ? trigger : waiting.trigger,
      force: (what.force ?? false) || (waiting?.force ?? false),
    };
    this.#working ??= this.#work().catch(this.#deps.onBug);
  }

  /** Begins no more, and resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#asked = null;
    await this.#working;
  }

  async #work(): Promise<void> {
    // A turn of the event loop later, so that requests made together become one pass.
    await Promise.resolve();
    try {
      for (let next = this.#asked; next !== null; next = this.#asked) {
        this.#asked = null;
        await this.#passOnce(next);
      }
    } finally {
      // In the same turn as the last look at requests: whatever comes next begins anew.
      this.#working = null;
    }
  }

  async #passOnce(ask: Ask): Promise<void> {
    const { attempts, pass } = this.#deps;
    const force = ask.force || this.#owesForce;
    this.#owesForce = force;
    const again = () => this.ask('retry');
    await attempts.attempt('pass', { trigger: ask.trigger, again }, async () => {
      if (await pass({ ...ask, force })) this.#owesForce = false;
    });
  }
}
