// Lines of history on their way to the store. One that cannot be written waits for a later write: what
// it tells of is confirmed, and no later line will tell of it. Refuses to wait with ever more of them.
import { messageOf } from '../base/errors.ts';
import type { HistoryEntry } from '../status/history-entry.ts';
import { formatHistoryEntry } from './history-format.ts';

export interface HistoryLinesDeps {
  /** For messages: what tells this history from others. */
  readonly place: object;
  readonly warn: (message: string, fields: object) => void;
  /** Writes all of them or none, and then rejects. */
  readonly write: WriteLines;
  /** Default: `mostLines`. */
  readonly mostLines?: number;
  /** Of all lines that wait. Default: `mostCharacters`. */
  readonly mostCharacters?: number;
}

export interface HistoryLine {
  readonly text: string;
  /** Grows from one to the next, where the store needs that: a line that is written twice is told by it. */
  readonly seq: number;
}

export type WriteLines = (lines: readonly HistoryLine[]) => Promise<void>;

/** Beyond either the oldest go first: what happened last is looked for most. */
const mostLines = 10_000;
const mostCharacters = 32 * 1024 * 1024;

/** One write takes no more, so that a write that fails costs little, however many wait. */
const linesAtOnce = 100;
const bytesAtOnce = 256 * 1024;

export class HistoryLines {
  readonly #deps: HistoryLinesDeps;
  #waiting: HistoryLine[] = [];
  /** Of all that wait. */
  #characters = 0;
  /** The last write failed. */
  #isStuck = false;
  #dropped = 0;

  constructor(deps: HistoryLinesDeps) {
    this.#deps = deps;
  }

  /** Whether lines wait that an earlier write could not take. */
  get areOverdue(): boolean {
    return this.#isStuck && this.#waiting.length > 0;
  }

  add(entry: HistoryEntry, seq = 0): void {
    const text = formatHistoryEntry(entry);
    this.#waiting.push({ text, seq });
    this.#characters += text.length;
    this.#dropExcess();
  }

  /** Never rejects, but keeps what it cannot write. */
  async write(): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        await this.writeWith(this.#deps.write);
      } catch {
        // It was said, and is tried again with whatever comes next.
        return;
      }
    }
  }

  /**
   * The oldest lines, as many as one write takes and be there any, by another way than usual. Rejects as
   * that does.
   */
  async writeWith(write: WriteLines): Promise<void> {
    const lines = this.#take();
    if (lines.length === 0) return await write(lines);
    try {
      await write(lines);
    } catch (error) {
      this.#waiting.unshift(...lines);
      this.#characters += lengthOf(lines);
      this.#dropExcess();
      this.#sayStuck(error);
      throw error;
    }
    this.#sayOver();
  }

  /** No line is added from now on. */
  close(): void {
    const lines = this.#waiting.length + this.#dropped;
    if (lines === 0) return;
    this.#deps.warn('lines of the history are lost, for it cannot be written', {
      ...this.#deps.place,
      lines,
    });
  }

  /** The oldest, as many as one write takes. */
  #take(): HistoryLine[] {
    let bytes = 0;
    const end = this.#waiting.slice(0, linesAtOnce).findIndex(({ text }, index) => {
      bytes += Buffer.byteLength(text);
      return index > 0 && bytes > bytesAtOnce;
    });
    return this.#removeOldest(end === -1 ? linesAtOnce : end);
  }

  #dropExcess(): void {
    const { mostLines: most = mostLines, mostCharacters: room = mostCharacters } = this.#deps;
    let excess = Math.max(0, this.#waiting.length - most);
    let characters = this.#characters - lengthOf(this.#waiting.slice(0, excess));
    // The newest is kept, however long it is.
    for (; characters > room && excess + 1 < this.#waiting.length; excess += 1) {
      characters -= this.#waiting[excess]?.text.length ?? 0;
    }
    if (excess === 0) return;
    this.#removeOldest(excess);
    if (this.#dropped === 0) {
      const facts = { ...this.#deps.place, kept: this.#waiting.length };
      this.#deps.warn('too many lines of the history wait to be written: the oldest go', facts);
    }
    this.#dropped += excess;
  }

  #removeOldest(amount: number): HistoryLine[] {
    const lines = this.#waiting.splice(0, amount);
    this.#characters -= lengthOf(lines);
    return lines;
  }

  /** Once, and not for each line that comes meanwhile. */
  #sayStuck(error: unknown): void {
    if (this.#isStuck) return;
    this.#isStuck = true;
    const facts = { ...this.#deps.place, lines: this.#waiting.length, error: messageOf(error) };
    this.#deps.warn('the history cannot be written now; its lines are kept for later', facts);
  }

  #sayOver(): void {
    if (!this.#isStuck) return;
    this.#isStuck = false;
    const facts = { ...this.#deps.place, dropped: this.#dropped };
    this.#dropped = 0;
    this.#deps.warn('the history can be written again', facts);
  }
}

function lengthOf(lines: readonly HistoryLine[]): number {
  return lines.reduce((length, { text }) => length + text.length, 0);
}
