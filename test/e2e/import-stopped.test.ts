// `import` that is stopped, or given a directory that cannot be made.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { count } from '../../src/base/text.ts';
import { openAccount } from '../support/account.ts';
import { temporaryDirectory } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { waitFor } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { startIn } from '../support/start-here.ts';

const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
const widgets = 1_000;

/** To a process both are one word, which other tests say to other commands in either way. */
const signals = inSoak ? (['SIGINT', 'SIGTERM'] as const) : (['SIGTERM'] as const);

test.each(signals)(
  'the first %s ends it between two widgets; what was written is told, and whole',
  async (signal) => {
    const live = Array.from({ length: widgets }, (_, n) => ({ name: `Widget ${n}` }));
    const account = await openAccount({ live });
    const cwd = join(account.dir, '..');
    const flags = ['--api-url', account.sandbox.url, '--rate', '2000/s'];
    const importing = startIn({ cwd, env }, ['import', ...flags]);
    await expect
      .poll(() => readdirSync(account.dir).length, { timeout: 25_000, interval: 1 })
      .toBeGreaterThan(0);
    importing.signal(signal);
    const { code, stdout, stderr } = await importing.finished;
    const created = readdirSync(account.dir).length;
    expect(created).toBeLessThan(widgets);
    expect(stdout).toContain(`\n${count(created, 'file')} created, 0 unchanged.\n`);
    expect(stderr).toContain(`stopped: ${widgets - created} widgets of ${widgets} not looked at`);
    expect(code).toBe(1);
    const valid = await account.quickly('validate');
    expect(valid.stdout).toBe(`no problems in ${count(created, 'widget file')}\n`);
  },
);

test('a signal while the account is read ends it before anything is written', async () => {
  const account = await openAccount({
    live: [{}],
    onRequest: () => ({ kind: 'hang' }),
  });
  const cwd = join(account.dir, '..');
  const importing = startIn({ cwd, env }, ['import', '--api-url', account.sandbox.url]);
  await waitFor(account.sandbox, ({ requests }) => requests.length > 0, 25_000);
  importing.signal('SIGINT');
  const { code, stderr } = await importing.finished;
  expect(code).toBe(1);
  expect(stderr).toContain('stopped before anything was written');
  expect(readdirSync(account.dir)).toEqual([]);
});

// Node's own recursive mkdir never comes back there.
test.skipIf(process.platform !== 'linux')(
  'a directory below /proc is an error at once',
  async () => {
    const account = await openAccount({ live: [{}] });
    for (const directory of ['/proc/widgets', '/proc/a/b/widgets']) {
      const flags = ['--api-url', account.sandbox.url];
      const place = { cwd: temporaryDirectory(), env };
      const { code, stdout, stderr } = await runIn(place, ['import', directory, ...flags]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`The widget directory ${directory} cannot be used: ENOENT`);
    }
  },
);
