// The example widgets after the change that the pages tell of, in a checkout and an account of their own.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
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
  await apply({ cwd, env });

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

/** What an apply has left in the state, and for which API. */
interface Applied {
  readonly apiUrl: string;
  readonly files: readonly (readonly [path: string, text: string])[];
}

let applied: Applied | null = null;

/** Once for all places: another one is given a copy of what the first apply left, for its own API. */
async function apply({ cwd, env }: Example): Promise<void> {
  const apiUrl = env['WIDGET_SYNC_API_URL'] ?? '';
  if (applied === null) {
    expect(await runIn({ cwd, env }, ['apply', '--rate', '1000/s'])).toMatchObject({ code: 0 });
    applied = { apiUrl, files: filesBelow(join(cwd, state)) };
    return;
  }
  for (const [path, text] of applied.files) {
    writeFile(join(cwd, state), path, text.replaceAll(applied.apiUrl, apiUrl));
  }
}

const state = '.widget-sync';

function filesBelow(directory: string): (readonly [string, string])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(directory, path), readFileSync(path, 'utf8')]);
}
