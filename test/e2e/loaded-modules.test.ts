// What a command of one account loads: nothing that is for several, and nothing of a store that it does not use. Asked of Node itself, about the bundle.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeCheckout, startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';

/** Node tells of each module as it loads it, by way of hooks, which run beside the program. */
const hooks = `
  import { appendFileSync } from 'node:fs';
  export function load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n');
    return next(url, context);
  }`;
const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const register = asUrl(
  `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`,
);

/** The modules of src/ that the command loads, by their paths from there, and the packages beside the bundle. */
async function loadedBy(args: readonly string[], cwd: string): Promise<Set<string>> {
  const told = join(temporaryDirectory(), 'loaded');
  const env = { NODE_OPTIONS: `--import=${register}`, LOADED_MODULES: told };
  const started = startCommand(args, { cwd, env });
  if (args[0] === 'run') {
    await started.waitForLog(({ msg }) => msg === 'applied');
    started.signal('SIGTERM');
  }
  expect(await started.finished).toMatchObject({ code: 0, stderr: '' });
  const urls = readFileSync(told, 'utf8').split('\n');
  const files = urls.filter((url) => /^file:.*\/dist\/[^/]+\.js$/.test(url));
  const sources = files.flatMap((url): string[] => {
    const map = readFileSync(`${fileURLToPath(url)}.map`, 'utf8');
    return JSON.parse(map).sources;
  });
  const ours = sources.flatMap((path) => /^(?:\.\.\/)+src\/(.*)$/.exec(path)?.[1] ?? []);
  expect(ours).toContain('main.ts');
  const packages = urls.flatMap(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
  );
  return new Set([...ours, ...packages.map((name) => `package ${name}`)]);
}

/** Apart from what these commands have for one account, too. */
const forSeveral = /^accounts\/|\/(over|run|serve)-accounts\/|-accounts\.ts$|-of-accounts\.ts$/;

function place(): string {
  const cwd = temporaryDirectory();
  makeCheckout(cwd);
  const widget = (n: number) => `widget_id: ${widgetId(n)}\nwidget_type: chat\nname: a\n`;
  writeFile(cwd, 'widgets/a.yaml', widget(1));
  writeFile(cwd, 'clients/ada/widgets/a.yaml', widget(2));
  writeFile(
    cwd,
    'accounts.yaml',
    'defaults: {live: "off"}\neach: {directory: "clients/{name}/widgets", key_file: "keys/{name}"}\n',
  );
  return cwd;
}

test.each([
  ['validate widgets', 'cli/validate/validate.ts'],
  ['plan widgets --live off', 'cli/commands/plan.ts'],
  ['apply widgets --sandbox --rate 1000/s', 'cli/apply/apply.ts'],
  ['run widgets --sandbox --serve 0 --log-format json', 'cli/commands/run.ts'],
])('%s loads nothing that is for several accounts', async (line, itself) => {
  const loaded = await loadedBy(line.split(' '), place());
  expect([...loaded]).toContain(itself);
  expect([...loaded].filter((path) => forSeveral.test(path) || ofStores.test(path))).toEqual([]);
});

/** What keeps states elsewhere than in files. */
const ofStores = /^package pg|^state\/(postgres|between)\/|^replicas\/|open-store\.ts$/;

test('with a file of accounts a command loads what it needs for that, and is seen to', async () => {
  const loaded = await loadedBy(['plan', '--accounts', 'accounts.yaml'], place());
  const needed = ['accounts/open-accounts-file.ts', 'cli/over-accounts/plan-accounts.ts'];
  expect([...loaded]).toEqual(expect.arrayContaining(needed));
  expect([...loaded].filter((path) => ofStores.test(path))).toEqual([]);
});

test('PostgreSQL is loaded by who asks for it, and that is seen', async () => {
  const cwd = place();
  const told = join(temporaryDirectory(), 'loaded');
  const env = { NODE_OPTIONS: `--import=${register}`, LOADED_MODULES: told, PGPORT: '1' };
  const started = startCommand(['store', 'init'], { cwd, env });
  expect(await started.finished).toMatchObject({ code: 1 });
  expect(readFileSync(told, 'utf8')).toMatch(/\/node_modules\/pg\//);
});
