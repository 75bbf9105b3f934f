// A daemon's loop with real files and a real key file, its state in memory; time, the watcher, the
// schedule and the account that the API speaks for are the test's.

import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { openApiKey } from '../../src/api/api-key.ts';
import type { Confirmation, WidgetApi } from '../../src/api/widget-api.ts';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { ChangeLimit } from '../../src/config/change-limit.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import type { AllowedChanges, InheritedWrite, StateStore } from '../../src/state/state-store.ts';
import { type Listener, listenerOf, type Trigger } from '../../src/sync/events.ts';
import { LiveReader } from '../../src/sync/live/live-reader.ts';
import { Loop } from '../../src/sync/loop/loop.ts';
import type { LoopDeps } from '../../src/sync/loop/loop-types.ts';
import { InheritedWrites } from '../../src/sync/queue/inherited-writes.ts';
import { sendChange } from '../../src/sync/queue/send-change.ts';
import { UnsavedRecords } from '../../src/sync/queue/unsaved-records.ts';
import { UnsettledSends } from '../../src/sync/queue/unsettled-sends.ts';
import { stateOptions } from '../state/fixtures/state-options.ts';
import { temporaryDirectory, writeFile } from './command.ts';
import { FakeClock } from './fake-clock.ts';
import { memoryState } from './memory-state.ts';
import { openLimiter } from './open-limiter.ts';
import { widgetId } from './sandbox.ts';

