// What lies between a process and the store: it takes time, and may be cut for a while. What was on its way then
// arrives later, or never where the connection has ended meanwhile.
import { StateError } from '../../../src/base/errors.ts';
import type { ModelProcess } from './model-process.ts';
import type { World } from './world.ts';

interface Way {
  lastMs: number;
}

/** Between one process and the store. */
export class ModelLink {
  readonly #world: World;
  readonly #longestMs: number;
  #isCut = false;
  #held: (() => void)[] = [];

  constructor(world: World, longestMs: number) {
    this.#world = world;
    this.#longestMs = longestMs;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** In the order in which it was handed over, as far as it goes one way. */
  carry(way: Way, act: () => unknown): void {
    const { dice } = this.#world;
    const ms = dice.lucky(0.95) ? dice.between(0, 5) : dice.between(0, this.#longestMs);
    way.lastMs = Math.max(way.lastMs, this.#world.nowMs + ms);
    this.#world.after(way.lastMs - this.#world.nowMs, () => {
      if (!this.#isCut) return act();
      this.#held.push(() => this.carry(way, act));
      return false;
    });
  }

  cut(ms: number): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#world.after(ms, () => {
      this.#isCut = false;
      const held = this.#held;
      this.#held = [];
      // Its system sends again, after a while.
      this.#world.after(this.#world.dice.between(0, 1000), () => {
        for (const carry of held) carry();
        return false;
      });
      return false;
    });
  }
}

/** What a connection meets at its other end. */
export interface Server {
  /** Null: nobody is there. Calls back once it gets to it. */
  receive(act: () => unknown): 'taken' | 'nobody';
}

export class ModelConnection {
  readonly #ended = new AbortController();
  readonly #link: ModelLink;
  readonly #server: Server;
  readonly #process: ModelProcess;
  readonly #up: Way = { lastMs: 0 };
  readonly #down: Way = { lastMs: 0 };
  readonly #refusals = new Set<(error: Error) => void>();
  /** As the server sees it. */
  isOpen = true;
  onServerEnd: () => void = () => {};
  onHeard: () => void = () => {};

  constructor(server: Server, process: ModelProcess, link: ModelLink) {
    this.#server = server;
    this.#process = process;
    this.#link = link;
  }

  /** Its process does not live without it: the system ends it where the process is killed. */
  endWithProcess(): void {
    this.#process.onKilled(() => this.#sendEnd());
  }

  /** Aborted once its own process knows. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Acts at the server; rejects where it is not known whether that happened. */
  ask<Answer>(act: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended.signal.aborted) return reject(new StateError('the connection has ended'));
      this.#refusals.add(reject);
      this.#link.carry(this.#up, () => {
        const isTaken = this.#server.receive(() => {
          if (!this.isOpen) return this.#tellEnd();
          this.onHeard();
          const answer = act();
          return this.tell(() => {
            this.#refusals.delete(reject);
            resolve(answer);
          });
        });
        if (isTaken === 'nobody') this.endAtServer();
        return false;
      });
    });
  }

  /** From the server to the process. */
  tell(act: () => unknown): false {
    this.#link.carry(this.#down, () =>
      this.#process.arrive(this, () => !this.#ended.signal.aborted && act()),
    );
    return false;
  }

  endAtServer(): void {
    if (this.isOpen) {
      this.isOpen = false;
      this.onServerEnd();
    }
    this.#tellEnd();
  }

  /** By its process. */
  close(): void {
    this.#endHere();
    this.#sendEnd();
  }

  #sendEnd(): void {
    this.#link.carry(this.#up, () => {
      this.#server.receive(() => {
        if (this.isOpen) this.endAtServer();
        return false;
      });
      return false;
    });
  }

  #tellEnd(): false {
    return this.tell(() => this.#endHere());
  }

  #endHere(): void {
    for (const refuse of this.#refusals) refuse(new StateError('the connection has ended'));
    this.#refusals.clear();
    this.#ended.abort();
  }
}
