// Looks at the files whenever they may have moved, one look at a time, and again where they were moving.
import { sharedController } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Timers } from '../../base/timers.ts';
import type { Settings } from '../../config/settings.ts';
import type { Walked } from '../../documents/watch/walked.ts';
import { type WatchDeps, watchTree } from '../../documents/watch/watch-tree.ts';
import { FileTriggers } from '../../sync/loop/file-triggers.ts';

export interface FollowDeps {
  readonly directory: string;
  /** Told when something moves in the state directory, too; null where that is nobody's concern. */
  readonly state: { readonly directory: string; readonly onMoved: () => void } | null;
  readonly settings: Pick<Settings, 'watch' | 'rescan' | 'pollInterval'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves with when to look again though nothing tells of it, in milliseconds; null for never. */
  readonly look: (files: Pick<FileTriggers, 'looked'>) => Promise<number | null>;
  readonly onTrouble: (error: unknown) => void;
  readonly onBug: (error: unknown) => void;
}

export class FollowFiles {
  readonly #deps: FollowDeps;
  readonly #files: FileTriggers;
  readonly #stopping = sharedController();
  readonly #timers: Timers;
  #looking: Promise<void> = Promise.resolve();
  #isAsked = false;
  #isStateSilent = false;
  #later: AbortController | null = null;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    const { clock, settings } = deps;
    this.#timers = new Timers(clock, this.#stopping.signal);
    this.#files = new FileTriggers({
      ...deps,
      watch: (told) => this.#watch(told),
      rescan: {
        rescanMs: settings.rescan,
        pollMs: settings.pollInterval,
        begin: settings.watch === 'poll' ? 'polling' : 'relying',
      },
      onLook: () => this.#ask(),
      onPolling: () => {},
    });
  }

  /** Resolves once no change can be missed any more; then looks for the first time. */
  async start(): Promise<void> {
    await this.#files.start();
    this.#ask();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#files.stop();
    await this.#looking;
  }

  async #watch(told: Pick<WatchDeps, 'onHint' | 'onBlind'>) {
    const { directory, state, settings, clock, onTrouble } = this.#deps;
    const common = { clock, onFailure: onTrouble };
    const files = await watchTree(directory, settings.watch, { ...told, ...common });
    if (state === null) return files;
    const records = await watchTree(state.directory, settings.watch, {
      ...common,
      onHint: () => {
        state.onMoved();
        told.onHint();
      },
      onBlind: (why) => {
        this.#isStateSilent = why !== null;
      },
    });
    return {
      compare(walked: Walked | null) {
        files.compare(walked);
        records.compare(null);
      },
      async stop() {
        await Promise.all([files.stop(), records.stop()]);
      },
    };
  }

  #ask(): void {
    // What is asked for during a look makes one more.
    if (this.#isAsked || this.#stopping.signal.aborted) return;
    this.#isAsked = true;
    this.#looking = this.#looking.then(() => this.#lookOnce()).catch(this.#deps.onBug);
  }

  async #lookOnce(): Promise<void> {
    this.#isAsked = false;
    this.#later?.abort();
    if (this.#stopping.signal.aborted) return;
    if (this.#isStateSilent || this.#deps.settings.watch === 'poll') this.#deps.state?.onMoved();
    const againInMs = await this.#deps.look(this.#files);
    if (againInMs !== null) this.#later = this.#timers.later(againInMs, () => this.#ask());
  }
}
