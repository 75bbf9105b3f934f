// The triggers of a look at the files: hints from watching, many of which make one look, and rescans.
import type { Clock } from '../../base/clock.ts';
import type { Walked } from '../../documents/watch/walked.ts';
import type { TreeWatch, WatchDeps } from '../../documents/watch/watch-tree.ts';
import { debounce, defaultQuiet, type Hints } from './debounce.ts';
import { Rescan, type RescanPolicy } from './rescan.ts';

export interface FileTriggersDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Starts watching the files; resolves once nothing can be missed any more. */
  readonly watch: (told: Pick<WatchDeps, 'onHint' | 'onBlind'>) => Promise<TreeWatch>;
  readonly rescan: RescanPolicy;
  readonly onLook: () => void;
  /** Events cannot be relied on, so that the files are looked at this often; null: they can again. */
  readonly onPolling: (why: string | null, intervalMs: number) => void;
  readonly onBug: (error: unknown) => void;
}

export class FileTriggers {
  readonly #deps: FileTriggersDeps;
  readonly #hints: Hints;
  readonly #rescan: Rescan;
  #watching: TreeWatch | null = null;
  #rescanning: Promise<void> = Promise.resolve();

  constructor(deps: FileTriggersDeps) {
    const { clock, random } = deps;
    this.#deps = deps;
    this.#hints = debounce(defaultQuiet, clock, deps.onLook);
    // A hint will do: files that are being written at the moment may come to rest first.
    const onDue = () => this.#hints.nudge();
    this.#rescan = new Rescan(deps.rescan, { clock, random, onDue });
  }

  /** Resolves once no change can be missed any more. */
  async start(): Promise<void> {
    this.#watching = await this.#deps.watch({
      onHint: () => this.#hints.hint(),
      onBlind: (why) => {
        this.#rescan.set(why === null ? 'relying' : 'polling');
        this.#deps.onPolling(why, this.#rescan.intervalMs);
      },
    });
    this.#rescanning = this.#rescan.run().catch(this.#deps.onBug);
  }

  /** A look at the files took so long and found this to watch; null: nothing to look at. */
  looked(durationMs: number, walked: Walked | null): void {
    this.#rescan.looked(durationMs);
    this.#watching?.compare(walked);
  }

  async stop(): Promise<void> {
    this.#hints.stop();
    this.#rescan.stop();
    await this.#rescanning;
    await this.#watching?.stop();
  }
}
