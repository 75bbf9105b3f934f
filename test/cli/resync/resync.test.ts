// `resync` beside whoever follows the account: taken once, or taken back; and what a daemon does with it.
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
import { waitFor, widgetId } from '../../support/sandbox.ts';
import { openSomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

/** Beside a holder; `meanwhile` is done whenever the command waits, and waiting takes no time. */
async function ordered(command: string, meanwhile: (store: StateStore) => Promise<unknown>) {
  const directory = await temporaryDirectory();
  let waitedMs = 0;
  const clock: Clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now() + waitedMs,
    sleep: async (ms) => {
      waitedMs += ms;
      await meanwhile(store);
    },
  };
  const store = await openState({ ...stateOptions(directory), command, clock });
  await store.save(recordOf(ava, { file: 'ava.yaml' }));
  const found = await runHere(['resync', '--state', directory], {}, Math.random, clock);
  const left = await readdir(join(directory, 'orders')).catch(() => null);
  await store.close();
  return { ...found, left };
}

test('it says who took it, and by when all is read', async () => {
  const { code, stdout, stderr, left } = await ordered('run', (store) => store.takeResync());
  expect({ code, stderr, left }).toEqual({ code: 0, stderr: '', left: [] });
  expect(stdout).toMatch(
    /^process \d+ \(widget-sync run, since .*\) looks at 1 widget now: all are read within 1 s at 5\/s, unless changes go first\.\n$/,
  );
});

test('an order that nobody takes is taken back', async () => {
  const { code, stdout, stderr, left } = await ordered('run', async () => {});
  expect({ code, stdout, left }).toEqual({ code: 1, stdout: '', left: [] });
  expect(stderr).toMatch(/process \d+ .* did not take the order, which is taken back/);
});

test('where nobody follows the account, nothing is ordered, and it is said what to do', async () => {
  const beside = await ordered('apply', (store) => store.takeResync());
  expect({ code: beside.code, left: beside.left }).toEqual({ code: 1, left: null });
  expect(beside.stderr).toMatch(/in use by process .* \(widget-sync apply, .*plan shows what is/);
  const accounts = await openSomeAccounts(['fernwood'], { widgets: 1 });
  await accounts.apply('fernwood');
  const alone = await runHere(['resync', ...accounts.flags], {});
  expect(alone.code).toBe(1);
  expect(alone.stdout + alone.stderr).toContain('nobody follows the account: plan shows what is');
});

test('a daemon of many accounts looks at those that are named, once, and sets right what has drifted', async () => {
  const accounts = await openSomeAccounts(['fernwood', 'harbor'], { widgets: 1 });
  const { fernwood, harbor } = accounts.of;
  if (fernwood === undefined || harbor === undefined) throw new Error('they were just made');
  const run = startHere(['run', ...accounts.flags], {});
  const shown = ({ sandbox }: typeof fernwood) => sandbox.widget(widgetId(0))?.['display_name'];
  for (const one of [fernwood, harbor]) {
    await waitFor(one.sandbox, () => shown(one) === 'first', generousMs);
    one.sandbox.edit(widgetId(0), { display_name: 'by hand' });
  }
  const asked = await runHere(['resync', ...accounts.flags, '--account', 'fernwood'], {});
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  expect(asked.stdout).toMatch(
    /^process \d+ .* looks at 1 widget now: all are read within 1 s at 1000\/s/,
  );
  await waitFor(fernwood.sandbox, () => shown(fernwood) === 'first', generousMs);
  expect(shown(harbor)).toBe('by hand');
  const both = await runHere(['resync', ...accounts.flags], {});
  expect(both).toMatchObject({ code: 0, stderr: '' });
  expect(both.stdout).toMatch(/\n2 accounts: 2 calm\. 2 widgets to look at\.\n$/);
  await waitFor(harbor.sandbox, () => shown(harbor) === 'first', generousMs);
  const told = run.log().filter(({ msg }) => msg.startsWith('was told to look at all'));
  expect(told.map(({ account }) => account).sort()).toEqual(['fernwood', 'fernwood', 'harbor']);
  run.signal('SIGTERM');
  await run.finished;
});
