// What docs/accounts.md tells of: two clients made by its own commands, and its file of accounts, in front of a
// sandbox.
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { asJson } from '../../src/model/widget.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import type { Example } from './edited-examples.ts';
import { pageOf, root } from './pages.ts';

const page = pageOf('docs/accounts.md');

export interface AccountsExample extends Example {
  readonly sandbox: Sandbox;
}

export async function accountsExample(): Promise<AccountsExample> {
  const cwd = temporaryDirectory();
  onTestFinished(forgetSecrets);
  for (const folder of ['widgets', 'schemas']) {
    cpSync(join(root, folder), join(cwd, folder), { recursive: true });
  }
  makeCheckout(cwd);
  const setup = blockOf('sh', /^mkdir /);
  execFileSync('sh', ['-ec', setup], { cwd });
  const { documents } = openWidgetDirectory(join(cwd, 'widgets')).load();
  const sandbox = await startSandbox({
    widgets: documents.map(({ widgetId, spec }) => ({ widgetId, fields: asJson(spec) })),
  });
  onTestFinished(() => sandbox.close());
  writeFile(cwd, 'accounts.yaml', accountsFile().replace('http://127.0.0.1:8080', sandbox.url));
  // The page applies them before it asks for more.
  const applied = await runIn({ cwd, env: {} }, ['apply', '--accounts', 'accounts.yaml']);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  return { cwd, env: {}, sandbox };
}

/** As the page has it. */
export function accountsFile(): string {
  return blockOf('yaml', /^each:/m);
}

function blockOf(language: string, wanted: RegExp): string {
  const block = page.blocks.find((one) => one.language === language && wanted.test(one.text));
  if (block === undefined) throw new Error(`${page.path} has no such block`);
  return block.text;
}
