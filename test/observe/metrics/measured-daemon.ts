// A daemon in this process whose metrics are kept, between real files and a sandbox.
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { openSockets } from '../../../src/api/sockets/http-pool.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { openLoop } from '../../../src/cli/commands/run.ts';
import { openAccount } from '../../../src/cli/wiring/wire.ts';
import type { ChangeLimit } from '../../../src/config/change-limit.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { openMetrics } from '../../../src/observe/metrics/open-metrics.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../../src/sandbox/start-sandbox.ts';
import type { Loop } from '../../../src/sync/loop/loop.ts';
import { capturedWorld } from '../../cli/fixtures/captured-world.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../../support/command.ts';
import { runHere } from '../../support/program.ts';
import { askEveryMs, generousMs } from '../../support/workspace.ts';

export interface MeasuredDaemon {
  readonly sandbox: Sandbox;
  readonly loop: Loop;
  write(file: string, text: string): void;
  /** The metrics as plain text. */
  render(): Promise<string>;
  /** Resolves with the metrics as soon as they pass the check. */
  until(check: (text: string) => void): Promise<string>;
  /** Resolves as soon as `status` says that so many widgets are in each state; none is left out. */
  statusSays(states: Readonly<Record<string, number>>): Promise<void>;
}

interface MeasuredOptions extends SandboxOptions {
  /** Default: as many as there are. */
  readonly maxChanges?: ChangeLimit | null;
}

/** Chance is 0, so that no back-off waits. */
export async function startMeasured(
  files: Readonly<Record<string, string>>,
  { maxChanges = null, ...options }: MeasuredOptions,
): Promise<MeasuredDaemon> {
  const root = temporaryDirectory();
  makeCheckout(root);
  const directory = join(root, 'widgets');
  const write = (file: string, text: string) => writeFile(directory, file, text);
  for (const [file, text] of Object.entries(files)) write(file, text);
  const apiKey = 'in-measured';
  const sandbox = await startSandbox({ apiKey, ...options });
  onTestFinished(() => sandbox.close());
  const settings = readSettings({ watch: 'poll', pollInterval: '50ms', resync: 'off' }, {});
  const { live, drift, released, allow } = settings;
  const account = {
    ...{ name: 'measured', apiUrl: sandbox.url, directory, state: join(root, 'state') },
    keySource: () => ({ kind: 'value', value: apiKey }) as const,
    rate: { limit: 1000, windowMs: 1000 },
    ...{ concurrency: 4, timeoutMs: 10_000, keepHistoryBytes: null, root: {}, isSandbox: false },
    policy: { live, drift, released, maxChanges, allow },
  };
  const log = createLog({ write: () => {} }, { level: 'info', format: 'json', colour: false });
  const sockets = openSockets(10_000);
  onTestFinished(() => sockets.close());
  const shared = { env: {}, clock: systemClock, random: () => 0, sockets, log };
  const parts = await openAccount(account, 'run', shared);
  const bugs: unknown[] = [];
  const context = { ...capturedWorld(), clock: systemClock, random: () => 0 };
  onTestFinished(() => void vi.unstubAllEnvs());
  const { loop, reporter } = openLoop({ parts, settings, log }, context, {
    onBug: (error) => bugs.push(error),
    onWidgetBug: () => bugs.push('a bug of one widget'),
  });
  const status = () => reporter.current();
  const metrics = openMetrics({ version: '1', clock: systemClock, status });
  parts.events.subscribe(metrics.hear);
  await reporter.start();
  await loop.start();
  onTestFinished(async () => {
    await loop.stop({ deadlineMs: 0 });
    await reporter.stop();
    await parts.close();
    expect({ bugs, hasBug: parts.events.hasBug }).toEqual({ bugs: [], hasBug: false });
  });
  const render = async () => (await metrics.render(null)).text;
  return {
    ...{ sandbox, loop, write, render },
    async until(check) {
      let text = '';
      await vi.waitFor(
        async () => {
          text = await render();
          check(text);
        },
        { timeout: generousMs, interval: 100 },
      );
      return text;
    },
    async statusSays(wanted) {
      const words = ['status', '--json', '--state', account.state, '--api-url', sandbox.url];
      await vi.waitFor(
        async () => {
          const { stdout } = await runHere(words);
          const states: Record<string, number> = JSON.parse(stdout).summary.states;
          const some = Object.entries(states).filter(([, count]) => count !== 0);
          expect(Object.fromEntries(some)).toEqual(wanted);
        },
        { timeout: generousMs, interval: askEveryMs },
      );
    },
  };
}
