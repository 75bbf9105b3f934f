// A file of accounts in a directory of its own, with folders and keys beside it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AccountsDeps, openAccountsFile } from '../../src/accounts/open-accounts-file.ts';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { readSettings } from '../../src/config/settings.ts';
import { temporaryDirectory } from '../support/command.ts';

export type AccountsTree = ReturnType<typeof accountsTree>;

/** Each name has the folder clients/<name>/widgets and the key keys/<name>. */
export function accountsTree(...names: string[]) {
  const root = temporaryDirectory();
  onTestFinished(forgetSecrets);
  const at = (path: string) => join(root, path);
  const tree = {
    root,
    path: at('accounts.yaml'),
    at,
    write(path: string, text: string) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    folder: (path: string) => mkdirSync(at(path), { recursive: true }),
    remove: (path: string) => rmSync(at(path), { recursive: true }),
    account(name: string) {
      tree.folder(`clients/${name}/widgets`);
      tree.write(`keys/${name}`, `${keyOf(name)}\n`);
    },
    accounts: (...lines: string[]) => tree.write('accounts.yaml', `${lines.join('\n')}\n`),
    open(deps: Partial<AccountsDeps> = {}) {
      const settings = readSettings({ state: at('state') }, {});
      return openAccountsFile(tree.path, { settings, env: {}, ...deps });
    },
  };
  for (const name of names) tree.account(name);
  return tree;
}

export function keyOf(name: string): string {
  return `in-key-of-${name}-0123456789`;
}

export const each = [
  'each:',
  '  directory: clients/{name}/widgets',
  '  key_file: keys/{name}',
] as const;
