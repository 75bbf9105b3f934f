// The API of the accounts, across a network that may take as long as a request lasts. A request that is reset is
// not delivered any more; who does not run resets nothing.
import type { Judge, Limits, Sender } from './judge.ts';
import type { ModelProcess } from './model-process.ts';
import type { World } from './world.ts';

export class ModelApi {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #limits: Limits;
  /** The last version of each widget. */
  readonly live = new Map<string, number>();

  constructor(world: World, judge: Judge, limits: Limits) {
    this.#world = world;
    this.#judge = judge;
    this.#limits = limits;
  }

  /** Whether it was answered, before the signal resets it. */
  put(sender: Sender, version: number, from: { process: ModelProcess; signal: AbortSignal }) {
    const { dice } = this.#world;
    const { timeoutMs } = this.#limits;
    const { process, signal } = from;
    const ms = dice.lucky(0.8) ? dice.between(5, 150) : dice.between(5, timeoutMs * 1.5);
    return new Promise<boolean>((resolve) => {
      signal.addEventListener('abort', () => resolve(false));
      const deliver = () => {
        if (signal.aborted) return false;
        this.#judge.delivered(sender, version);
        this.live.set(`${sender.account}/${sender.widget}`, version);
        this.#world.after(dice.between(5, 50), () => process.arrive({}, () => resolve(true)));
        return false;
      };
      const atTimeout = () => {
        // What its process would reset by now, the other end has had long enough.
        if (!process.isRunning) return deliver();
        this.#world.after(ms - timeoutMs, deliver);
        return false;
      };
      if (ms <= timeoutMs) this.#world.after(ms, deliver);
      else this.#world.after(timeoutMs, atTimeout);
    });
  }
}
