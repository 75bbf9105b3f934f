// What processes have left of each of several accounts. Whatever cannot be looked at keeps no other account
// from being shown.
import type { AccountEntry, AccountsLook } from '../../accounts/account-entry.ts';
import { StateError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { Settings } from '../../config/settings.ts';
import { unknownAccount } from '../../status/account-status.ts';
import {
  type AccountSummary,
  accountSummary,
  heldFor,
  notRunningFor,
} from '../../status/over-accounts/account-summary.ts';
import { warnOfState } from '../logging.ts';
import type { ProcessContext } from '../process-context.ts';
import { missingKey } from '../wiring/account-state.ts';
import {
  type Asked,
  contentOf,
  type Found,
  leftBehind,
  openLook,
  readRecorded,
} from './recorded.ts';
import { ofStateAlone } from './states-within.ts';
import type { Recorded } from './status-text.ts';

/** What was found of one account, or why nothing was. */
export type Looked = {
  readonly entry: AccountEntry;
  /** Why its entry cannot be used; null: it can. Then the entry here is made up. */
  readonly held: string | null;
} & ({ readonly found: Found } | { readonly found: null; readonly says: string });

export interface ShownAccount {
  readonly summary: AccountSummary;
  /** Null: nothing can be shown of it but its summary. */
  readonly known: { readonly entry: AccountEntry; readonly recorded: Recorded & Found } | null;
}

export interface Looking {
  /** Of the process. */
  readonly settings: Settings;
  readonly asked: Asked & { readonly json: boolean };
}

export class AccountsReader {
  readonly #looking: Looking;
  readonly #context: ProcessContext;
  readonly #looks = new Map<string, { entry: AccountEntry; look: () => Promise<Found> }>();
  readonly #entriesOfHeld = new Map<string, AccountEntry>();
  /** The last one of each: most have left nothing new from one look to the next. */
  readonly #read = new Map<
    string,
    { readonly left: string; readonly shown: ShownAccount | null }
  >();

  constructor(looking: Looking, context: ProcessContext) {
    this.#looking = looking;
    this.#context = context;
  }

  look({ accounts, held }: Pick<AccountsLook, 'accounts' | 'held'>): Promise<readonly Looked[]> {
    const entries = accounts.map((entry) => this.#lookAt(entry, null));
    const others = held.map(({ name, message }) => this.#lookAt(this.#entryOfHeld(name), message));
    return Promise.all([...entries, ...others]);
  }

  /** Null where a widget was asked for, and the account has none that is meant. */
  async read(looked: Looked): Promise<ShownAccount | null> {
    const { name } = looked.entry;
    const left = leftOf(looked);
    const before = this.#read.get(name);
    if (before?.left === left) return before.shown;
    const shown = await this.#readAnew(looked);
    this.#read.set(name, { left, shown });
    return shown;
  }

  async #lookAt(entry: AccountEntry, held: string | null): Promise<Looked> {
    const { name } = entry;
    try {
      const known = this.#looks.get(name);
      const look = known?.entry === entry ? known.look : await this.#open(entry);
      this.#looks.set(name, { entry, look });
      return { entry, held, found: await look() };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return { entry, held, found: null, says: missingKey(entry) ?? error.message };
    }
  }

  #entryOfHeld(name: string): AccountEntry {
    const entry = this.#entriesOfHeld.get(name) ?? ofStateAlone(name, this.#looking.settings);
    this.#entriesOfHeld.set(name, entry);
    return entry;
  }

  #open(entry: AccountEntry): Promise<() => Promise<Found>> {
    const { asked } = this.#looking;
    const warn = warnOfState(entry, this.#context, asked);
    return openLook(entry.settings, asked, { clock: this.#context.clock, warn });
  }

  async #readAnew(looked: Looked): Promise<ShownAccount | null> {
    const { entry, found, held } = looked;
    const { name, suspend } = entry;
    const now = this.#context.clock.now();
    const isHeld = held === null ? null : heldFor(held);
    if (found === null) {
      const trouble = isHeld ?? notRunningFor(looked.says);
      const seen = { name, status: unknownAccount, daemon: 'none', trouble, suspend } as const;
      // Of one that is held nobody knows what it would have.
      const isOther = this.#isNarrowed && isHeld === null;
      return isOther ? null : { summary: accountSummary(seen, now), known: null };
    }
    const recorded = await readRecorded(found, this.#looking.asked);
    if (recorded === null) return null;
    const { account: status, daemon, unfollowed } = recorded;
    const trouble = isHeld ?? (unfollowed === null ? null : notRunningFor(unfollowed));
    const summary = accountSummary({ name, status, daemon, trouble, suspend }, now);
    return { summary, known: { entry, recorded } };
  }

  get #isNarrowed(): boolean {
    return this.#looking.asked.widget !== null;
  }
}

/** With its name: one may come in the place of another. */
export function leftOf(looked: Looked): string {
  const { entry, held, found } = looked;
  return stringifyJson([entry.name, held, found === null ? looked.says : leftBehind(found)]);
}

/** What is shown of it, but for what changes by the mere passing of time, or with each pass. */
export function contentOfShown({ summary, known }: ShownAccount): string {
  const { name, state, reason } = summary;
  return stringifyJson({ name, state, reason }) + (known === null ? '' : contentOf(known.recorded));
}
