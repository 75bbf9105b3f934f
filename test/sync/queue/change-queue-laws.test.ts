import fc from 'fast-check';
import { expect } from 'vitest';
import type { Attempt, Outcome } from '../../../src/model/outcome.ts';
import type { Reason } from '../../../src/model/plan.ts';
import type { SendRequest } from '../../../src/sync/queue/queue-deps.ts';
import {
  applied,
  failed,
  keyRefused,
  named,
  refused,
  unavailable,
  wanted,
} from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import { lostDisk, QueueWorld, type WorldPolicy } from '../../support/queue-world.ts';
import { widgetId } from '../../support/sandbox.ts';

const answers = {
  applied,
  later: failed(unavailable),
  never: failed(refused),
  account: failed(keyRefused),
  state: lostDisk,
} satisfies Record<string, Attempt>;

type Action =
  | { do: 'submit'; widget: number; content: 'new' | 'same' | 'former'; reason: Reason }
  | { do: 'retain'; widgets: readonly number[] }
  | { do: 'retryRejected' }
  | { do: 'shut' }
  | { do: 'open'; wide: boolean }
  | { do: 'leave'; which: number }
  | { do: 'answer'; which: number; as: keyof typeof answers }
  | { do: 'advance'; ms: number }
  | { do: 'await' }
  | { do: 'stop' };

const widget = fc.nat({ max: 2 });
const which = fc.nat({ max: 3 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      widget,
      content: fc.constantFrom('new' as const, 'new' as const, 'same' as const, 'former' as const),
      reason: fc.constantFrom<Reason>('new', 'edited', 'drifted', 'forced'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which,
      as: fc.constantFrom<keyof typeof answers>(
        'applied',
        'applied',
        'later',
        'never',
        'account',
        'state',
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), which }) },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'shut' }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('open' as const), wide: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(3000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('retain' as const), widgets: fc.subarray([0, 1, 2]) }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'retryRejected' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'await' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'stop' }) },
);

const policies: fc.Arbitrary<WorldPolicy> = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  maxAttempts: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  onRefusedKey: fc.constantFrom('wait' as const, 'give-up' as const),
});

/** What has to be true of a queue, kept beside the real one. */
class Model {
  readonly world: QueueWorld;
  readonly #policy: WorldPolicy;
  /** The content that each widget is to end with, where one is still owed. */
  readonly #owed = new Map<number, string>();
  /** The content that was refused for good. */
  readonly #refused = new Map<number, string>();
  readonly #contents = new Map<number, string[]>();
  readonly #awaited: { done: boolean; wasIdle: boolean }[] = [];
  #stopped: Promise<void> | null = null;
  #isStopping = false;
  /** Said inside the queue's callbacks, which must not throw. */
  readonly #broken: string[] = [];

  constructor(policy: WorldPolicy) {
    this.#policy = policy;
    this.world = new QueueWorld(policy);
    this.world.onSend = (request) => this.#onSend(request);
    this.world.onOutcome = (outcome) => this.#onOutcome(outcome);
    this.world.onOutdated = () => this.#replan();
  }

  async run(one: Action): Promise<void> {
    const { queue, sending, clock, limiter } = this.world;
    switch (one.do) {
      case 'submit':
        return this.#submit(one.widget, this.#pick(one.widget, one.content), one.reason);
      case 'retain':
        return this.#retain(one.widgets);
      case 'retryRejected':
        this.#refused.clear();
        return queue.retryRejected();
      case 'shut':
        return limiter.shut();
      case 'open':
        return one.wide ? limiter.open() : limiter.openOnce();
      case 'leave':
        return sending[one.which]?.leave();
      case 'answer':
        return sending[one.which]?.end(answers[one.as]);
      case 'advance':
        return clock.advance(one.ms);
      case 'await': {
        const waiter = { done: false, wasIdle: queue.size === 0 };
        this.#awaited.push(waiter);
        void queue.idle().then(() => {
          waiter.done = true;
        });
        return;
      }
      case 'stop':
        this.#isStopping = true;
        this.#stopped ??= queue.stop({ deadlineMs: 2000 });
    }
  }

