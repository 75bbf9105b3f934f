// What the pages over all accounts show at the moment: made when somebody asks.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { type AccountsAsked, accountsPage } from '../../render/status-page/accounts-page.ts';
import { asidePage } from '../../render/status-page/aside-page.ts';
import { accountFrame, nothingLeft } from '../../status/account-json.ts';
import { problemsJson, summaryJson, totalsJson } from '../../status/over-accounts/accounts-json.ts';
import { PageMemory } from '../serve/page-memory.ts';
import { type AccountsList, type ListedAccounts, problemText } from './accounts-list.ts';
import type { FollowedPages } from './followed-pages.ts';

export interface AccountsSourceDeps {
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
  readonly list: AccountsList;
  readonly listed: ListedAccounts;
  readonly followed: ReadonlyMap<string, FollowedPages>;
}

/** Accounts in a slice of JSON: it takes a few milliseconds. */
const sliceLength = 25;

export class AccountsSource {
  readonly #deps: AccountsSourceDeps;
  readonly #memory: PageMemory;
  /** Later than that of any earlier process, so that pages which are still open swap. */
  readonly #startedAt: Date;

  constructor(deps: AccountsSourceDeps) {
    this.#deps = deps;
    this.#memory = new PageMemory(deps.clock);
    this.#startedAt = deps.clock.now();
  }

  /** Of the list: another one is another page. */
  get edition(): string {
    return `${this.#startedAt.getTime()}-${this.#deps.list.changes}`;
  }

  /** Of the first page of an account, whether it is followed or not. */
  editionOf(name: string): string {
    return this.#deps.followed.get(name)?.source.edition ?? `aside-${this.edition}`;
  }

  page(asked: AccountsAsked): Promise<string> {
    const { clock, version, list, listed } = this.#deps;
    listed.asked();
    const { edition } = this;
    return this.#memory.get(JSON.stringify(asked), edition, () => {
      const moment = {
        ...{ version, edition, nowMs: clock.now().getTime(), startedAt: this.#startedAt },
        ...{ all: list.status(), problems: listed.problems().map(problemText) },
      };
      return hideSecrets(accountsPage(moment, asked));
    });
  }

  /** Of an account that is not followed; null where there is none of that name. */
  aside(name: string): string | null {
    const { version, list, listed } = this.#deps;
    listed.asked();
    const summary = list.summaryOf(name);
    const edition = this.editionOf(name);
    return summary === null ? null : hideSecrets(asidePage({ version, edition, summary }));
  }

  /**
   * JSON: each account without the two lists that have an entry for each of its widgets, which its own
   * `status.json` has, and totals. Made in slices, between which the loops work on.
   */
  async statusJson(): Promise<string> {
    const { version, clock, list, listed } = this.#deps;
    listed.asked();
    const problems = problemsJson(listed.problems());
    const all = list.status();
    const about = { format_version: '1.0', version, asked_at: clock.now().toISOString() };
    const slices: string[] = [];
    for (let from = 0; from < all.accounts.length; from += sliceLength) {
      await setImmediate();
      const slice = await Promise.all(
        all.accounts.slice(from, from + sliceLength).map(async (summary) => ({
          ...summaryJson(summary),
          ...(await this.#frameOf(summary.name)),
        })),
      );
      slices.push(hideSecrets(JSON.stringify(slice)).slice(1, -1));
    }
    const head = JSON.stringify({ ...about, ...problems, ...totalsJson(all) }).slice(0, -1);
    return `${hideSecrets(head)},"accounts":[${slices.join(',')}]}`;
  }

  async #frameOf(name: string) {
    const { version, clock, followed } = this.#deps;
    const deps = followed.get(name)?.deps;
    const now = clock.now();
    const told =
      deps === undefined
        ? { ...nothingLeft, version, now }
        : {
            ...{ records: [...deps.records.values()], account: deps.account() },
            ...{ holder: await deps.view.holder(), daemon: 'running' as const, version, now },
          };
    const { applied: _, widgets: __, ...frame } = accountFrame(told);
    return frame;
  }
}
