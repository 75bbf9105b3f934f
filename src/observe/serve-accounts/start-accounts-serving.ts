// A server beside a daemon of many accounts: it listens before the daemon begins, so that a port in use is
// noticed first. Whatever becomes of it later, the daemon goes on.
import { sharedController } from '../../base/abort.ts';
import { Timers } from '../../base/timers.ts';
import type { AccountCounts } from '../../status/over-accounts/accounts-status.ts';
import type { Listener } from '../../sync/events.ts';
import type { AccountsMetrics } from '../metrics/accounts-metrics.ts';
import { OperatorSource } from '../serve/operator-source.ts';
import { Readiness } from '../serve/readiness.ts';
import type { ServeDeps } from '../serve/serve-deps.ts';
import type { ServingOptions } from '../serve/serving.ts';
import { WordOfChanges } from '../serve/word-of-changes.ts';
import { OpenPages } from '../web/open-pages.ts';
import { startWebServer } from '../web/web-server.ts';
import { accountsApp, type ServedAccounts } from './accounts-app.ts';
import { AccountsList, type ListedAccounts } from './accounts-list.ts';
import { AccountsSource } from './accounts-source.ts';
import type { FollowedPages } from './followed-pages.ts';

export interface AccountsToShow {
  /** Of the program. */
  readonly version: string;
  readonly listed: ListedAccounts;
  readonly metrics: AccountsMetrics;
  readonly onBug: (error: unknown) => void;
}

export interface AccountsServing {
  /** The port that it listens at. */
  readonly port: number;
  /** Shows these accounts from now on. */
  show(accounts: AccountsToShow): ShownAccounts;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

export interface ShownAccounts {
  /** The account is followed from now on; what is returned hears of all that happens in it. */
  follow(name: string, deps: ServeDeps): Listener;
  /** It is followed no longer. */
  leave(name: string): void;
  /** An account has come or gone, or is otherwise than it was. */
  changed(): void;
  /** How many accounts there are of each state, of those that this process is to follow. */
  statesHere(): AccountCounts;
  /** Whether a page is open. */
  isWatched(): boolean;
}

/** The list is told of that often at most: all accounts together change all the time. */
const listRestMs = 1000;

/** Throws `UsageError` when it cannot listen at the address. */
export async function startAccountsServing(options: ServingOptions): Promise<AccountsServing> {
  const { address, hosts, clock, onTrouble } = options;
  let served: ServedAccounts | null = null;
  const app = accountsApp({ hosts, clock, served: () => served });
  const server = await startWebServer(app.fetch, { address, onTrouble });
  const pages = new OpenPages(clock);
  const stopping = sharedController();
  const timers = new Timers(clock, stopping.signal);
  void pages.ended.catch(onTrouble);
  return {
    port: server.port,
    show(accounts) {
      const shown = showAccounts(accounts, { clock, pages, timers });
      served = shown.served;
      return shown;
    },
    async close() {
      stopping.abort();
      pages.stop();
      await server.close();
    },
  };
}

interface Parts extends Pick<ServingOptions, 'clock'> {
  readonly pages: OpenPages;
  readonly timers: Timers;
}

function showAccounts(
  { version, listed, metrics, onBug }: AccountsToShow,
  { clock, pages, timers }: Parts,
): ShownAccounts & { readonly served: ServedAccounts } {
  const followed = new Map<string, FollowedPages>();
  const list = new AccountsList(listed, clock);
  const source = new AccountsSource({ clock, version, list, listed, followed });
  const moved = new Set<string>();
  let told = '';
  const word = new WordOfChanges({
    ...{ clock, timers, pages },
    news() {
      const names = [...moved];
      moved.clear();
      return names.map((name) => `${source.editionOf(name)} ${name}`);
    },
  });
  const wordOfList = new WordOfChanges({
    ...{ clock, timers, pages, leastMs: listRestMs },
    news() {
      // Nobody looks: then nothing need be looked at.
      if (pages.count === 0 || source.edition === told) return [];
      told = source.edition;
      return [told];
    },
  });
  const changed = (name: string) => {
    list.moved(name);
    moved.add(name);
    word.changed();
    wordOfList.changed();
  };
  return {
    served: { listed, source, followed, metrics, pages, onBug },
    follow(name, deps) {
      const one = { deps, source: new OperatorSource(deps), readiness: new Readiness() };
      followed.set(name, one);
      changed(name);
      return (event) => {
        one.readiness.hear(event);
        one.source.hear(event);
        if (event.kind === 'status-changed') changed(name);
      };
    },
    leave(name) {
      followed.delete(name);
      changed(name);
    },
    statesHere: () => list.statesHere(),
    isWatched: () => pages.count > 0,
    changed() {
      list.movedAll();
      wordOfList.changed();
    },
  };
}
