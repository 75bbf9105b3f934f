import { expect, test } from 'vitest';
import { sendAndWait } from '../../../src/cli/apply/send-plan.ts';
import type { Attempt, Outcome } from '../../../src/model/outcome.ts';
import { EventStream } from '../../../src/observe/events.ts';
import { forGood, type Tenure } from '../../../src/state/tenure.ts';
import { listenerOf, type SyncEvent } from '../../../src/sync/events.ts';
import type { SendRequest } from '../../../src/sync/queue/queue-deps.ts';
import { applied, named, planOf } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { nothingInherited } from '../../support/inherited.ts';
import { ManualLimiter } from '../../support/queue-world.ts';
import { TestTenure } from '../../support/tenure.ts';

/** Sends changes of w1.yaml and so on, in which `send` does what the test says. */
async function sendAll(
  count: number,
  send: (file: string) => Attempt,
  emit: (event: SyncEvent) => void,
  tenure: Tenure = forGood,
) {
  const changes = Array.from({ length: count }, (_, n) => named(n + 1, 'Ava'));
  const clock = new FakeClock();
  const silent = { write: () => {}, isTerminal: false, columns: 80 };
  const parts = {
    events: { emit },
    limiter: new ManualLimiter(1, clock),
    send: async ({ change }: SendRequest) => send(change.file),
    inherited: nothingInherited,
    state: { tenure },
  };
  const stop = new AbortController().signal;
  const world = { clock, random: () => 0.5, env: {}, stderr: silent, stop };
  return sendAndWait(planOf({ changes }), parts, world);
}

const bug = new RangeError('Maximum call stack size exceeded');

function broken(): never {
  throw bug;
}

test('a bug in the last send is the failure of its widget, and the others are sent', async () => {
  const outcomes: Outcome[] = [];
  const send = (file: string) => (file === 'w3.yaml' ? broken() : applied);
  const emit = listenerOf({ 'change-ended': ({ outcome }) => void outcomes.push(outcome) });
  await sendAll(3, send, emit);
  expect(outcomes.map(({ status, change }) => `${status} ${change.file}`)).toEqual([
    'applied w1.yaml',
    'applied w2.yaml',
    'failed w3.yaml',
  ]);
  expect(outcomes.at(-1)).toMatchObject({ error: { cause: bug } });
});

test('a bug beside the sending, whoever meets it, is thrown', async () => {
  await expect(sendAll(1, () => applied, broken)).rejects.toThrow(bug);
});

test('a bug of whoever listens is told, and all is sent and heard by the others', async () => {
  const bugs: unknown[] = [];
  const heard: string[] = [];
  const events = new EventStream((error) => bugs.push(error));
  events.subscribe(broken);
  events.subscribe(
    listenerOf({ 'change-ended': ({ outcome }) => void heard.push(outcome.change.file) }),
  );
  await sendAll(3, () => applied, events.emit);
  expect(heard).toEqual(['w1.yaml', 'w2.yaml', 'w3.yaml']);
  expect(bugs).toEqual([bug]);
});

test('a tenure that ends leaves the rest unsent, and what is in flight is called back', async () => {
  const tenure = new TestTenure();
  const outcomes: string[] = [];
  const emit = listenerOf({
    'change-ended': ({ outcome }) => void outcomes.push(`${outcome.status} ${outcome.change.file}`),
  });
  const send = (file: string) => {
    if (file === 'w2.yaml') tenure.lose();
    return applied;
  };
  await sendAll(4, send, emit, tenure);
  expect(outcomes.slice(0, 1)).toEqual(['applied w1.yaml']);
  expect(outcomes.slice(1).sort()).toEqual(['applied w2.yaml', 'unsent w3.yaml', 'unsent w4.yaml']);
});

test('once it is over nothing is sent', async () => {
  const tenure = new TestTenure();
  tenure.lose();
  const outcomes: Outcome[] = [];
  const emit = listenerOf({ 'change-ended': ({ outcome }) => void outcomes.push(outcome) });
  await sendAll(1, () => broken(), emit, tenure);
  expect(outcomes).toMatchObject([
    {
      status: 'unsent',
      why: 'this replica no longer holds the account: another replica has taken it over',
    },
  ]);
});
