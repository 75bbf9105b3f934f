// Lines of history on their way to the disk. One that cannot be written waits for a later write: what
// it tells of is confirmed, and no later line will tell of it. Refuses to wait with ever more of them.

import { appendLine } from '../../base/atomic-file.ts';
import { messageOf } from '../../base/errors.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { formatHistoryEntry } from '../history-format.ts';
import { makeRoom } from './history-files.ts';

export interface HistoryDeps {
  readonly warn: (message: string, fields: object) => void;
  /** The most room for the files of the history; null: all there is. */
  readonly mostBytes: number | null;
  /** Default: `mostLines`. */
  readonly mostLines?: number;
  /** Of all lines that wait. Default: `mostCharacters`. */
  readonly mostCharacters?: number;
  /** Default: `appendLine`. */
  readonly append?: typeof appendLine;
}

/** Beyond either the oldest go first: what happened last is looked for most. */
const mostLines = 10_000;
const mostCharacters = 32 * 1024 * 1024;

/** One write takes no more, so that a write that fails costs little, however many wait. */
const linesAtOnce = 100;
const bytesAtOnce = 256 * 1024;

export class HistoryLines {
  readonly #path: string;
  readonly #deps: HistoryDeps;
  #waiting: string[] = [];
  /** Of all that wait. */
  #characters = 0;
  /** The last write failed. */
  #isStuck = false;
  /** The last try to make room failed. */
  #isUnbounded = false;
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
    const line = formatHistoryEntry(entry);
    this.#waiting.push(line);
    this.#characters += line.length;
    this.#dropExcess();
  }

  /** Not to be called again before it has resolved; never rejects, but keeps what it cannot write. */
  async write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#take();
      const text = lines.join('\n');
      try {
        await this.#makeRoom(Buffer.byteLength(text) + 1);
        await (this.#deps.append ?? appendLine)(this.#path, text);
      } catch (error) {
        this.#waiting.unshift(...lines);
        this.#characters += lengthOf(lines);
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

  /** The oldest, as many as one write takes. */
  #take(): string[] {
    let bytes = 0;
    const end = this.#waiting.slice(0, linesAtOnce).findIndex((line, index) => {
      bytes += Buffer.byteLength(line);
      return index > 0 && bytes > bytesAtOnce;
    });
    return this.#removeOldest(end === -1 ? linesAtOnce : end);
  }

  /** A history that grows too long is worth more than one that ends. */
  async #makeRoom(bytes: number): Promise<void> {
    const { mostBytes, warn } = this.#deps;
    if (mostBytes === null) return;
    try {
      await makeRoom(this.#path, bytes, mostBytes);
      this.#isUnbounded = false;
    } catch (error) {
      if (this.#isUnbounded) return;
      this.#isUnbounded = true;
      const facts = { path: this.#path, keep: mostBytes, error: messageOf(error) };
      warn('the history grows beyond --keep-history, for its file cannot be moved aside', facts);
    }
  }

  #dropExcess(): void {
    const { mostLines: most = mostLines, mostCharacters: room = mostCharacters } = this.#deps;
    let excess = Math.max(0, this.#waiting.length - most);
    let characters = this.#characters - lengthOf(this.#waiting.slice(0, excess));
    // The newest is kept, however long it is.
    for (; characters > room && excess + 1 < this.#waiting.length; excess += 1) {
      characters -= this.#waiting[excess]?.length ?? 0;
    }
    if (excess === 0) return;
    this.#removeOldest(excess);
    if (this.#dropped === 0) {
      const facts = { path: this.#path, kept: this.#waiting.length };
      this.#deps.warn('too many lines of the history wait to be written: the oldest go', facts);
    }
    this.#dropped += excess;
  }

  #removeOldest(amount: number): string[] {
    const lines = this.#waiting.splice(0, amount);
    this.#characters -= lengthOf(lines);
    return lines;
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

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((length, line) => length + line.length, 0);
}
