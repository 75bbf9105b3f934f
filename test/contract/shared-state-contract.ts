// What a store has to do besides whose tenure can be lost to another process, told over its port alone.
import { describe, expect, onTestFinished, test } from 'vitest';
import { StateError, TenureLostError } from '../../src/base/errors.ts';
import { sha256 } from '../../src/model/widget.ts';
import type { OpenOptions, StateBackend, StateStore } from '../../src/state/state-store.ts';
import { ava, ben, entryOf, recordOf, statusOf } from '../state/fixtures/state-options.ts';
import { FakeClock } from '../support/fake-clock.ts';

export interface SharedStateUnderTest {
  readonly backend: StateBackend;
  /** Where nothing was kept yet. */
  readonly directory: string;
  /** Opens it as another process that takes the tenure over, whoever has it. */
  readonly takeOver: (options: OpenOptions) => Promise<StateStore>;
}

const minute = { limit: 9, windowMs: 60_000 };
const timeoutMs = 30_000;

async function world(make: () => Promise<SharedStateUnderTest>) {
  const { backend, directory, takeOver } = await make();
  const clock = new FakeClock();
  const opened: StateStore[] = [];
  onTestFinished(async () => {
    for (const store of opened.toReversed()) await store.close();
  });
  const options: OpenOptions = {
    ...{ directory, clock, apiUrl: 'https://api.example.com', reader: '1.0.0', command: 'run' },
    warn: () => {},
  };
  const keep = (store: StateStore) => {
    opened.push(store);
    return store;
  };
  return {
    clock,
    open: async () => keep(await backend.open(options)),
    takeOver: async () => keep(await takeOver(options)),
    look: () => backend.look(options),
  };
}

const suspect = { widgetId: ava, hash: sha256('late'), sent: { intro_message: 'Late' } };

export function describeSharedState(name: string, make: () => Promise<SharedStateUnderTest>): void {
  describe(`${name}: a tenure`, () => {
    test('is one process’s until another takes it over, whose token is greater', async () => {
      const { open, takeOver } = await world(make);
      const former = await open();
      expect(former.tenure.isMine()).toBe(true);
      expect(former.tenure.ended.aborted).toBe(false);
      const successor = await takeOver();
      expect(successor.tenure.isMine()).toBe(true);
      expect(
        successor.tenure.token.localeCompare(former.tenure.token, 'en', { numeric: true }),
      ).toBe(1);
    });

    test('that was taken over lets nothing be written, and ends with the first write', async () => {
      const { open, takeOver, look, clock } = await world(make);
      const former = await open();
      const usage = await former.openRateUsage(minute, timeoutMs);
      await former.confirm(recordOf(ava), entryOf(recordOf(ava)));
      const successor = await takeOver();
      const later = recordOf(ava, { revision: 'later' });
      await successor.save(later);
      const writes = [
        () => former.save(recordOf(ava)),
        () => former.saveUnlessMoved(recordOf(ava), former.records.get(ava)),
        () => former.confirm(recordOf(ben), entryOf(recordOf(ben))),
        () => former.forget([ava], clock.now()),
        () => former.reportStatus(statusOf()),
        () => former.saveAllowedChanges(new Map([[ava, sha256('one')]])),
        () => former.saveAnnouncements([]),
        () => usage.keep([{ widgetId: ben, hash: sha256('one') }]),
      ];
      for (const write of writes) await expect(write()).rejects.toThrow(TenureLostError);
      expect(former.tenure.ended.aborted).toBe(true);
      expect(former.tenure.ended.reason).toBeInstanceOf(TenureLostError);
      expect(former.tenure.isMine()).toBe(false);
      former.keepLearntLimit({ perSecond: 1, refusedAt: 2, isConfirmed: true, about: 1 });
      await former.close();

      expect(await look().recordsOf(new Set([ava, ben]))).toEqual([later]);
      expect((await look().history({ limit: 9, widgetId: null })).entries).toHaveLength(1);
      expect(await look().status()).toEqual({ status: null, damaged: null });
      expect((await look().allowedChanges()).size).toBe(0);
      expect(await look().learntLimit()).toBeNull();
      // Nor does its end take the tenure from who has it.
      await successor.save(recordOf(ben));
      expect(await look().recordedIds()).toEqual([ava, ben].sort());
    });

    test('leaves what was under way to the next, also where that is alive', async () => {
      const { open, takeOver, clock } = await world(make);
      const former = await (await open()).openRateUsage(minute, timeoutMs);
      await former.keep([
        { widgetId: ava, hash: sha256('one') },
        { widgetId: null, hash: null },
      ]);
      await clock.advance(20_000);
      const { inherited, earlierMs } = await (await takeOver()).openRateUsage(minute, timeoutMs);
      expect(inherited).toMatchObject([{ widgetId: ava }]);
      // It may have left in the last moment: its time counts from the takeover.
      const overAtMs = clock.monotonicMs() + timeoutMs;
      for (const untilMs of [...earlierMs, ...inherited.map((one) => one.untilMs)]) {
        expect(untilMs).toBeGreaterThanOrEqual(overAtMs);
        expect(untilMs).toBeLessThanOrEqual(overAtMs + 10_000);
      }
      expect(earlierMs).toHaveLength(2);
    });
  });

  describe(`${name}: suspects`, () => {
    test('are left by who has lost the tenure, and stay until who has it removes them', async () => {
      const { open, takeOver } = await world(make);
      const former = await open();
      expect(await former.suspects?.left()).toEqual([]);
      const second = await takeOver();
      await expect(former.save(recordOf(ava))).rejects.toThrow(TenureLostError);
      await former.suspects?.leave([suspect, { ...suspect, widgetId: ben }]);
      const left = (await second.suspects?.left()) ?? [];
      expect(left).toMatchObject([suspect, { ...suspect, widgetId: ben }]);
      const [first] = left;
      await expect(former.suspects?.remove(left.map(({ id }) => id))).rejects.toThrow(StateError);

      const third = await takeOver();
      expect(await third.suspects?.left()).toEqual(left);
      await third.suspects?.remove([first?.id ?? '']);
      expect(await third.suspects?.left()).toEqual(left.slice(1));
      await third.suspects?.remove(left.map(({ id }) => id));
      expect(await third.suspects?.left()).toEqual([]);
    });

    test('of the same widget are kept one by one', async () => {
      const { open, takeOver } = await world(make);
      const former = await open();
      const store = await takeOver();
      await former.suspects?.leave([suspect]);
      await former.suspects?.leave([{ ...suspect, hash: sha256('other'), sent: {} }]);
      const left = (await store.suspects?.left()) ?? [];
      expect(left.map(({ hash }) => hash).sort()).toEqual([suspect.hash, sha256('other')].sort());
      expect(new Set(left.map(({ id }) => id)).size).toBe(2);
    });
  });
}
