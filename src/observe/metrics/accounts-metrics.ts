// The metrics of a process that follows many accounts: sums over all of them, and those of one account apart,
// which are rendered only when somebody asks. Loading this file loads prom-client.
import { Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import { accountStates } from '../../status/over-accounts/account-summary.ts';
import type { AccountCounts } from '../../status/over-accounts/accounts-status.ts';
import type { AccountStatus } from '../../status/widget-status.ts';
import type { Listener } from '../../sync/events.ts';
import { countEvents, openCounting } from './count-events.ts';
import { type Exposition, exposeAs } from './exposition.ts';
import { openBuildInfo } from './open-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { openGauge } from './series.ts';
import { openStatusGauges, type ShowStatus } from './status-gauges.ts';

export interface AccountsMetricsDeps {
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  /** How many accounts there are of each state. */
  readonly states: () => AccountCounts;
  /** How many mistakes the file of accounts has that hold no account of their own. */
  readonly problems: () => number;
}

export interface AccountsMetrics {
  /**
   * What is returned is to be subscribed before the loop of the account starts. Of an account that comes again
   * its own counters begin at 0, and the sums go on.
   */
  follow(name: string, status: () => AccountStatus): Listener;
  leave(name: string): void;
  /** As `Metrics.render`: the sums, and what the process itself uses. */
  render(accept: string | null): Promise<Exposition>;
  /** Of one account, named by the label `account`; null where none of that name is followed. */
  renderOf(name: string, accept: string | null): Promise<Exposition | null>;
}

interface Followed {
  readonly registry: Registry;
  readonly status: () => AccountStatus;
  readonly show: ShowStatus;
}

export function openAccountsMetrics(deps: AccountsMetricsDeps): AccountsMetrics {
  const { version, clock, states, problems } = deps;
  const registry = new Registry();
  openBuildInfo(registry, version);
  const accounts = openGauge(registry, {
    name: 'widget_sync_accounts',
    help: 'Accounts by state; each is in exactly one.',
    labels: { state: accountStates },
  });
  const mistakes = openGauge(registry, {
    name: 'widget_sync_accounts_file_problems',
    help: 'Mistakes in the file of accounts that hold no account of their own: what it said before stays in force.',
  });
  const show = openStatusGauges(registry);
  const openListener = openCounting(registry);
  const ofProcess = processMetrics();
  const followed = new Map<string, Followed>();
  return {
    follow(name, status) {
      const own = new Registry();
      own.setDefaultLabels({ account: name });
      followed.set(name, { registry: own, status, show: openStatusGauges(own) });
      const [intoSums, intoOwn] = [openListener(), countEvents(own)];
      return (event) => {
        intoSums(event);
        intoOwn(event);
      };
    },
    leave: (name) => void followed.delete(name),
    async render(accept) {
      const counts = states();
      for (const state of accountStates) accounts.set({ state }, counts[state]);
      mistakes.set(problems());
      show(
        [...followed.values()].map(({ status }) => status()),
        clock.now(),
      );
      const texts = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return exposeAs(accept, texts.join('\n'));
    },
    async renderOf(name, accept) {
      const one = followed.get(name);
      if (one === undefined) return null;
      one.show([one.status()], clock.now());
      return exposeAs(accept, await one.registry.metrics());
    },
  };
}
