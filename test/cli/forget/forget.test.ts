// What is said of an order beside a daemon that takes it late, or never: only what is so.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import {
  ava,
  recordOf,
  stateOptions,
  temporaryDirectory,
} from '../../state/fixtures/state-options.ts';
import { runHere } from '../../support/program.ts';

/** Asks for the widget to be forgotten; `meanwhile` is done whenever it waits, and waiting takes no time. */
async function ordered(meanwhile: (store: StateStore, waitedMs: number) => Promise<void>) {
  const directory = await temporaryDirectory();
  let waitedMs = 0;
  const clock: Clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now() + waitedMs,
    sleep: async (ms) => {
      waitedMs += ms;
      await meanwhile(store, waitedMs);
    },
  };
  const store = await openState({ ...stateOptions(directory), command: 'run', clock });
  await store.save(recordOf(ava, { file: 'ava.yaml' }));
  const found = await runHere(['forget', ava, '--state', directory], {}, Math.random, clock);
  const left = await readdir(join(directory, 'orders'));
  await store.close();
  return { ...found, left };
}

async function take(store: StateStore): Promise<string | null> {
  const [order] = await store.forgetOrders();
  return order !== undefined && (await store.takeForget(order.id)) ? order.id : null;
}

test('an order that nobody takes is taken back', async () => {
  const { code, stdout, stderr, left } = await ordered(async () => {});
  expect({ code, stdout, left }).toEqual({ code: 1, stdout: '', left: [] });
  expect(stderr).toContain('did not take the order, which is taken back');
});

test('an order that was taken is waited for longer, and its answer is given', async () => {
  const { code, stdout, left } = await ordered(async (store, waitedMs) => {
    const id = await take(store);
    if (id !== null && waitedMs > 20_000) {
      await store.answerForget(id, { forgotten: [ava], refused: [] });
    }
  });
  expect({ code, left }).toEqual({ code: 0, left: [] });
  expect(stdout).toMatch(/^Forgot ava\.yaml /);
});

test('an order that was taken and is not answered is not said to be taken back', async () => {
  const { code, stderr, left } = await ordered(async (store) => void (await take(store)));
  expect({ code, left }).toEqual({ code: 1, left: [expect.stringMatching(/\.taken\.json$/)] });
  expect(stderr).toMatch(
    /has taken the order, and has not said yet that it is carried out; .* tells/,
  );
});