  /** Answers everything with success until nothing is left to do. */
  async finish(): Promise<void> {
    const { queue, sending, clock, limiter } = this.world;
    await limiter.open();
    for (let round = 0; queue.size > 0 && round < 50; round += 1) {
      queue.retryRejected();
      for (const one of [...sending]) await one.end(applied);
      await clock.advance(120_000);
      this.check();
    }
    expect(queue.size).toBe(0);
    expect([...this.#owed]).toEqual([]);
    if (this.#stopped !== null) expect(await this.world.isDone(this.#stopped)).toBe(true);
    expect(this.world.bugs).toEqual([]);
  }

  check(): void {
    const { queue, sending } = this.world;
    expect(this.#broken).toEqual([]);
    const busy = new Set(sending.map(({ request }) => request.change.widgetId));
    for (const widget of this.#owed.keys()) busy.add(widgetId(widget));
    expect(queue.size).toBe(busy.size);
    for (const waiter of this.#awaited) {
      waiter.wasIdle ||= queue.size === 0;
      expect(waiter.done, 'told of idleness').toBe(waiter.wasIdle);
    }
  }

  #pick(widget: number, content: 'new' | 'same' | 'former'): string {
    const known = this.#contents.get(widget) ?? [];
    const chosen = { new: undefined, same: known.at(-1), former: known.at(-2) }[content];
    const name = chosen ?? `content ${known.length}`;
    this.#contents.set(widget, [...known, name]);
    return name;
  }

  #submit(widget: number, name: string, reason: Reason): void {
    const refusedBefore = this.#refused.get(widget) === name && reason !== 'forced';
    if (!this.#isStopping && (!refusedBefore || this.#owed.has(widget))) {
      this.#owed.set(widget, name);
      this.#refused.delete(widget);
    }
    this.world.queue.submit(named(widget, name, reason));
  }

  /** A plan that knows these widgets: what it asks for is asked for again, as a pass does. */
  #retain(widgets: readonly number[]): void {
    for (const widget of [0, 1, 2].filter((widget) => !widgets.includes(widget))) {
      this.#owed.delete(widget);
      this.#refused.delete(widget);
    }
    const changes = widgets.flatMap((widget) => {
      const newest = this.#contents.get(widget)?.at(-1);
      const name = this.#owed.get(widget) ?? this.#refused.get(widget) ?? newest;
      return name === undefined ? [] : [named(widget, name)];
    });
    this.world.queue.retain(wanted(...changes));
    for (const [widget, name] of this.#owed) this.#submit(widget, name, 'edited');
  }

  /** What is still owed is asked for again, as a pass does. */
  #replan(): void {
    // For a moment there may have been nothing to do.
    for (const waiter of this.#awaited) waiter.wasIdle ||= this.world.queue.size === 0;
    for (const [widget, name] of this.#owed) this.world.queue.submit(named(widget, name));
  }

  #onSend({ change }: SendRequest): void {
    const { queue, sending } = this.world;
    this.#demand(!this.#isStopping, 'nothing is sent after stop');
    this.#demand(!queue.halted, 'nothing is sent while halted');
    this.#demand(sending.length < (this.#policy.concurrency ?? 1), 'concurrency is kept');
    const isAlone = sending.every(({ request }) => request.change.widgetId !== change.widgetId);
    this.#demand(isAlone, 'one request for a widget at a time');
    // Always the newest: then an older one can never follow it.
    const newest = this.#owed.get(numberOf(change.file));
    this.#demand(change.spec.display_name === newest, 'only the newest content is sent');
  }

  #onOutcome(outcome: Outcome): void {
    const { status, change } = outcome;
    const widget = numberOf(change.file);
    const name = change.spec.display_name ?? '';
    const gaveUp = this.#policy.onRefusedKey === 'give-up' && this.world.queue.halted;
    const isEnding = this.#isStopping || gaveUp;
    const isNewest = this.#owed.get(widget) === name;
    if (isNewest) this.#owed.delete(widget);
    else this.#demand(isEnding || status === 'applied', 'what was replaced can only be applied');
    if (status === 'unsent') this.#demand(isEnding, 'unsent only at an end');
    if (status !== 'failed' || isEnding) return;
    const { error, attempts } = outcome;
    const isForGood = 'retry' in error && error.retry === 'never';
    if (isForGood) this.#refused.set(widget, name);
    else this.#demand(attempts >= (this.#policy.maxAttempts ?? 0), 'tried as often as allowed');
  }

  #demand(holds: boolean, what: string): void {
    if (!holds) this.#broken.push(what);
  }
}

function numberOf(file: string): number {
  return Number(/\d+/.exec(file));
}

/** Gave up over a key that was refused, and went on once it was good again. */
const afterGivingUp: [WorldPolicy, Action[]] = [
  { concurrency: 1, maxAttempts: 1, onRefusedKey: 'give-up' },
  [
    { do: 'submit', widget: 0, content: 'new', reason: 'new' },
    { do: 'answer', which: 0, as: 'account' },
    { do: 'retain', widgets: [] },
    { do: 'retryRejected' },
    { do: 'submit', widget: 2, content: 'new', reason: 'new' },
    { do: 'submit', widget: 2, content: 'new', reason: 'new' },
  ],
];

const stories = fc.array(action, { minLength: 5, maxLength: 40 });
law.prop([policies, stories], { numRuns: 300, examples: [afterGivingUp] })(
  'each widget ends with the newest content asked for, one request at a time, and every change has one outcome',
  async (policy, actions) => {
    const model = new Model(policy);
    for (const one of actions) {
      await model.run(one);
      await settle();
      model.check();
    }
    await model.finish();
  },
);
