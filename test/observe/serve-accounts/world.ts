// Served accounts that a test makes up: a status each, without a daemon.
import { onTestFinished } from 'vitest';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import { openAccountsMetrics } from '../../../src/observe/metrics/accounts-metrics.ts';
import type { ServeDeps } from '../../../src/observe/serve/serve-deps.ts';
import { startAccountsServing } from '../../../src/observe/serve-accounts/start-accounts-serving.ts';
import { accountBase } from '../../../src/render/status-page/accounts-page.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import { explainWidget } from '../../../src/status/explain/explain.ts';
import {
  type AccountSeen,
  type AccountSummary,
  accountSummary,
} from '../../../src/status/over-accounts/account-summary.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { Listener, SyncEvent } from '../../../src/sync/events.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { calmRecord } from '../serve/world.ts';

export interface OneAccount {
  readonly records?: readonly AppliedRecord[];
  readonly record?: Partial<StatusRecord>;
  /** It is not followed. */
  readonly trouble?: AccountSeen['trouble'];
  readonly liveness?: ServeDeps['liveness'];
}

const command = (...words: string[]) => `widget-sync ${words.join(' ')}`;

/** `elsewhere`: what is known of those that other replicas follow. */
export async function openAccountsWorld(
  accounts: Readonly<Record<string, OneAccount>>,
  elsewhere: Readonly<Record<string, AccountSummary>> = {},
) {
  const clock = new FakeClock();
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => troubles.push(error);
  const address = { host: '127.0.0.1', port: 0 };
  const server = await startAccountsServing({ address, hosts: [], clock, onTrouble });
  onTestFinished(() => server.close());
  const all = new Map(Object.entries(accounts));
  const hearing = new Map<string, Listener[]>();
  const made = new Map<string, { of: OneAccount; status: AccountSeen['status'] }>();
  // As the reporter of a daemon keeps it: the same value as long as nothing moves.
  const statusOf = (name: string) => {
    const one = all.get(name) ?? {};
    const known = made.get(name);
    if (known?.of === one) return known.status;
    const status = accountStatus(one.records ?? [], { ...calmRecord, ...one.record });
    made.set(name, { of: one, status });
    return status;
  };
  const world = { problems: [] as { place: string; message: string }[], looks: 0, standsBy: false };
  const metrics = openAccountsMetrics({
    version: '0.0.0-test',
    clock,
    states: () => shown.statesHere(),
    problems: () => world.problems.length,
  });
  const shown = server.show({
    version: '0.0.0-test',
    metrics,
    onBug: onTrouble,
    listed: {
      names: () => [...all.keys()],
      trouble: (name) => all.get(name)?.trouble?.says ?? null,
      problems: () => world.problems,
      standsBy: () => world.standsBy,
      elsewhere: () => Object.keys(elsewhere),
      asked: () => {},
      summary(name, now) {
        world.looks += 1;
        const one = all.get(name);
        if (one === undefined) return elsewhere[name] ?? null;
        const { trouble = null, liveness } = one;
        const daemon = liveness?.isAlive === false ? 'gone' : 'running';
        const seen = { name, status: statusOf(name), daemon, trouble, suspend: null } as const;
        return accountSummary(seen, now);
      },
    },
  });
  const follow = (name: string) => {
    const records = new Map(all.get(name)?.records?.map((one) => [one.widgetId, one]));
    const deps: ServeDeps = {
      ...{
        clock,
        command,
        records,
        version: '0.0.0-test',
        released: 'reset',
        metrics: null,
        snapshot: null,
      },
      place: { base: accountBase(name), account: name },
      account: () => statusOf(name),
      liveness: all.get(name)?.liveness ?? { isAlive: true, silentMs: 0 },
      view: { history: async () => ({ entries: [], damaged: 0 }), holder: async () => null },
      directory: { compose: () => null, sourceLine: () => null },
      explain: (widget, lastWrite) =>
        explainWidget({
          ...{ widget, lastWrite, applied: null, now: clock.now(), command },
          ...{ record: statusOf(name).record, daemon: 'running', isHeld: true },
        }),
      onBug: onTrouble,
    };
    hearing.set(name, [metrics.follow(name, () => statusOf(name)), shown.follow(name, deps)]);
  };
  for (const [name, { trouble }] of all) if (trouble == null) follow(name);
  const hear = (name: string, event: SyncEvent) => {
    for (const listener of hearing.get(name) ?? []) listener(event);
  };
  return {
    ...{ clock, troubles, hear, world, url: `http://127.0.0.1:${server.port}` },
    become(name: string, one: OneAccount) {
      all.set(name, one);
      hear(name, { kind: 'status-changed' });
    },
    come(name: string, one: OneAccount) {
      all.set(name, one);
      if (one.trouble == null) follow(name);
      shown.changed();
    },
    go(name: string) {
      all.delete(name);
      hearing.delete(name);
      metrics.leave(name);
      shown.leave(name);
      shown.changed();
    },
  };
}
