// A loop whose tenure ends, and one that comes after it.
import { expect, test } from 'vitest';
import type { OpenOptions, StateStore } from '../../../src/state/state-store.ts';
import { stateOptions } from '../../state/fixtures/state-options.ts';
import { apiError } from '../../support/changes.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';
import { memoryState } from '../../support/memory-state.ts';
import { widgetId } from '../../support/sandbox.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };

/** A state that each process takes over from the one before. */
function sharedState() {
  const backend = memoryState({ shared: true });
  const options: OpenOptions = stateOptions('shared');
  return { takeOver: (): Promise<StateStore> => backend.open(options) };
}

test('sends nothing more, calls back what is in flight, and writes nothing', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  const signals: AbortSignal[] = [];
  world.answer = (_body, _key, signal) => {
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(calledBack)));
  };
  await world.loop.start();
  await world.until(() => signals.length === 1);
  const successor = await takeOver();
  expect(signals[0]?.aborted).toBe(true);
  await world.until(() => world.outcomes.length === 2);
  expect(world.outcomes).toMatchObject([{ status: 'unsent' }, { status: 'failed' }]);
  expect(world.outcomes[0]).toMatchObject({ why: expect.stringContaining('another replica') });
  // Whatever is asked of it, it is over.
  world.write('ava.yaml', yaml(1, 'Later'));
  world.hint();
  world.due();
  await world.clock.advance(120_000);
  expect(world.puts).toHaveLength(1);
  expect(successor.records.size).toBe(0);
  expect(world.told.filter((line) => line.includes('StateError'))).toEqual([]);
  expect(world.bugs).toEqual([]);
  await world.loop.stop({ deadlineMs: 0 });
});

test('a pass under way ends without a plan', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  let isRead = false;
  world.onRead = (_key, _what, signal) => {
    isRead = true;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(calledBack)));
  };
  await world.loop.start();
  await world.until(() => isRead);
  await takeOver();
  await world.loop.stop({ deadlineMs: 0 });
  expect(world.plans).toEqual([]);
  expect(world.puts).toEqual([]);
});

test('what was being sent is left as suspect, with the fields that may have landed', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  await world.startAndApply(2);
  expect(world.unsettled.suspects()).toEqual([]);
  let isSent = false;
  world.answer = (_body, _key, signal) => {
    isSent = true;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(calledBack)));
  };
  world.write('ava.yaml', yaml(1, 'Late'));
  world.hint();
  await world.clock.advance(1000);
  await world.until(() => isSent);
  await takeOver();
  await world.loop.stop({ deadlineMs: 0 });
  expect(world.unsettled.suspects()).toMatchObject([
    { widgetId: widgetId(1), sent: { display_name: 'Late' } },
  ]);
  // Who learns of it much later has given up long before.
  await world.clock.advance(60_001);
  expect(world.unsettled.suspects()).toEqual([]);
});

test('an answer whose record is refused leaves a suspect too', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  world.answer = async () => {
    await takeOver();
    return { httpStatus: 200, widget: null };
  };
  await world.loop.start();
  await world.until(() => world.outcomes.length === 2);
  await world.loop.stop({ deadlineMs: 0 });
  expect(world.unsettled.suspects()).toMatchObject([{ widgetId: widgetId(1) }]);
});

test('the next one reads a suspect, makes it right again, and only then forgets the suspicion', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  await world.startAndApply(2);
  await world.clock.advance(60_000);
  const hash = 'f'.repeat(64);
  const sent = { display_name: 'Late', intro_message: 'Late' };
  const { suspects } = world.state;
  // It landed on top of what this one has applied since.
  world.edit(1, sent);
  await suspects?.leave([{ widgetId: widgetId(1), hash, sent }]);
  const before = world.reads.length;
  let left = 0;
  world.answer = async (body) => {
    left = (await suspects?.left())?.length ?? Number.NaN;
    expect(world.state.records.get(widgetId(1))?.trail.state).toBe('unconfirmed');
    return { httpStatus: 200, widget: body };
  };
  await world.clock.advance(1000);
  await world.until(() => world.outcomes.length === 3);
  expect(world.reads.slice(before)).toContain('get');
  expect(left).toBe(0);
  // What the late write alone has set is set back.
  expect(world.bodies.at(-1)).toMatchObject({ display_name: 'Ava', intro_message: null });
  expect(await suspects?.left()).toEqual([]);
  expect(world.state.records.get(widgetId(1))?.trail.state).toBe('confirmed');
  expect(world.puts).toEqual(['Ava', 'Ben', 'Ava']);
});

test('a suspect of content that this one has applied, or of no record, costs nothing', async () => {
  const { takeOver } = sharedState();
  const world = await LoopWorld.make(two, { state: await takeOver() });
  await world.startAndApply(2);
  await world.clock.advance(60_000);
  const hash = world.state.records.get(widgetId(1))?.hash ?? '';
  const { suspects } = world.state;
  await suspects?.leave([
    { widgetId: widgetId(1), hash, sent: { display_name: 'Ava' } },
    { widgetId: widgetId(9), hash, sent: {} },
  ]);
  const before = world.reads.length;
  await world.clock.advance(2000);
  expect(await suspects?.left()).toEqual([]);
  expect(world.puts).toEqual(['Ava', 'Ben']);
  expect(world.reads).toHaveLength(before);
});

const calledBack = apiError({ status: null, retry: 'later' });
