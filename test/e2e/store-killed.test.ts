// A command that holds an account on PostgreSQL and is killed, or stopped: the next one has the account as soon as the
// server knows, and finds all that was confirmed.
import { afterEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults/carry-out-fault.ts';
import { type Started, startCommand } from '../support/command.ts';
import { hasPostgres, sharePostgres } from '../support/postgres.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { openSomeAccounts, type SomeAccount } from '../support/some-accounts.ts';

const { postgres } = sharePostgres();
const running: Started[] = [];

afterEach(() => {
  for (const one of running.splice(0)) one.signal('SIGKILL');
});

/** An apply whose second write never gets its answer. */
async function hanging() {
  const env = postgres().envOf(await postgres().makeDatabase()) as Record<string, string>;
  await runHere(['store', 'init'], env);
  let fault: Fault | undefined;
  let hung = () => {};
  const isHung = new Promise<void>((resolve) => {
    hung = resolve;
  });
  const accounts = await openSomeAccounts(['fernwood'], {
    widgets: 2,
    sandbox: () => ({
      onRequest: ({ method, path }) => {
        if (method !== 'PUT' || !path.includes(widgetId(1)) || fault === undefined) return;
        hung();
        return fault;
      },
    }),
  });
  accounts.declare({ fernwood: { timeout: '1s', concurrency: 1 } });
  const { fernwood } = accounts.of as { fernwood: SomeAccount };
  fault = { kind: 'hang' };
  const words = ['--accounts', accounts.file, '--store', 'postgres', '--account', 'fernwood'];
  const started = startCommand(['apply', ...words], { cwd: accounts.root, env });
  running.push(started);
  await isHung;
  return {
    ...{ started, fernwood },
    heal: () => {
      fault = undefined;
    },
    apply: () => runHere(['apply', ...words], env),
  };
}

const shown = ({ sandbox }: SomeAccount, n: number) =>
  sandbox.widget(widgetId(n))?.['display_name'];

describe.skipIf(!hasPostgres)('a command', () => {
  test('that is killed leaves its account to the next one at once', async () => {
    const { started, fernwood, apply, heal } = await hanging();
    const refused = await apply();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /the account fernwood is in use by process \d+ \(widget-sync apply/,
    );
    started.signal('SIGKILL');
    await started.finished;
    heal();
    // Not refused once. What was under way may still arrive: it is waited for, and that widget alone.
    expect(await apply()).toMatchObject({ code: 0 });
    expect([shown(fernwood, 0), shown(fernwood, 1)]).toEqual(['first', 'first']);
    const first = fernwood.sandbox.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes(widgetId(0)),
    );
    expect(first).toHaveLength(1);
  });

  test('that is stopped has lost its account when it goes on, and says so', async () => {
    const { started, fernwood, apply, heal } = await hanging();
    started.signal('SIGSTOP');
    heal();
    let next = await apply();
    const beganMs = performance.now();
    while (next.code !== 0 && performance.now() - beganMs < 20_000) next = await apply();
    expect(next).toMatchObject({ code: 0 });
    const sent = fernwood.sandbox.requests.length;
    started.signal('SIGCONT');
    const { code, stderr } = await started.finished;
    expect(code).toBe(1);
    expect(stderr).toContain('left to the replica that holds the account now');
    expect(fernwood.sandbox.requests).toHaveLength(sent);
    expect(shown(fernwood, 1)).toBe('first');
  });
});
