// The order of contents over holders that take an account over from each other, as the server sees it.
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Attempt } from '../../../src/model/outcome.ts';
import type { Change } from '../../../src/model/plan.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { ChangeQueue } from '../../../src/sync/queue/change-queue.ts';
import { InheritedWrites } from '../../../src/sync/queue/inherited-writes.ts';
import type { SendRequest } from '../../../src/sync/queue/queue-deps.ts';
import { applied, failed, named, unavailable } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';
import {
  anyFates,
  type Fate,
  ModelStore,
  type Process,
  usageOf,
} from '../../support/model-page.ts';
import { openLimiter } from '../../support/open-limiter.ts';
import { few } from '../../support/soak.ts';

/** What becomes of one request. */
interface Road {
  /** From leave to the last look. */
  readonly heldMs: number;
  /**
   * Of the timeout: until it arrives, which may take longer where the network is cut, and from then on until its
   * answer is there; null: none comes.
   */
  readonly transit: number;
  readonly answer: number | null;
}

interface Holding {
  /** When files change, each time to the next content, and of which widget. */
  readonly edits: readonly { readonly atMs: number; readonly widget: number }[];
  readonly roads: readonly Road[];
  readonly fates: readonly Fate[];
  readonly lastsMs: number;
  /** When it is killed, before that; null: it goes on, and learns that it is over. */
  readonly killedAfterMs: number | null;
  /** From the takeover until it learns of it. */
  readonly learnsAfterMs: number;
}

const timeoutMs = 3000;
const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

const holdings: fc.Arbitrary<Holding[]> = fc.array(
  fc.record({
    edits: fc.array(
      fc.record({
        atMs: fc.oneof(fc.constant(0), fc.nat({ max: 4000 })),
        widget: fc.nat({ max: 1 }),
      }),
      { maxLength: 6 },
    ),
    roads: fc.array(
      fc.record({
        heldMs: fc.constantFrom(0, 0, 50, timeoutMs),
        transit: fc.oneof(part, fc.constantFrom(1.1, 2)),
        answer: fc.option(part),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    fates: anyFates,
    lastsMs: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 8000 })),
    killedAfterMs: fc.option(fc.nat({ max: 6000 })),
    learnsAfterMs: fc.oneof(fc.nat({ max: 1000 }), fc.constant(3 * timeoutMs)),
  }),
  { minLength: 1, maxLength: 5 },
);

/** The account and its files, whoever sends. Contents are numbers, in the order in which files had them. */
class World {
  readonly clock = new FakeClock();
  readonly store = new ModelStore(this.clock, timeoutMs);
  readonly declared = [0, 0];
  /** As the server stored them, each after the other. */
  readonly stored: readonly number[][] = [[], []];

  change(widget: number): Change {
    const hash = sha256(`${widget} ${this.declared[widget]}`);
    return { ...named(widget, String(this.declared[widget])), hash };
  }
}

/** Sends what the files say for as long as it holds the account, and a little longer where it does not know. */
async function hold(holding: Holding, world: World): Promise<void> {
  const { clock, store } = world;
  const startedMs = clock.monotonicMs();
  const taken = store.takeOver();
  const killedAtMs = startedMs + (holding.killedAfterMs ?? Number.POSITIVE_INFINITY);
  const isAlive = () => clock.monotonicMs() < killedAtMs;
  const isMine = () => store.token === taken.token;
  const process: Process = { clock, store, isAlive };
  const usage = usageOf(taken, holding.fates, process);
  const limiter = openLimiter({ limit: 1000, windowMs: 1000 }, clock, { concurrency: 2 });
  limiter.resume(usage);
  let sent = 0;
  const queue: ChangeQueue = new ChangeQueue(
    {
      backoff: { baseMs: 100, capMs: 100 },
      maxAttempts: Number.POSITIVE_INFINITY,
      onRefusedKey: 'wait',
    },
    {
      ...{ limiter, clock, random: () => 0.5, emit: () => {} },
      inherited: new InheritedWrites(usage.inherited, clock),
      onBug(error) {
        throw error;
      },
      async send({ change, inFlight, slot }: SendRequest): Promise<Attempt> {
        const road = holding.roads[sent % holding.roads.length];
        sent += 1;
        const { heldMs = 0, transit = 0, answer = 0 } = road ?? {};
        await clock.sleep(heldMs, inFlight);
        if (!isAlive()) return await never;
        // The last look, and it leaves.
        if (!isMine() || inFlight.aborted) return failed(unavailable);
        const arrivesInMs = Math.floor(transit * timeoutMs);
        const given = new AbortController();
        // One that is given up is reset, and arrives no more. Of a process that is killed nobody resets it: that
        // such a cut lasts no longer than the timeout is all that is asked of the network.
        inFlight.addEventListener('abort', () => isAlive() && given.abort());
        void clock.sleep(arrivesInMs, given.signal).then(() => {
          const isCut = arrivesInMs > timeoutMs && !isAlive();
          if (!given.signal.aborted && !isCut) stores(change);
        });
        const restMs = Math.max(0, timeoutMs - arrivesInMs);
        const endsInMs = Math.min(timeoutMs, arrivesInMs + Math.floor((answer ?? 1) * restMs));
        await clock.sleep(endsInMs, inFlight);
        if (!isAlive()) return await never;
        given.abort();
        slot.ended();
        const isAnswered = answer !== null && arrivesInMs <= endsInMs && !inFlight.aborted;
        return isAnswered ? applied : failed(unavailable);
      },
    },
  );
  const stores = (change: Change) => {
    const widget = world.change(0).widgetId === change.widgetId ? 0 : 1;
    world.stored[widget]?.push(Number(change.spec.display_name));
  };
  for (const widget of [0, 1]) queue.submit(world.change(widget));
  for (const { atMs, widget } of holding.edits) {
    void clock.sleep(atMs).then(() => {
      if (!isMine() || !isAlive()) return;
      world.declared[widget] = (world.declared[widget] ?? 0) + 1;
      queue.submit(world.change(widget));
    });
  }
  await clock.advance(holding.lastsMs);
  void clock.sleep(holding.learnsAfterMs).then(() => isAlive() && queue.abandon('it is over'));
}

const never = new Promise<never>(() => {});

law.prop([holdings], { numRuns: few(1000, { soak: 10_000 }) })(
  'whoever holds the account, no older content lands on top of a newer one',
  async (all) => {
    const world = new World();
    for (const holding of all) await hold(holding, world);
    world.store.takeOver();
    await world.clock.advance(2 * timeoutMs);
    for (const stored of world.stored) expect(stored).toEqual(stored.toSorted((a, b) => a - b));
  },
);

law.prop([holdings], { numRuns: 500 })(
  'whatever was, a holder that stays makes both widgets what the files say',
  async (all) => {
    const world = new World();
    for (const holding of all) await hold(holding, world);
    const road = { heldMs: 0, transit: 0, answer: 0 };
    const fate = { thereMs: 0, backMs: 0, isAnswerLost: false, isLost: false };
    const last = { edits: [], roads: [road], fates: [fate], learnsAfterMs: 0 };
    await hold({ ...last, lastsMs: 2 * timeoutMs, killedAfterMs: null }, world);
    expect(world.stored.map((stored) => stored.at(-1))).toEqual(world.declared);
  },
);