/** A widget file's text. */
export function yaml(n: number, name: string): string {
  return `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;
}

const accountSize = 10;

export interface LoopWorldOptions {
  readonly live?: 'auto' | 'off';
  readonly limit?: ChangeLimit;
  /** 1, so that writes come in order, unless said otherwise. */
  readonly concurrency?: number;
  /** Default: one of its own. */
  readonly state?: StateStore;
  /** What earlier processes may still write. */
  readonly inherited?: readonly InheritedWrite[];
  /** Replaces parts of what the loop is made of. */
  readonly change?: (deps: LoopDeps) => Partial<LoopDeps>;
}

/** The state with some of its parts replaced. */
export function stateWith(state: StateStore, parts: Partial<StateStore>): StateStore {
  return new Proxy(state, {
    get(target, name) {
      const part: unknown = Reflect.get(parts, name) ?? Reflect.get(target, name);
      return typeof part === 'function' ? part.bind(target) : part;
    },
  });
}

type Answer<Value> = Promise<Value> | Value;

export class LoopWorld {
  readonly root = temporaryDirectory();
  readonly widgets = join(this.root, 'widgets');
  readonly clock = new FakeClock();
  readonly state: StateStore;
  readonly loop: Loop;
  /** Widgets 0 to 9, as the API has them. A write changes it where `answer` lets it. */
  readonly account = new Map<WidgetId, JsonObject>();
  /** The display names that the API got, oldest first. */
  readonly puts: string[] = [];
  readonly unsettled = new UnsettledSends(this.clock);
  /** The whole bodies. */
  readonly bodies: JsonObject[] = [];
  /** `list` and `get` for each read that the API got, oldest first. */
  readonly reads: string[] = [];
  /** What the loop told, in a word or two each, without the passes that only look again in time. */
  readonly told: string[] = [];
  /** How many of those there were. */
  rescans = 0;
  /** How many times everything was read. */
  sweeps = 0;
  #isHinted = false;
  readonly plans: Plan[] = [];
  readonly outcomes: Outcome[] = [];
  readonly bugs: unknown[] = [];
  readonly stopped: string[] = [];
  readonly limit: ChangeLimit | null;
  /** The checksum of the plan that a person has approved. */
  approved: string | null = null;
  /** What was let through and is not confirmed yet, as it survives a restart. */
  admitted: AllowedChanges = new Map();
  hint: () => void = () => {};
  blind: (why: string | null) => void = () => {};
  /** How many folders each look told the watcher of; null where there was nothing to look at. */
  readonly compared: (number | null)[] = [];
  due: () => void = () => {};
  /** The API's word on a write, once it is stored; throws to refuse it. */
  answer: (body: JsonObject, key: string, signal: AbortSignal) => Answer<Confirmation> = () => ({
    httpStatus: 200,
    widget: null,
  });
  /** Throws to refuse a read. */
  onRead: (key: string, what: string, signal: AbortSignal) => Answer<void> = () => {};

  static async make(
    files: Record<string, string>,
    options: LoopWorldOptions = {},
  ): Promise<LoopWorld> {
    const state = options.state ?? (await memoryState().open(stateOptions('memory')));
    const world = new LoopWorld(state, files, options);
    onTestFinished(async () => {
      await world.loop.stop({ deadlineMs: 0 });
      await state.close();
    });
    return world;
  }

  private constructor(state: StateStore, files: Record<string, string>, options: LoopWorldOptions) {
    const { live = 'auto', concurrency = 1, limit, change = () => ({}) } = options;
    const { inherited: writes = [] } = options;
    this.state = state;
    this.limit = limit ?? null;
    this.write('../key', 'in-first');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    for (let n = 0; n < accountSize; n += 1) {
      this.account.set(widgetId(n), { id: widgetId(n), widget_type: 'chat', name: `live ${n}` });
    }
    const key = openApiKey({ kind: 'file', path: join(this.root, 'key') });
    const api = this.#api(() => key.text());
    const { clock } = this;
    const limiter = openLimiter({ limit: 1000, windowMs: 1000 }, clock, { concurrency });
    const random = () => 0.5;
    const unsaved = new UnsavedRecords();
    const inherited = new InheritedWrites(writes, clock);
    const emit = this.#listener();
    const reader = new LiveReader(
      { live, backoff: { baseMs: 1000, capMs: 60_000 }, maxAttempts: 1 },
      { api, limiter, clock, random, emit },
    );
    const deps: LoopDeps = {
      directory: openWidgetDirectory(this.widgets, { clock }),
      state,
      key,
      live: reader,
      limiter,
      inherited,
      send: (request) =>
        sendChange(request, {
          api,
          live: reader,
          state,
          clock,
          random: () => 0.5,
          unsaved,
          inherited,
          unsettled: this.unsettled,
        }),
      queuePolicy: {
        backoff: { baseMs: 1000, capMs: 60_000 },
        maxAttempts: Number.POSITIVE_INFINITY,
        onRefusedKey: 'wait',
      },
      policy: { drift: 'correct', released: 'reset' },
      changeGate: {
        limit: this.limit,
        approved: async () => this.approved,
        forget: async () => void this.told.push('forgot the approval'),
        onTrouble: ({ message }) => void this.told.push(message),
        allowed: {
          read: async () => new Map(this.admitted),
          write: async (allowed) => {
            this.admitted = allowed;
          },
        },
      },
      emit,
      clock,
      random,
      onBug: (error) => this.bugs.push(error),
      watch: async ({ onHint, onBlind }) => {
        this.hint = () => {
          this.#isHinted = true;
          onHint();
        };
        this.blind = onBlind;
        return {
          compare: (walked) =>
            void this.compared.push(walked === null ? null : walked.folders.size),
          stop: async () => void this.stopped.push('watch'),
        };
      },
      rescan: { rescanMs: 30_000, pollMs: null, begin: 'relying' },
      schedule: (onDue) => {
        this.due = onDue;
        return { stop: async () => void this.stopped.push('schedule') };
      },
    };
    this.loop = new Loop({ ...deps, ...change(deps) });
  }

  #api(key: () => string): WidgetApi {
    const read = async (what: string, signal: AbortSignal) => {
      this.reads.push(what);
      await this.onRead(key(), what, signal);
    };
    return {
      putWidget: async (id, body, signal) => {
        this.puts.push(String(body['display_name'] ?? ''));
        this.bodies.push(body);
        const confirmation = await this.answer(body, key(), signal);
        this.account.set(id, { ...this.account.get(id), ...body });
        return confirmation;
      },
      getWidget: async (id, signal) => {
        await read('get', signal);
        return this.account.get(id) ?? null;
      },
      listWidgets: async (page, size, signal) => {
        await read('list', signal);
        const all = [...this.account.values()];
        const items = all.slice((page - 1) * size, page * size);
        const total = all.length;
        const neighbours = { previous_page: null, next_page: null };
        return { items, total, page, size, pages: Math.ceil(total / size), ...neighbours };
      },
      close: async () => {},
    };
  }

  #listener(): Listener {
    let isRefused = false;
    return listenerOf({
      'plan-made': ({ plan, refusal, trigger }) => {
        if (refusal !== null || isRefused) {
          this.told.push(`refused ${refusal?.changes ?? 'nothing'}`);
        }
        isRefused = refusal !== null;
        this.plans.push(plan);
        if (trigger === 'files' && !this.#isHinted) this.rescans += 1;
        else this.told.push(`passed ${trigger}`);
        if (trigger === 'files') this.#isHinted = false;
      },
      'files-unsettled': ({ unsettled }) => void this.told.push(`postponed ${unsettled.code}`),
      'files-polled': ({ why, intervalMs }) => void this.told.push(`polling ${why} ${intervalMs}`),
      'sweep-ended': () => {
        this.sweeps += 1;
      },
      'work-failed': ({ error, trigger, retryInMs }) =>
        void this.told.push(`${error.name} ${trigger} ${retryInMs}`),
      'finding-unsaved': ({ error }) => void this.told.push(error.name),
      'key-changed': () => void this.told.push('key changed'),
      'key-unusable': () => void this.told.push('key problem'),
      'key-usable': () => void this.told.push('key well again'),
      'change-ended': ({ outcome }) => void this.outcomes.push(outcome),
      'change-retried': () => void this.told.push('retrying'),
      'sending-halted': () => void this.told.push('halted'),
      'sending-resumed': () => void this.told.push('resumed'),
      'account-unreadable': () => void this.told.push('unreadable'),
      'account-readable': () => void this.told.push('readable'),
      'read-retried': () => void this.told.push('retrying a read'),
      'widget-unread': () => void this.told.push('unread'),
    });
  }

  write(path: string, text: string): void {
    writeFile(this.widgets, path, text);
  }

  /** Changes fields of the n-th widget in the account, as a person does in the dashboard. */
  edit(n: number, fields: JsonObject): void {
    this.account.set(widgetId(n), { ...this.account.get(widgetId(n)), ...fields });
  }

  passes(): Trigger[] {
    const prefix = 'passed ';
    return this.told.flatMap((line) =>
      line.startsWith(prefix) ? [line.slice(prefix.length) as Trigger] : [],
    );
  }

  /** Waits for the disk, while time stands still. */
  async until(condition: () => boolean): Promise<void> {
    const startedMs = performance.now();
    while (!condition()) {
      if (performance.now() - startedMs > 10_000) {
        throw new Error(
          `it did not come to that: ${this.told.join(', ')}; ${this.puts.join(', ')}; ${this.reads.join(', ')}`,
        );
      }
      await turnOfTheLoop();
    }
  }

  /** Starts, and waits until this many widgets have their outcome. */
  async startAndApply(count: number): Promise<void> {
    await this.loop.start();
    await this.until(() => this.outcomes.length === count);
  }
}
