// Several accounts of one repository: for each a directory of files, a key, and an API on loopback that takes
// that key alone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/base/json/json.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from './command.ts';
import { runHere } from './program.ts';
import { widgetId } from './sandbox.ts';

export interface SomeAccount {
  readonly name: string;
  readonly dir: string;
  readonly sandbox: Sandbox;
  readonly key: string;
  /** Writes `w<n>.yaml`, which names the n-th widget so. */
  write(n: number, displayName: string, more?: string): void;
}

export interface SomeAccounts {
  readonly root: string;
  readonly state: string;
  /** The file of accounts. */
  readonly file: string;
  readonly of: Readonly<Record<string, SomeAccount>>;
  /** `--accounts` and `--state`. */
  readonly flags: readonly string[];
  /** Writes the file of accounts anew: what differs, by name; a name that it does not know is added. */
  declare(differing: Readonly<Record<string, JsonObject>>): void;
  /** Runs `apply` for this one, as a command line that names it. */
  apply(name: string): Promise<void>;
}

export interface SomeOptions {
  readonly widgets?: number;
  /** Beside what holds for all of them anyway. */
  readonly defaults?: JsonObject;
  readonly sandbox?: (name: string) => Pick<SandboxOptions, 'onRequest'>;
}

export async function openSomeAccounts(
  names: readonly string[],
  { widgets = 2, defaults = {}, sandbox: optionsOf = () => ({}) }: SomeOptions = {},
): Promise<SomeAccounts> {
  const root = temporaryDirectory();
  makeCheckout(root);
  const state = join(root, 'state');
  const file = join(root, 'accounts.yaml');
  mkdirSync(join(root, 'keys'));
  const planted = await Promise.all(
    names.map((name) => plant(root, name, { widgets, ...optionsOf(name) })),
  );
  const of = Object.fromEntries(planted.map((one) => [one.name, one]));
  const declare: SomeAccounts['declare'] = (differing) => {
    const all = new Set([...names, ...Object.keys(differing)]);
    const accounts = [...all].map((name) => [
      name,
      { ...entryOf(name, of[name]), ...differing[name] },
    ]);
    const resync = { resync: 'off', rate: '1000/s', ...defaults };
    writeFile(
      root,
      'accounts.yaml',
      stringify({ defaults: resync, accounts: Object.fromEntries(accounts) }),
    );
  };
  declare({});
  return {
    ...{ root, state, file, of, declare },
    flags: ['--accounts', file, '--state', state],
    async apply(name) {
      const one = of[name];
      if (one === undefined) throw new Error(`no account ${name}`);
      const at = ['--state', join(state, name), '--api-url', one.sandbox.url, '--rate', '1000/s'];
      await runHere(['apply', one.dir, ...at], { INSIGHTO_API_KEY: one.key });
    },
  };
}

function entryOf(name: string, account: SomeAccount | undefined): JsonObject {
  return {
    directory: `clients/${name}/widgets`,
    key_file: `keys/${name}`,
    ...(account !== undefined && { api_url: account.sandbox.url }),
  };
}

async function plant(
  root: string,
  name: string,
  { widgets, ...options }: SomeOptions & { widgets: number } & Pick<SandboxOptions, 'onRequest'>,
): Promise<SomeAccount> {
  const key = `in-key-of-${name}-0123456789`;
  const dir = join(root, 'clients', name, 'widgets');
  writeFile(root, `keys/${name}`, `${key}\n`);
  const sandbox = await startSandbox({
    apiKey: key,
    widgets: Array.from({ length: widgets }, (_, n) => ({ widgetId: widgetId(n), fields: {} })),
    ...options,
  });
  onTestFinished(() => sandbox.close());
  const write: SomeAccount['write'] = (n, displayName, more = '') =>
    writeFile(
      dir,
      `w${n}.yaml`,
      `widget_id: ${widgetId(n)}\nwidget_type: chat\nname: ${name} ${n}\ndisplay_name: ${displayName}\n${more}`,
    );
  for (let n = 0; n < widgets; n += 1) write(n, 'first');
  return { name, dir, sandbox, key, write };
}
