// A served account that a test makes up: statuses, records and events, without a daemon.
import { onTestFinished } from 'vitest';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { LoadedTree } from '../../../src/model/document.ts';
import type { Views } from '../../../src/model/plan.ts';
import type { ServeDeps } from '../../../src/observe/serve/serve-deps.ts';
import { startServing } from '../../../src/observe/serve/serving.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { onlyPlace } from '../../../src/render/status-page/layout.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import { explainWidget } from '../../../src/status/explain/explain.ts';
import type { HistoryEntry } from '../../../src/status/history-entry.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { changed } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export interface WorldOptions {
  readonly hosts?: readonly string[];
  readonly records?: readonly AppliedRecord[];
  readonly record?: Partial<StatusRecord>;
  readonly history?: readonly HistoryEntry[];
  readonly deps?: Partial<ServeDeps>;
}

export const startedAt = new Date('2026-03-01T08:00:00Z');

export const calmRecord: StatusRecord = {
  time: startedAt,
  command: 'run',
  directory: 'widgets',
  revision: null,
  commit: null,
  source: 'plain',
  obstacles: [],
  waiting: null,
  apiRate: null,
  isBlind: false,
  files: null,
  unseen: [],
  refusedChecksum: null,
  lifetime: {
    pid: 1,
    host: 'here',
    startedAt,
    heartbeat: startedAt,
    endedAt: null,
    lastResync: null,
    nextResync: null,
    lastWrite: null,
  },
  queue: [],
  held: [],
  failed: [],
  drifted: [],
  orphaned: [],
  kept: [],
};

/** Listening, and nothing shown yet. */
export async function openServer(hosts: readonly string[] = []) {
  const clock = new FakeClock();
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => troubles.push(error);
  const address = { host: '127.0.0.1', port: 0 };
  const serving = await startServing({ address, hosts, clock, onTrouble });
  onTestFinished(() => serving.close());
  return { ...serving, clock, troubles, url: `http://127.0.0.1:${serving.port}` };
}

const command = (...words: string[]) => `widget-sync ${words.join(' ')}`;

export async function openWorld(options: WorldOptions = {}) {
  const server = await openServer(options.hosts);
  const { records = [], history = [] } = options;
  const known = new Map(records.map((one) => [one.widgetId, one]));
  const bugs: unknown[] = [];
  let account = accountStatus(records, { ...calmRecord, ...options.record });
  const hear = server.show({
    place: onlyPlace,
    clock: server.clock,
    version: '0.0.0-test',
    account: () => account,
    records: known,
    released: 'reset',
    liveness: { isAlive: true, silentMs: 0 },
    view: {
      history: async ({ limit, widgetId }) => ({
        entries: history
          .filter((entry) => widgetId === null || entry.widgetId === widgetId)
          .slice(-limit),
        damaged: 0,
      }),
      holder: async () => null,
    },
    directory: { sourceLine: () => null, compose: () => null },
    metrics: null,
    snapshot: null,
    command,
    explain: (widget, lastWrite) => {
      const applied = records.find(({ widgetId }) => widgetId === widget.widgetId) ?? null;
      const asked = { widget, lastWrite, applied, now: server.clock.now() } as const;
      return explainWidget({
        ...asked,
        record: account.record,
        daemon: 'running',
        isHeld: true,
        command,
      });
    },
    onBug: (error) => bugs.push(error),
    ...options.deps,
  });
  return {
    ...server,
    hear,
    bugs,
    known,
    become(record: Partial<StatusRecord>, now = [...known.values()]) {
      account = accountStatus(now, { ...calmRecord, ...record });
      hear({ kind: 'status-changed' });
    },
  };
}

/** A pass over these files. */
export function planMade(views: Views): SyncEvent {
  const tree: LoadedTree = {
    documents: views.desired,
    held: views.held,
    problems: [],
    notes: [],
    fragments: [],
    nextUntil: null,
    revision: null,
    committedAt: null,
    source: 'plain',
    folders: new Map(),
  };
  const plan = makePlan(views, changed);
  return { kind: 'plan-made', tree, plan, refusal: null, trigger: 'files', durationMs: 1 };
}
