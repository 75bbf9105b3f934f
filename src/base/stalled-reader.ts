// A pipe whose reader lives and takes nothing, such as a pager or a collector that hangs. A process
// that waits for it in a write neither works nor hears a signal; so the lines wait, and the process does not.

/** The reader is asked again so often, */
const askAgainMs = 100;
/** and is told of after so long: a pipe is full now and then. */
const patienceMs = 5_000;

export interface StalledReaderDeps {
  /** Tries again to write what waits: `moved` for what leaves, `stalled` for what stays. */
  readonly tryAgain: () => void;
  readonly onTrouble: (error: Error) => void;
}

export class StalledReader {
  readonly #deps: StalledReaderDeps;
  #timer: NodeJS.Timeout | null = null;
  #waitedMs = 0;

  constructor(deps: StalledReaderDeps) {
    this.#deps = deps;
  }

  get isStalled(): boolean {
    return this.#timer !== null;
  }

  stalled(error: Error): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#waitedMs += askAgainMs;
      this.#deps.tryAgain();
      if (this.#waitedMs === patienceMs && this.isStalled) this.#deps.onTrouble(error);
    }, askAgainMs);
    // Lines that wait do not keep the process from ending; `flush` waits for them as long as is wanted.
    this.#timer.unref();
  }

  moved(): void {
    this.#waitedMs = 0;
  }
}
