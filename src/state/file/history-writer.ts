// Lines of history on their way to the disk. One that cannot be written waits for a later write: what
// it tells of is confirmed, and no later line will tell of it. Refuses to wait with ever more of them.

import { appendLine } from '../../base/atomic-file.ts';
import { messageOf } from '../../base/errors.ts';
import type { HistoryEntry } from '../../model/applied-record.ts';
import { formatHistoryEntry } from '../history-format.ts';

export interface HistoryDeps {
  readonly warn: (message: string, fields: object) => void;
  /** Default: `mostLines`. */
  readonly mostLines?: number;
  /** Default: `appendLine`. */
  readonly append?: typeof appendLine;
}

/** About 3 MB. Beyond it the oldest go first: what happened last is looked for most. */
const mostLines = 10_000;

/** One write takes so many, so that a write that fails costs little, however many wait. */
const linesAtOnce = 100;

export class HistoryLines {
  readonly #path: string;
  readonly #deps: HistoryDeps;
  #waiting: string[] = [];
  /** The last write failed. */
  #isStuck = false;
  #dropped = 0;

  constructor(path: string, deps: HistoryDeps) {
    this.#path = path;
    this.#deps = deps;
  }

  /** Whether lines wait that an earlier write could not take. */
  get areOverdue(): boolean {
    return this.#isStuck && this.#waiting.length > 0;
  }

  add(entry: HistoryEntry): void {
    this.#waiting.push(formatHistoryEntry(entry));
    this.#dropExcess();
  }

  /** Not to be called again before it has resolved; never rejects, but keeps what it cannot write. */
  async write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0, linesAtOnce);
      try {
        await (this.#deps.append ?? appendLine)(this.#path, lines.join('\n'));
      } catch (error) {
        this.#waiting.unshift(...lines);
        this.#dropExcess();
        this.#sayStuck(error);
        return;
      }
      this.#sayOver();
    }
  }

  /** No line is added from now on. */
  close(): void {
    const lines = this.#waiting.length + this.#dropped;
    if (lines === 0) return;
    this.#deps.warn('lines of the history are lost, for it cannot be written', {
      path: this.#path,
      lines,
    });
  }

  #dropExcess(): void {
    const most = this.#deps.mostLines ?? mostLines;
    const excess = this.#waiting.length - most;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    if (this.#dropped === 0) {
      const facts = { path: this.#path, kept: most };
      this.#deps.warn('too many lines of the history wait to be written: the oldest go', facts);
    }
    this.#dropped += excess;
  }

  /** Once, and not for each line that comes meanwhile. */
  #sayStuck(error: unknown): void {
    if (this.#isStuck) return;
    this.#isStuck = true;
    const facts = { path: this.#path, lines: this.#waiting.length, error: messageOf(error) };
    this.#deps.warn('the history cannot be written now; its lines are kept for later', facts);
  }

  #sayOver(): void {
    if (!this.#isStuck) return;
    this.#isStuck = false;
    const facts = { path: this.#path, dropped: this.#dropped };
    this.#dropped = 0;
    this.#deps.warn('the history can be written again', facts);
  }
}
