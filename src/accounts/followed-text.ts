// The text of the file of accounts, as it changes: what it says is taken once it stands still, and stays where
// it is gone, half written or no YAML.
import { printable } from '../base/text.ts';
import { readTextFile, whyUnread } from '../base/yaml/read-text-file.ts';
import type { AccountsProblem } from './account-entry.ts';
import { fileState } from './file-state.ts';
import { type ParsedAccounts, parseAccounts, type WrittenAccounts } from './parse-accounts.ts';

/** Some 10,000 accounts with a line or two each. */
const mostKiB = 4096;

export interface InForce {
  readonly written: WrittenAccounts;
  readonly lineOf: ParsedAccounts['lineOf'];
}

export interface TextLook {
  /** The same value until another takes its place; null where none could ever be used. */
  readonly inForce: InForce | null;
  /** Why what the file says now is not in force. */
  readonly problems: readonly AccountsProblem[];
}

export class FollowedText {
  readonly #path: string;
  /** The state of the file that was read last; equal states need no second reading. */
  #read: { readonly state: string; readonly problems: readonly AccountsProblem[] } | null = null;
  /** Whether this is no longer the first look, which takes what there is. */
  #hasLooked = false;
  /** A state that one look has met. */
  #moving = '';
  #inForce: InForce | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  look(): TextLook {
    const problems = this.#problems();
    return { inForce: this.#inForce, problems };
  }

  #problems(): readonly AccountsProblem[] {
    const isFirst = !this.#hasLooked;
    this.#hasLooked = true;
    let state: string;
    try {
      state = fileState(this.#path);
    } catch (error) {
      return [this.#unread(error)];
    }
    if (state !== this.#read?.state) {
      // What has just changed may still be being written, and a part of it would be fewer accounts.
      const isSettled = isFirst || state === this.#moving;
      this.#moving = state;
      if (isSettled) this.#read = { state, problems: this.#take() };
    }
    return this.#read === null ? [this.#unsettled()] : this.#read.problems;
  }

  #take(): AccountsProblem[] {
    let text: string;
    try {
      text = readTextFile(this.#path, mostKiB);
    } catch (error) {
      return [this.#unread(error)];
    }
    const { written, mistakes, lineOf } = parseAccounts(text);
    if (written !== null) this.#inForce = { written, lineOf };
    return [...mistakes]
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, message }) => ({
        place: `${printable(this.#path)}:${lineOf(offset)}`,
        message: printable(message),
        holds: [],
      }));
  }

  #unsettled(): AccountsProblem {
    const message = 'it has just been written, and is taken once it stands still';
    return { place: printable(this.#path), message, holds: [] };
  }

  #unread(error: unknown): AccountsProblem {
    const message = `a file of accounts is expected here, but ${whyUnread(error)}`;
    return { place: printable(this.#path), message, holds: [] };
  }
}
