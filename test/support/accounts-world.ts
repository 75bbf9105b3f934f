// Several accounts of one file, each with a sandbox of its own that takes its key alone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { temporaryDirectory } from './command.ts';
import { type Place, runIn } from './program.ts';
import { widgetId } from './sandbox.ts';

export interface AccountsWorldOptions {
  /** The widgets of each account, by its name; each has a file that names it `first`. */
  readonly accounts: Readonly<Record<string, number>>;
  /** Whether the widgets have files. Default: yes. */
  readonly hasFiles?: boolean;
  readonly env?: Record<string, string>;
}

export type AccountsWorld = Awaited<ReturnType<typeof openAccountsWorld>>;

export function accountKey(name: string): string {
  return `in-key-of-${name}-0123456789`;
}

/** Widget n of the k-th account, by the order of their names, is `widgetId(100 * k + n)`. */
export async function openAccountsWorld(options: AccountsWorldOptions) {
  const { accounts, hasFiles = true, env = {} } = options;
  const cwd = temporaryDirectory();
  const sandboxes = new Map<string, Sandbox>();
  onTestFinished(forgetSecrets);
  const names = Object.keys(accounts).sort();
  const idOf = (name: string, n: number) => widgetId(100 * names.indexOf(name) + n);
  const place: Place = { cwd, env, random: () => 0 };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text, path.startsWith('keys/') ? { mode: 0o600 } : {});
  };
  const world = {
    cwd,
    sandboxes,
    idOf,
    at: (path: string) => join(cwd, path),
    write,
    /** Writes `clients/<name>/widgets/w<n>.yaml`; more fields follow the name, on line 4. */
    widget: (name: string, n: number, displayName: string, more = '') =>
      write(
        `clients/${name}/widgets/w${n}.yaml`,
        `widget_id: ${idOf(name, n)}\nwidget_type: chat\ndisplay_name: ${displayName}\n${more}`,
      ),
    /** Writes accounts.yaml; fields of an account stand beside its address. */
    accounts: (fields: Readonly<Record<string, string>> = {}, defaults = 'rate: 200/s') => {
      const entries = names.map((name) => {
        const more = fields[name] === undefined ? '' : `, ${fields[name]}`;
        return `  ${name}: {api_url: "${sandboxes.get(name)?.url}"${more}}`;
      });
      const each = `each: {directory: "clients/{name}/widgets", key_file: "keys/{name}"}`;
      write(
        'accounts.yaml',
        [`defaults: {${defaults}}`, each, 'accounts:', ...entries, ''].join('\n'),
      );
    },
    /** Runs a command over the file of accounts, from the directory that it stands in. */
    over: (command: string, ...flags: string[]) =>
      runIn(place, [command, '--accounts', 'accounts.yaml', ...flags]),
    run: (...words: string[]) => runIn(place, words),
    namesLive: (name: string) =>
      sandboxes
        .get(name)
        ?.widgets()
        .map((widget) => widget['display_name']) ?? [],
    writes: (name: string) =>
      sandboxes.get(name)?.requests.filter(({ method }) => method === 'PUT') ?? [],
  };
  for (const name of names) {
    const widgets = Array.from({ length: accounts[name] ?? 0 }, (_, n) => n);
    const sandbox = await startSandbox({
      apiKey: accountKey(name),
      widgets: widgets.map((n) => ({ widgetId: idOf(name, n), fields: {} })),
    });
    onTestFinished(() => sandbox.close());
    sandboxes.set(name, sandbox);
    write(`keys/${name}`, `${accountKey(name)}\n`);
    if (hasFiles) for (const n of widgets) world.widget(name, n, 'first');
  }
  world.accounts();
  return world;
}
