// Among replicas: the accounts that others follow, as these have left them in the store. They are looked at only
// while somebody wants to see them.
import type { AccountEntry } from '../../accounts/account-entry.ts';
import type { Log } from '../../base/log.ts';
import { Timers } from '../../base/timers.ts';
import type { Settings } from '../../config/settings.ts';
import { replicaWords } from '../../render/status/replicas-text.ts';
import { unknownAccount } from '../../status/account-status.ts';
import {
  type AccountSummary,
  accountSummary,
  noReplica,
  notRunningFor,
} from '../../status/over-accounts/account-summary.ts';
import type { ProcessContext } from '../process-context.ts';
import { AccountsReader } from '../status/look-at-accounts.ts';
import { lookAtReplicas } from '../status/look-at-replicas.ts';

export interface AccountsElsewhereDeps {
  /** Of the process. */
  readonly settings: Settings;
  readonly context: ProcessContext;
  readonly log: Log;
  /** Those that are not followed here. */
  readonly entries: () => readonly AccountEntry[];
  /** Whether a page is open at this moment. */
  readonly isWatched: () => boolean;
  /** Something that is shown is otherwise than it was. */
  readonly onChange: () => void;
}

/** From the end of a look to the next one; one that takes long is made less often. */
const restMs = 5000;
const restPerLook = 4;
/** Who has asked may ask again: what he sees then is not older than usual. */
const askedForMs = 60_000;
/** Accounts that the store is asked about at once. */
const sliceLength = 25;

export class AccountsElsewhere {
  readonly #deps: AccountsElsewhereDeps;
  readonly #reader: AccountsReader;
  readonly #stopping = new AbortController();
  #summaries: ReadonlyMap<string, AccountSummary> = new Map();
  #askedMs = Number.NEGATIVE_INFINITY;
  #nextMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  readonly #ended: Promise<void>;

  constructor(deps: AccountsElsewhereDeps) {
    const { settings, context } = deps;
    this.#deps = deps;
    const asked = { widget: null, only: null, maxAgeMs: null, json: true };
    this.#reader = new AccountsReader({ settings, asked }, context);
    const timers = new Timers(context.clock, this.#stopping.signal);
    this.#ended = timers.every(1000, () => this.#lookIfWanted());
  }

  /** Somebody wants to see them now. */
  asked(): void {
    this.#askedMs = this.#nowMs();
    this.#lookIfWanted();
  }

  names(): readonly string[] {
    return this.#deps.entries().map(({ name }) => name);
  }

  /** Null where it was not looked at yet, or is not among them. */
  summary(name: string): AccountSummary | null {
    return this.#summaries.get(name) ?? null;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#looking;
  }

  #nowMs(): number {
    return this.#deps.context.clock.monotonicMs();
  }

  #lookIfWanted(): void {
    const nowMs = this.#nowMs();
    const isWanted = nowMs - this.#askedMs < askedForMs || this.#deps.isWatched();
    if (!isWanted || this.#looking !== null || nowMs < this.#nextMs) return;
    if (this.#stopping.signal.aborted) return;
    this.#looking = this.#look()
      .catch((err: unknown) => {
        this.#deps.log.error({ err }, 'cannot see the accounts of other replicas; this is a bug');
      })
      .finally(() => {
        const endedMs = this.#nowMs();
        this.#nextMs = endedMs + Math.max(restMs, restPerLook * (endedMs - nowMs));
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const { settings, context, entries, onChange } = this.#deps;
    const all = entries();
    const names = new Set(all.map(({ name }) => name));
    const replicas = await lookAtReplicas(settings, names, context);
    const found = new Map<string, AccountSummary>();
    for (let from = 0; from < all.length; from += sliceLength) {
      if (this.#stopping.signal.aborted) return;
      const slice = all.slice(from, from + sliceLength);
      for (const looked of await this.#reader.look({ accounts: slice, held: [] })) {
        const { entry } = looked;
        const summary = (await this.#reader.read(looked))?.summary ?? unseen(entry, context);
        const holder = replicas?.holders.get(entry.name);
        found.set(entry.name, { ...summary, replica: holder ? replicaWords(holder) : noReplica });
      }
    }
    const before = shownOf(this.#summaries);
    this.#summaries = found;
    if (shownOf(found) !== before) onChange();
  }
}

function unseen({ name, suspend }: AccountEntry, { clock }: ProcessContext): AccountSummary {
  const trouble = notRunningFor('nothing is known of it');
  return accountSummary(
    { name, status: unknownAccount, daemon: 'none', trouble, suspend },
    clock.now(),
  );
}

/** But for the time of a pass, which each account has every few moments. */
function shownOf(summaries: ReadonlyMap<string, AccountSummary>): string {
  return JSON.stringify([...summaries.values()].map((one) => ({ ...one, lastPass: null })));
}
