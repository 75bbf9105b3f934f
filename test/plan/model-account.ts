// One widget in an account whose reads may lag, and passes over it as widget-sync makes them: the real
// plan, the real write and what is really recorded, without a disk and without a wire.

import type { JsonObject } from '../../src/base/json/json.ts';
import type { AppliedRecord } from '../../src/model/applied-record.ts';
import type { WidgetDocument } from '../../src/model/document.ts';
import type { LiveWidget, Plan, Policy } from '../../src/model/plan.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { HistoryEntry } from '../../src/status/history-entry.ts';
import { recordEach } from '../../src/sync/queue/record-findings.ts';
import { sendChange } from '../../src/sync/queue/send-change.ts';
import { UnsavedRecords } from '../../src/sync/queue/unsaved-records.ts';
import { UnsettledSends } from '../../src/sync/queue/unsettled-sends.ts';
import { apiError } from '../support/changes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { nothingInherited } from '../support/inherited.ts';
import { idOf, viewsOf } from './fixtures.ts';
import { put, type Server, shown, told } from './model-server.ts';

/** No read lags for longer. */
const lagMs = 15_000;

export type Read = 'in time' | 'one write late' | 'not at all';

export interface Look {
  readonly document: WidgetDocument;
  readonly policy: Omit<Policy, 'nowMs'>;
  /** What the pass reads. */
  readonly read: Read;
  /** What the write reads, where the pass has not. */
  readonly readForWrite?: Exclude<Read, 'not at all'>;
  /** No answer comes. */
  readonly isUnconfirmed?: boolean;
  /** Nor has the request arrived. */
  readonly isLost?: boolean;
}

export class ModelAccount {
  readonly clock: FakeClock;
  readonly #server: Server;
  readonly #records = new Map<WidgetId, AppliedRecord>();
  /** Every body that was sent. */
  readonly sent: JsonObject[] = [];
  /** The history of what was confirmed. */
  readonly entries: HistoryEntry[] = [];
  #live: JsonObject;
  #former: JsonObject | null = null;
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    server: Server,
    { live, applied, nowMs }: { live: JsonObject; applied: AppliedRecord | null; nowMs: number },
  ) {
    this.clock = new FakeClock(new Date(nowMs));
    this.#server = server;
    this.#live = live;
    if (applied !== null) this.#records.set(applied.widgetId, applied);
  }

  get live(): JsonObject {
    return this.#live;
  }

  get applied(): AppliedRecord | null {
    return this.#records.get(idOf(1)) ?? null;
  }

  /** Somebody changes it in the dashboard. */
  touch(fields: JsonObject): void {
    this.#live = { ...this.#live, ...fields };
  }

  plan({ document, policy, read }: Look): Plan {
    const live = read === 'not at all' ? null : this.#read(read);
    const widgets = new Map(live === null ? [] : [[idOf(1), live]]);
    const requests = { list: 1, get: 0 };
    return makePlan(
      viewsOf({
        desired: [document],
        records: [...this.#records.values()],
        live: { widgets, total: 1, requests },
      }),
      { ...policy, nowMs: this.clock.now().getTime() },
    );
  }

  /** Makes the plan, sends its changes and records what it found. */
  async pass(look: Look): Promise<Plan> {
    const plan = this.plan(look);
    const deps = this.#deps(look);
    const { signal } = new AbortController();
    for (const change of plan.changes) {
      const leave = {
        slot: anySlot,
        nextSlot: async () => anySlot,
        waiting: signal,
        inFlight: signal,
      };
      const first = { attempt: 1, unreadStatus: null, lastRead: null, onRead: () => {} };
      const attempt = await sendChange({ change, ...leave, ...first }, deps);
      const expected = look.isUnconfirmed ? 'failed' : 'applied';
      if (attempt.status !== expected) throw new Error(`is ${JSON.stringify(attempt)}`);
    }
    const state = { ...deps.state, isFromElsewhere: () => false, knownContent: () => undefined };
    await recordEach(plan, { state, isBusy: () => false }, this.clock.now());
    return plan;
  }

  #read(read: Exclude<Read, 'not at all'>): LiveWidget {
    const readAtMs = this.clock.now().getTime();
    const mayLag = readAtMs - this.#writtenAtMs < lagMs;
    const body = read === 'one write late' && mayLag ? this.#former : null;
    return { body: shown(this.#server, body ?? this.#live), readAtMs };
  }

  #put(body: JsonObject) {
    this.sent.push(body);
    this.#former = this.#live;
    this.#live = put(this.#server, this.#live, body);
    this.#writtenAtMs = this.clock.now().getTime();
    return { httpStatus: 200, widget: told(this.#server, this.#live) };
  }

  #deps({ readForWrite = 'in time', isUnconfirmed = false, isLost = false }: Look) {
    const save = async (record: AppliedRecord) => {
      this.#records.set(record.widgetId, record);
    };
    return {
      api: {
        putWidget: async (_: WidgetId, body: JsonObject) => {
          const confirmation = isUnconfirmed && isLost ? null : this.#put(body);
          if (isUnconfirmed || confirmation === null)
            throw apiError({ status: null, retry: 'later' });
          return confirmation;
        },
      },
      live: { readable: true, readForWrite: async () => this.#read(readForWrite) },
      state: {
        records: this.#records,
        save,
        confirm: async (record: AppliedRecord, entry: HistoryEntry) => {
          this.entries.push(entry);
          await save(record);
        },
        saveUnlessMoved: async (record: AppliedRecord, found: AppliedRecord | undefined) => {
          if (this.#records.get(record.widgetId) === found) await save(record);
        },
      },
      clock: this.clock,
      random: () => 0.5,
      unsaved: new UnsavedRecords(),
      inherited: nothingInherited,
      unsettled: new UnsettledSends(this.clock),
    };
  }
}

const anySlot = { ended: () => {}, release: () => {} };
