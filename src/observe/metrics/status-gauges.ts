// Gauges, from the status of one account, or of several as sums: the very numbers that `status` prints.
import type { Registry } from 'prom-client';
import { behindCode, obstacleKinds } from '../../status/status-record.ts';
import { type AccountStatus, widgetStates } from '../../status/widget-status.ts';
import { openGauge } from './series.ts';

/** Sets them to what the status of all accounts says at this moment. */
export type ShowStatus = (accounts: readonly AccountStatus[], now: Date) => void;

export function openStatusGauges(registry: Registry): ShowStatus {
  const states = openGauge(registry, {
    name: 'widget_sync_widgets',
    help: 'Widgets by state; each is in exactly one.',
    labels: { state: widgetStates },
  });
  const blocked = openGauge(registry, {
    name: 'widget_sync_blocked',
    help: 'Accounts in which this stands in the way of everything.',
    labels: { by: obstacleKinds },
  });
  const blind = openGauge(registry, {
    name: 'widget_sync_blind',
    help: 'Accounts of which what is live cannot be read, so that drift is not seen.',
  });
  const behind = openGauge(registry, {
    name: 'widget_sync_behind',
    help: 'Accounts whose files are older than those that another replica followed, so that newer ones are waited for.',
  });
  const oldestPending = openGauge(registry, {
    name: 'widget_sync_oldest_pending_age_seconds',
    help: 'For how long the oldest pending change has waited; 0: nothing is pending.',
  });
  const showTimes = openTimes(registry);
  return (accounts, now) => {
    for (const state of widgetStates) {
      states.set(
        { state },
        sumOf(accounts, ({ counts }) => counts[state]),
      );
    }
    for (const by of obstacleKinds) {
      const isBlocked = ({ record }: AccountStatus) =>
        record?.obstacles.some((one) => one.by === by) ? 1 : 0;
      blocked.set({ by }, sumOf(accounts, isBlocked));
    }
    blind.set(sumOf(accounts, ({ record }) => (record?.isBlind ? 1 : 0)));
    behind.set(
      sumOf(accounts, ({ record }) => (record?.files?.unsettled?.code === behindCode ? 1 : 0)),
    );
    oldestPending.set(newestOf(accounts, (status) => oldestPendingSeconds(status, now)));
    showTimes(accounts);
  };
}

type Accounts = readonly AccountStatus[];

function sumOf(accounts: Accounts, amountOf: (status: AccountStatus) => number): number {
  return accounts.reduce((sum, status) => sum + amountOf(status), 0);
}

function newestOf(accounts: Accounts, secondsIn: (status: AccountStatus) => number): number {
  return accounts.reduce((newest, status) => Math.max(newest, secondsIn(status)), 0);
}

/** Of several accounts, that of the one which did so last. */
function openTimes(registry: Registry): (accounts: Accounts) => void {
  const lastPass = openGauge(registry, {
    name: 'widget_sync_last_pass_timestamp_seconds',
    help: 'When the last pass went through, be it of an earlier process; 0: never.',
  });
  const lastResync = openGauge(registry, {
    name: 'widget_sync_last_resync_timestamp_seconds',
    help: 'When everything that is live was read last; 0: never.',
  });
  const lastWrite = openGauge(registry, {
    name: 'widget_sync_last_write_timestamp_seconds',
    help: 'When the API confirmed a write last; 0: never.',
  });
  return (accounts) => {
    lastPass.set(newestOf(accounts, ({ record }) => secondsOf(record?.time)));
    lastResync.set(newestOf(accounts, ({ record }) => secondsOf(record?.lifetime.lastResync)));
    lastWrite.set(newestOf(accounts, ({ record }) => secondsOf(record?.lifetime.lastWrite)));
  };
}

/** Since 1970. */
function secondsOf(time: Date | null | undefined): number {
  return (time?.getTime() ?? 0) / 1000;
}

function oldestPendingSeconds({ widgets }: AccountStatus, now: Date): number {
  let oldestMs = now.getTime();
  for (const { state, since } of widgets) {
    if (state === 'pending' && since !== null) oldestMs = Math.min(oldestMs, since.getTime());
  }
  return (now.getTime() - oldestMs) / 1000;
}
