// Gauges, from the status of one account: the very numbers that `status` prints.
import type { Registry } from 'prom-client';
import { obstacleKinds } from '../../status/status-record.ts';
import { type AccountStatus, widgetStates } from '../../status/widget-status.ts';
import { openGauge } from './series.ts';

/** Sets them to what the status says at this moment. */
export type ShowStatus = (status: AccountStatus, now: Date) => void;

export function openStatusGauges(registry: Registry): ShowStatus {
  const states = openGauge(registry, {
    name: 'widget_sync_widgets',
    help: 'Widgets by state; each is in exactly one.',
    labels: { state: widgetStates },
  });
  const blocked = openGauge(registry, {
    name: 'widget_sync_blocked',
    help: 'Whether this stands in the way of everything (1) or not (0).',
    labels: { by: obstacleKinds },
  });
  const blind = openGauge(registry, {
    name: 'widget_sync_blind',
    help: 'Whether what is live cannot be read (1), so that drift is not seen.',
  });
  const oldestPending = openGauge(registry, {
    name: 'widget_sync_oldest_pending_age_seconds',
    help: 'For how long the oldest pending change has waited; 0: nothing is pending.',
  });
  const showTimes = openTimes(registry);
  return (status, now) => {
    const { record, counts } = status;
    for (const state of widgetStates) states.set({ state }, counts[state]);
    const obstacles = new Set(record?.obstacles.map(({ by }) => by));
    for (const by of obstacleKinds) blocked.set({ by }, obstacles.has(by) ? 1 : 0);
    blind.set(record?.isBlind ? 1 : 0);
    oldestPending.set(oldestPendingSeconds(status, now));
    showTimes(status);
  };
}

function openTimes(registry: Registry): (status: AccountStatus) => void {
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
  return ({ record }) => {
    lastPass.set(secondsOf(record?.time));
    lastResync.set(secondsOf(record?.lifetime.lastResync));
    lastWrite.set(secondsOf(record?.lifetime.lastWrite));
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
