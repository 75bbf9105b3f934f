// A clock that is set by hand against the times of real files, which nobody can set.
import { statSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.ts';

export class HandClock implements Clock {
  /** An hour from now: nothing that a test has written is young then. */
  #wallMs = Date.now() + 3_600_000;
  #elapsedMs = 0;
  #surprise: (() => void) | null = null;

  now(): Date {
    const surprise = this.#surprise;
    this.#surprise = null;
    surprise?.();
    return new Date(this.#wallMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Nobody sleeps here. */
  sleep(): Promise<void> {
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.#wallMs += ms;
    this.#elapsedMs += ms;
  }

  /** Sets the wall clock alone, to so long after the file was written. */
  setAfter(path: string, ms: number): void {
    this.#wallMs = Math.ceil(statSync(path).ctimeMs) + ms;
  }

  setTo(time: Date): void {
    this.#wallMs = time.getTime();
  }

  /** Acts when the time is asked for next: in the middle of a walk, where a file is read. */
  interrupt(act: () => void): void {
    this.#surprise = act;
  }
}
