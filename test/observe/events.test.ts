import { expect, test } from 'vitest';
import { EventStream } from '../../src/observe/events.ts';
import { listenerOf, type SyncEvent } from '../../src/sync/events.ts';
import { LoopWorld, yaml } from '../support/loop-world.ts';

const resumed: SyncEvent = { kind: 'sending-resumed' };
const swept: SyncEvent = { kind: 'sweep-ended' };

function streamOf() {
  const bugs: unknown[] = [];
  return { stream: new EventStream((bug) => bugs.push(bug)), bugs };
}

test('whoever subscribes hears every event from then on, in the order of subscriptions', () => {
  const { stream } = streamOf();
  const heard: string[] = [];
  stream.emit(resumed);
  stream.subscribe(({ kind }) => heard.push(`first ${kind}`));
  stream.subscribe(({ kind }) => heard.push(`second ${kind}`));
  stream.emit(swept);
  stream.emit(resumed);
  expect(heard).toEqual([
    'first sweep-ended',
    'second sweep-ended',
    'first sending-resumed',
    'second sending-resumed',
  ]);
});

test('whoever has left hears nothing, also where it leaves while it hears', () => {
  const { stream } = streamOf();
  const heard: string[] = [];
  const leave = stream.subscribe(({ kind }) => {
    heard.push(kind);
    leave();
  });
  stream.subscribe(({ kind }) => heard.push(kind));
  stream.emit(swept);
  stream.emit(resumed);
  expect(heard).toEqual(['sweep-ended', 'sweep-ended', 'sending-resumed']);
});

test('a listener that throws is told of once as a bug, and the others hear all the same', () => {
  const { stream, bugs } = streamOf();
  const heard: string[] = [];
  const bug = new TypeError('not a function');
  const other = new TypeError('not one either');
  expect(stream.hasBug).toBe(false);
  stream.subscribe(() => {
    throw bug;
  });
  stream.subscribe(({ kind }) => heard.push(kind));
  stream.subscribe(
    listenerOf({
      'sending-resumed': () => {
        throw other;
      },
    }),
  );
  for (const event of [swept, resumed, swept, resumed]) stream.emit(event);
  expect(heard).toEqual(['sweep-ended', 'sending-resumed', 'sweep-ended', 'sending-resumed']);
  expect(bugs).toEqual([bug, other]);
  expect(stream.hasBug).toBe(true);
});

test('a listener of some kinds leaves the others alone', () => {
  const heard: string[] = [];
  const hear = listenerOf({ 'sweep-ended': ({ kind }) => void heard.push(kind) });
  hear(resumed);
  hear(swept);
  expect(heard).toEqual(['sweep-ended']);
});

test('a pass is made and its changes are sent, whatever a listener throws at each event', async () => {
  const { stream, bugs } = streamOf();
  const bug = new RangeError('Maximum call stack size exceeded');
  stream.subscribe(() => {
    throw bug;
  });
  const world = await LoopWorld.make(
    { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') },
    {
      change: ({ emit }) => {
        stream.subscribe(emit);
        return { emit: stream.emit };
      },
    },
  );
  await world.startAndApply(2);
  world.write('ava.yaml', yaml(1, 'Ada'));
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.outcomes.length === 3);
  expect(world.puts).toEqual(['Ava', 'Ben', 'Ada']);
  expect(world.bugs).toEqual([]);
  expect(bugs).toEqual([bug]);
});
