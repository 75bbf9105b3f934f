// Notifications of one account whose status a test sets, on a clock that it moves, to a target whose answers
// it decides: over as many processes as it likes.
import { onTestFinished } from 'vitest';
import type { Post, PostResult } from '../../../src/api/post.ts';
import { forgetSecrets } from '../../../src/base/secrets.ts';
import { type Notifying, startNotifying } from '../../../src/observe/notify/notifying.ts';
import { Notifier } from '../../../src/observe/notify/outlet/notifier.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryState } from '../../support/memory-state.ts';
import { captureLog } from './capture-log.ts';
import { targetAt } from './messages.ts';

export const startedAt = new Date('2026-03-01T08:00:00Z');

/** A pass that found nothing to mend. */
export function recordOf(changes: Partial<StatusRecord> = {}): StatusRecord {
  return {
    ...{ time: startedAt, command: 'run', directory: 'widgets', revision: null, commit: null },
    ...{ source: 'checkout', obstacles: [], waiting: null, apiRate: null, isBlind: false },
    refusedChecksum: null,
    lifetime: {
      ...{ pid: 1, host: 'ops-1', startedAt, heartbeat: null, endedAt: null },
      ...{ lastResync: null, nextResync: null, lastWrite: null },
    },
    ...{ files: null, unseen: [] },
    ...{ queue: [], held: [], failed: [], drifted: [], orphaned: [], kept: [] },
    ...changes,
  };
}

type Failed = StatusRecord['failed'][number];
type Queued = StatusRecord['queue'][number];

export function failedOf(n: number, changes: Partial<Failed> = {}): Failed {
  return {
    ...{ widgetId: `id-${n}`, file: `w${n}.yaml`, name: `Widget ${n}`, widgetType: 'chat' },
    ...{ error: 'The API refused the widget (422)', httpStatus: 422, attempts: 1 },
    ...{ time: startedAt, line: 7, since: startedAt },
    ...changes,
  };
}

export function queuedOf(n: number, changes: Partial<Queued> = {}): Queued {
  return {
    ...{ widgetId: `id-${n}`, file: `w${n}.yaml`, name: `Widget ${n}`, widgetType: 'chat' },
    ...{ reason: 'edited', fields: ['/name'], revision: null, phase: 'queued', place: 1 },
    ...{ attempts: 0, answered: null, httpStatus: null, nextTry: null, since: startedAt },
    ...changes,
  };
}

export function obstacle(by: StatusRecord['obstacles'][number]['by'], says = 'it is so') {
  return { by, says, since: startedAt };
}

/** As a webhook gets it. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly severity: string;
  readonly cause: string;
  readonly ends: readonly string[];
  readonly title: string;
  readonly text: string;
  readonly count: number;
  readonly widgets: readonly object[];
  readonly fields: readonly object[];
}

export const taken: PostResult = { isTaken: true, says: 'it answered 200 OK' };
export const refused: PostResult = {
  ...{ isTaken: false, says: 'it answered 500', retry: 'later', retryAfterMs: null },
};

interface Options {
  readonly entry?: string;
  readonly againMs?: number | null;
}

const everything = '{ to: webhook, url_file: url, secret_file: secret }';

export async function notifyWorld({ entry = everything, againMs = null }: Options = {}) {
  const clock = new FakeClock(startedAt);
  const backend = memoryState();
  const target = targetAt('https://hooks.example.com/one/address/of/somebody', entry);
  onTestFinished(forgetSecrets);
  const { log, lines } = captureLog();
  const told: Told[] = [];
  const ended: string[] = [];
  const world = { answer: taken, record: recordOf(), ids: 0 };
  const poster = {
    async post({ body }: Post) {
      const { answer } = world;
      if (answer.isTaken) told.push(JSON.parse(body) as Told);
      return answer;
    },
    close: async () => {},
  };
  let store: StateStore | null = null;
  let notifying: Notifying | null = null;
  const newId = () => {
    world.ids += 1;
    return `message ${world.ids}`;
  };
  const hear = (event: SyncEvent) => notifying?.hear(event);
  const actions = {
    /** A process begins; as long as it has made no pass it knows nothing of widgets. */
    async start() {
      const options = { directory: 'state', apiUrl: 'https://api.example.com', reader: '1', clock };
      store = await backend.open({ ...options, command: 'run', warn: () => {} });
      const outlet = new Notifier([target], { poster, clock, random: () => 0, log });
      notifying = await startNotifying({
        ...{ outlet, againMs, state: store, clock, newId, log },
        status: () => accountStatus([], world.record),
        source: { directory: 'widgets', host: 'ops-1' },
        emit: (event) => {
          if (event.kind === 'notification-ended') ended.push(event.result);
        },
      });
    },
    /** In good order. */
    async stop() {
      const stopped = notifying?.stop();
      await clock.advance(5000);
      await stopped;
      notifying = null;
      await store?.close();
    },
    hear,
    passed() {
      hear(planMade);
    },
    /** The status is this from now on, for so long. */
    async show(record: Partial<StatusRecord>, forMs = 0) {
      world.record = recordOf(record);
      hear({ kind: 'status-changed' });
      await clock.advance(forMs);
    },
    announced: () => store?.announcements(),
  };
  await actions.start();
  onTestFinished(() => actions.stop());
  return { ...actions, clock, told, ended, lines, world };
}

/** What is listened to of it is that it was made. */
const planMade = { kind: 'plan-made' } as SyncEvent;
