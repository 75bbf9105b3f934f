// The example widgets after the change that the pages tell of, in a checkout and an account of their own.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { asJson } from '../../src/model/widget.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { type Place, runIn } from '../support/program.ts';
import { root } from './pages.ts';

/** As they are in the repository, and read once. */
const { documents } = openWidgetDirectory(join(root, 'widgets')).load();

export interface Example extends Place {
  readonly env: Record<string, string>;
}

/**
 * What the recorded plan tells of: a checkout of the example widgets, all applied; since then, an edit in
 * git, and one in the dashboard.
 */
export async function editedExamples(): Promise<Example> {
  const cwd = temporaryDirectory();
  cpSync(join(root, 'widgets'), join(cwd, 'widgets'), { recursive: true });
  cpSync(join(root, 'widgets'), join(cwd, 'base/widgets'), { recursive: true });
  makeCheckout(cwd);
  const sandbox = await startSandbox({
    widgets: documents.map(({ widgetId, spec }) => ({ widgetId, fields: asJson(spec) })),
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_API_URL: sandbox.url };
  expect(await runIn({ cwd, env }, ['apply', '--rate', '1000/s'])).toMatchObject({ code: 0 });

  const ava = readFileSync(join(cwd, 'widgets/ava.yaml'), 'utf8')
    .replace('header_color: "#14532d"', 'header_color: "#1f2937"')
    .replace(/^bubble_text: .*\n/m, '')
    .replace(/^( +- )Which boots.*\n/m, '$&$1Do you ship to Norway?\n');
  writeFile(cwd, 'widgets/ava.yaml', ava);
  const larkspur = documents.find(({ file }) => file === 'larkspur-sms.yml');
  const text = larkspur?.spec.intro_message?.replace('another day', 'another week') ?? '';
  sandbox.edit(larkspur?.widgetId ?? '', { intro_message: text });
  return { cwd, env };
}
