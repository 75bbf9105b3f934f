// Two accounts in one process: each follows its own files into its own API, and remembers in its own
// place. They share sockets, clock and log.
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { openSockets } from '../../../src/api/sockets/http-pool.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog, type Log } from '../../../src/base/log.ts';
import { version } from '../../../src/base/version.ts';
import { openLoop } from '../../../src/cli/commands/run.ts';
import type { Account } from '../../../src/cli/wiring/account.ts';
import { stateBackend } from '../../../src/cli/wiring/account-state.ts';
import { openAccount, type Shared } from '../../../src/cli/wiring/wire.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../../support/command.ts';
import { waitFor, widgetId } from '../../support/sandbox.ts';
import { capturedWorld } from '../fixtures/captured-world.ts';

afterEach(() => vi.unstubAllEnvs());

const generousMs = 20_000;
const settings = readSettings({ watch: 'poll', pollInterval: '50ms', resync: 'off' }, {});

interface Tree {
  readonly account: Account;
  readonly sandbox: Sandbox;
  declare(displayName: string): void;
  arrival(displayName: string): Promise<void>;
  /** The reasons of the writes that it remembers. */
  remembered(): Promise<readonly string[]>;
}

/** Both trees declare the same widget, which each account has. */
async function plant(name: string): Promise<Tree> {
  const root = temporaryDirectory();
  makeCheckout(root);
  const apiKey = `in-key-of-${name}`;
  const id = widgetId(0);
  const widgets = [{ widgetId: id, fields: { widget_type: 'chat', display_name: 'first' } }];
  const sandbox = await startSandbox({ apiKey, widgets });
  onTestFinished(() => sandbox.close());
  const { live, drift, released, maxChanges, allow } = settings;
  const account: Account = {
    name,
    apiUrl: sandbox.url,
    keySource: () => ({ kind: 'value', value: apiKey }),
    directory: join(root, 'widgets'),
    root: {},
    state: join(root, 'state'),
    rate: { limit: 1000, windowMs: 1000 },
    concurrency: 4,
    timeoutMs: 10_000,
    keepHistoryBytes: null,
    policy: { live, drift, released, maxChanges, allow },
    isSandbox: false,
  };
  const { state: directory, apiUrl } = account;
  const at = { directory, apiUrl, reader: version, clock: systemClock, warn: () => {} };
  return {
    account,
    sandbox,
    declare: (displayName) =>
      writeFile(
        account.directory,
        'w.yaml',
        `widget_id: ${id}\nwidget_type: chat\ndisplay_name: ${displayName}\n`,
      ),
    arrival: (displayName) =>
      waitFor(sandbox, () => sandbox.widget(id)?.['display_name'] === displayName, generousMs),
    async remembered() {
      const { entries } = await stateBackend.look(at).history({ limit: 9, widgetId: null });
      return entries.map(({ reason }) => reason);
    },
  };
}

async function follow({ account }: Tree, shared: Omit<Shared, 'log'>, process: Log) {
  const log = process.child({ account: account.name });
  const parts = await openAccount(account, 'run', { ...shared, log });
  const bugs: unknown[] = [];
  const note = (error: unknown) => void bugs.push(error);
  const listener = { onBug: note, onWidgetBug: () => note('a bug of one widget') };
  const { loop, reporter } = openLoop({ parts, settings, log }, capturedWorld(), listener);
  await loop.start();
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await loop.stop({ deadlineMs: generousMs });
    await reporter.stop();
    await parts.close();
    expect(bugs).toEqual([]);
  };
  onTestFinished(stop);
  return { stop };
}

test('two accounts follow their own files, side by side and one without the other', async () => {
  const lines: string[] = [];
  const log = createLog(
    { write: (line) => void lines.push(line) },
    { level: 'info', format: 'json', colour: false },
  );
  const sockets = openSockets(10_000);
  onTestFinished(() => sockets.close());
  const shared = { env: {}, clock: systemClock, random: Math.random, sockets };
  const [one, two] = [await plant('one'), await plant('two')];
  one.declare('one at first');
  two.declare('two at first');
  const followed = await follow(one, shared, log);
  await follow(two, shared, log);
  await Promise.all([one.arrival('one at first'), two.arrival('two at first')]);

  one.declare('one again');
  await one.arrival('one again');
  await followed.stop();
  two.declare('two alone');
  await two.arrival('two alone');

  expect(one.sandbox.requests.every(({ status }) => status === 200)).toBe(true);
  expect(two.sandbox.requests.every(({ status }) => status === 200)).toBe(true);
  expect(await one.remembered()).toHaveLength(2);
  await vi.waitFor(async () => expect(await two.remembered()).toHaveLength(2), generousMs);
  const told = lines.map((line) => JSON.parse(line));
  expect(told.filter(({ level }) => level !== 'info')).toEqual([]);
  expect(new Set(told.map(({ account }) => account))).toEqual(new Set(['one', 'two']));
});
