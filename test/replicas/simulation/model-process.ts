// A process as the system runs it: stopped in the middle of anything, with clocks that go on or stand still
// meanwhile, or killed. What arrives while it does not run waits, as in a socket.
import type { ReplicaClock } from '../../../src/replicas/furthest-clock.ts';
import type { World } from './world.ts';

/**
 * `stopped` (SIGSTOP): all clocks go on. `asleep` (a laptop, a paused machine whose clock is set right): only
 * the boot or the wall clock does. `frozen`: none does.
 */
export type Stall = 'stopped' | 'asleep' | 'frozen';

interface Arrival {
  /** What comes by one way comes in its order. */
  readonly way: unknown;
  readonly act: () => unknown;
}

export class ModelProcess {
  readonly clock: ReplicaClock;
  readonly #world: World;
  readonly #onKilled = new Set<() => void>();
  #standing: 'running' | 'stalled' | 'dead' = 'running';
  #arrived: Arrival[] = [];
  /** What each clock has missed. */
  readonly #missed = { monotonicMs: 0, bootMs: 0, wallMs: 0 };

  constructor(world: World, clocks: 'all' | 'monotonic' = 'all') {
    this.#world = world;
    const missed = this.#missed;
    const monotonicMs = () => world.nowMs - missed.monotonicMs;
    const others = clocks === 'all';
    this.clock = {
      monotonicMs,
      bootMs: () => (others ? world.nowMs - missed.bootMs : monotonicMs()),
      now: () => new Date(1e12 + (others ? world.nowMs - missed.wallMs : monotonicMs())),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get isRunning(): boolean {
    return this.#standing === 'running';
  }

  get isDead(): boolean {
    return this.#standing === 'dead';
  }

  arrive(way: unknown, act: () => unknown): unknown {
    if (this.#standing === 'dead') return false;
    if (this.#standing === 'running') return act();
    this.#arrived.push({ way, act });
    return false;
  }

  stall(kind: Stall, ms: number): void {
    if (this.#standing !== 'running') return;
    this.#standing = 'stalled';
    const bootGoesOn = this.#world.dice.lucky(0.5);
    this.#world.after(ms, () => {
      if (this.#standing === 'dead') return false;
      this.#standing = 'running';
      if (kind !== 'stopped') this.#missed.monotonicMs += ms;
      if (kind === 'frozen' || (kind === 'asleep' && !bootGoesOn)) this.#missed.bootMs += ms;
      if (kind === 'frozen' || (kind === 'asleep' && bootGoesOn)) this.#missed.wallMs += ms;
      this.#goOn();
      return true;
    });
  }

  jumpWallClock(ms: number): void {
    this.#missed.wallMs -= ms;
  }

  kill(): void {
    this.#standing = 'dead';
    for (const listener of this.#onKilled) listener();
  }

  /** What the system does for a process that is no more. */
  onKilled(listener: () => void): void {
    this.#onKilled.add(listener);
  }

  /** What waited comes in any order, but for what came by one way. */
  #goOn(): void {
    let arrived = this.#arrived;
    this.#arrived = [];
    while (arrived.length > 0) {
      const { way } = arrived[this.#world.dice.between(0, arrived.length - 1)] ?? {};
      const first = arrived.find((arrival) => arrival.way === way);
      arrived = arrived.filter((arrival) => arrival !== first);
      if (first !== undefined) this.#world.after(0, () => this.arrive(first.way, first.act));
    }
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted) return Promise.resolve();
    const { monotonicMs } = this.clock;
    const dueMs = monotonicMs() + ms;
    return new Promise((resolve) => {
      let isDone = false;
      const done = () => {
        isDone = true;
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const ring = (): unknown => {
        if (isDone) return false;
        // Its clock may have stood still.
        const leftMs = dueMs - monotonicMs();
        if (leftMs > 0) arm(leftMs);
        else done();
        return leftMs <= 0;
      };
      const arm = (leftMs: number) => {
        this.#world.after(leftMs, () => !isDone && this.arrive({}, ring));
      };
      signal?.addEventListener('abort', done);
      arm(ms);
    });
  }
}
