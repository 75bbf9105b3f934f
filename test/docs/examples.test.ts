// Every example of the pages is run: commands against a sandbox, YAML through what reads it, recorded
// output against what the command prints today.
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { addCommands } from '../../src/cli/command-line.ts';
import type { ProcessContext } from '../../src/cli/process-context.ts';
import { readContent } from '../../src/documents/check/file-content.ts';
import { parseFaults } from '../../src/sandbox/faults/read-faults.ts';
import { startServer } from '../api/loopback.ts';
import { gitInTurn } from '../documents/repository.ts';
import { openWorld } from '../observe/serve/world.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import {
  readApplyJson,
  readExplainJson,
  readForgetJson,
  readHistoryJson,
  readImportJson,
  readPlanJson,
  readPreviewJson,
  readRenderJson,
  readSnapshot,
  readStatusJson,
  readValidateJson,
  readWhereJson,
} from '../support/json-shapes.ts';
import { type Place, runHere, runIn, waitForOutput } from '../support/program.ts';
import { startIn } from '../support/start-here.ts';
import { accountsExample } from './accounts-example.ts';
import { editedAgency, prod } from './agency-example.ts';
import { type Example, editedExamples } from './edited-examples.ts';
import { type Block, blocksOf, pageOf } from './pages.ts';

/** What stands behind `$ npx --no -- widget-sync …` in a block, with the output below it. */
function recordingsOf(command: string) {
  return blocksOf('console').flatMap(({ page, text }) => {
    const [first = '', ...output] = text.split('\n');
    return first === `$ npx --no -- widget-sync ${command}`
      ? [{ page, output: output.join('\n') }]
      : [];
  });
}

describe('recorded output is what the command prints', () => {
  test('plan', async () => {
    const { stdout, stderr, code } = await runIn(await editedExamples(), ['plan']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const recordings = recordingsOf('plan');
    expect(recordings.map(({ page }) => page)).toEqual(['README.md', 'docs/plan.md']);
    for (const { page, output } of recordings) expect(output, page).toBe(stdout);
  });

  test('validate', async () => {
    const cwd = temporaryDirectory();
    const [example = ''] = widgetFiles('README.md');
    writeFile(cwd, 'widgets/ava.yaml', example.replace('header_color', 'header_colour'));
    const { stdout, code } = await runIn({ cwd, env: {} }, ['validate']);
    expect(code).toBe(1);
    const [recording] = recordingsOf('validate');
    expect(recording?.output).toBe(stdout);
  });

  test('nothing else is recorded', () => {
    const recorded = recordingsOf('plan').length + recordingsOf('validate').length;
    // Those of the demo and of fragments are held to what is printed by their own tests.
    const demo = blocksOf('console').filter(({ text }) => text.startsWith('$ npm run demo\n'));
    const others = pageOf('docs/fragments.md').blocks.filter(
      ({ language }) => language === 'console',
    );
    expect(blocksOf('console')).toHaveLength(recorded + demo.length + others.length);
  });
});

/** The words of each command line in a block of shell. */
function commandLines({ page, text }: Block): (readonly [page: string, line: string])[] {
  return text
    .split('\n')
    .flatMap((line) => /^(?:npx --no -- )?widget-sync (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? [])
    .map((line) => [page, line.trim()] as const);
}

const lines = blocksOf('sh').flatMap(commandLines);
/** Pauses between requests show nothing here. */
const hurried = { WIDGET_SYNC_RATE: '1000/s' };

const lasting = /^(run|sandbox|status --watch|preview(?!.* --(out|json)\b))\b/;

/** Something would change in the place, and no daemon runs there. */
function codeOf(words: readonly string[]): number {
  if (words.includes('--detailed-exitcode')) return 2;
  return words.includes('--max-age') ? 1 : 0;
}

/** The words of a line, with the checksum of the plan of this place where one is shortened there. */
async function withChecksum(place: Place, line: string): Promise<string[]> {
  const shortened = /[0-9a-f]+…/;
  if (!shortened.test(line)) return line.split(' ');
  const { stdout } = await runIn(place, ['plan']);
  return line.replace(shortened, /^Checksum: (\w+)$/m.exec(stdout)?.[1] ?? '').split(' ');
}

/** A widget file, and what it extends. */
const fragments = {
  'widgets/_base.yaml': 'widget_type: chat\nheader_color: "#1f2937"\n',
  'widgets/_brand.yaml': 'extends: _base.yaml\nheader_color: "#14532d"\n',
  'widgets/prod/ava.yaml':
    'extends: ../_brand.yaml\nwidget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\ndisplay_name: Ava\n',
};

/** Where what the line asks for is there. */
async function placeFor(line: string): Promise<Example> {
  if (line.includes('--accounts')) return await accountsExample();
  if (line.includes(` ${prod}`)) return await editedAgency();
  const place = await editedExamples();
  if (line.startsWith('render ')) {
    for (const [path, text] of Object.entries(fragments)) writeFile(place.cwd, path, text);
  }
  if (!line.startsWith('where ') && !line.includes(' --since HEAD')) return place;
  const { cwd, env } = place;
  // It is suspended, so that not all would be live.
  rmSync(join(cwd, 'widgets/tidepool-telegram.yaml'));
  commitIn(cwd);
  if (line.includes(' --since HEAD')) return place;
  expect(await runIn({ cwd, env: { ...env, ...hurried } }, ['apply'])).toMatchObject({ code: 0 });
  return place;
}

/** With a commit before it, which has nothing. */
function commitIn(cwd: string): void {
  rmSync(join(cwd, '.git'), { recursive: true });
  writeFile(cwd, '.gitignore', '.widget-sync\nnode_modules\n');
  gitInTurn(cwd, [
    ['init', '-q', '-b', 'main', '--template='],
    ['commit', '-q', '--allow-empty', '-m', 'Begin'],
    ['tag', 'v1.4'],
    ['add', '--all'],
    ['commit', '-q', '-m', 'Edit widgets'],
  ]);
}

/** What `plan --snapshot` names is taken, and an address is one of this machine. */
async function takeSnapshotFor(place: Place, words: string[]): Promise<void> {
  const at = words.indexOf('--snapshot') + 1;
  const named = words[at];
  if (at === 0 || named === undefined) return;
  const isAddress = named.startsWith('https://');
  const file = isAddress ? 'served.ndjson' : named;
  const whose = words.includes('--account') ? words.slice(1, at - 1) : [];
  commitIn(place.cwd);
  expect(await runIn(place, ['snapshot', ...whose, '--output', file])).toMatchObject({ code: 0 });
  if (!isAddress) return;
  const text = readFileSync(join(place.cwd, file));
  const { baseUrl } = await startServer((response) => response.end(text));
  words[at] = `${baseUrl}/snapshot.ndjson`;
}

describe('every command of the pages does what it says', () => {
  test('there are some of each', () => {
    const names = new Set(lines.map(([, line]) => line.split(' ')[0]));
    const program = new Command();
    const nobody: Partial<ProcessContext> = {};
    addCommands(program, nobody as ProcessContext, () => {});
    expect([...names].sort()).toEqual(program.commands.map((command) => command.name()).sort());
  });

  // Those that need PostgreSQL are run by the test of their page.
  const ending = [...new Set(lines.map(([, line]) => line))].filter(
    (line) => !lasting.test(line) && !/^store |--store postgres/.test(line),
  );
  test.each(ending)('%s', async (line) => {
    const { cwd, env } = await placeFor(line);
    const asked = line === 'health' ? { WIDGET_SYNC_SERVE: `${(await openWorld()).port}` } : {};
    // Beside --accounts the rate is that of the file.
    const haste = line.includes('--accounts') ? {} : hurried;
    const place = { cwd, env: { ...env, ...haste, ...asked } };
    if (line.includes('--notify')) await notifyFileIn(cwd);
    const words = await withChecksum(place, line);
    await takeSnapshotFor(place, words);
    const daemon = line === 'resync' ? startIn(place, ['run']) : null;
    await daemon?.waitForLog(({ msg }) => msg === 'applied');
    const { code, stdout, stderr } = await runIn(place, words);
    expect({ code, stderr }).toEqual({ code: codeOf(words), stderr: '' });
    const output = words[words.indexOf('--output') + 1] ?? '';
    const isIntoFile = words[0] === 'snapshot' && words.includes('--output');
    expect(isIntoFile ? readFileSync(join(cwd, output), 'utf8') : stdout).not.toBe('');
    daemon?.signal('SIGTERM');
    await daemon?.finished;
  });

  const staying = [...new Set(lines.map(([, line]) => line).filter((line) => lasting.test(line)))];
  test.each(staying)('%s', async (line) => {
    const place = await placeFor(line);
    writeFile(place.cwd, 'faults.yaml', faultFiles()[0] ?? '');
    if (line.includes('--notify')) await notifyFileIn(place.cwd);
    const words = line.split(' ');
    // The port may be taken here, and a sandbox takes the place of any API.
    const isServer = words[0] !== 'run' && words[0] !== 'status';
    const env = /sandbox/.test(line) ? {} : place.env;
    const more = isServer ? ['--port', '0'] : words.includes('--serve') ? ['--serve', '0'] : [];
    const started = startIn({ cwd: place.cwd, env }, [...words, ...more]);
    await waitForOutput(started, isServer ? /^(Key: |Save a file)/m : /./);
    started.signal('SIGTERM');
    expect(await started.finished).toMatchObject({ code: 0 });
  });

  test.each(containers())('a container is started with: %s', async (words) => {
    const [command = '', ...rest] = words.split(' ');
    const { code, stdout } = await runHere([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\[dir\]/);
    const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    for (const flag of flags) expect(stdout).toContain(`${flag} `);
    expect(rest.length - flags.length).toBe(1);
  });
});

/** A `notify.yaml`, and the chat that it leads to. */
async function notifyFileIn(cwd: string): Promise<void> {
  const { baseUrl } = await startServer((response) => response.end('ok'));
  onTestFinished(forgetSecrets);
  writeFile(cwd, 'url', `${baseUrl}/hook`);
  chmodSync(join(cwd, 'url'), 0o600);
  writeFile(cwd, 'notify.yaml', 'targets: [{ to: slack, url_file: url }]');
}

/** What the image is given to do. */
function containers(): string[] {
  const docker = blocksOf('sh').flatMap(({ text }) => {
    const [, words] = /^docker run [\s\S]*? widget-sync (.*)$/m.exec(text) ?? [];
    return words ?? [];
  });
  // The pods are in deploy/, which has tests of its own.
  expect(docker).toHaveLength(1);
  return docker;
}

function faultFiles(): string[] {
  return blocksOf('yaml').flatMap(({ text }) => (/^faults:/m.test(text) ? text : []));
}

function widgetFiles(page: string): string[] {
  return pageOf(page).blocks.flatMap(({ text, language }) =>
    language === 'yaml' && /^widget_id:/m.test(text) ? text : [],
  );
}

describe('the YAML of the pages is read by what it is for', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const head = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\nwidget_type: chat\n';

  test.each(['README.md', 'docs/files.md'])('a widget file of %s', (page) => {
    const files = widgetFiles(page);
    expect(files).toHaveLength(1);
    for (const file of files) expect(readContent(bytes(file)).findings).toEqual([]);
  });

  test('how a widget is kept', () => {
    const files = blocksOf('yaml').filter(({ text }) => /^sync:/.test(text));
    expect(files).toHaveLength(4);
    for (const { text } of files) expect(readContent(bytes(head + text)).findings).toEqual([]);
  });

  test('faults', () => {
    const [file = '', ...others] = faultFiles();
    expect(others).toEqual([]);
    expect(parseFaults(file, 'faults.yaml').rules).toHaveLength(2);
  });

  test.each(blocksOf('yaml').map(({ page, text }) => [page, text] as const))('%s', (_, text) => {
    // Steps of a job stand below what goes to the top of the file.
    const parts = text.split(/^(?=# … )/m);
    for (const part of parts) expect(() => parse(part)).not.toThrow();
  });
});

test('docs/state.md lists every file of a state directory', async () => {
  const { text } = pageOf('docs/state.md');
  const listed = [...text.matchAll(/^\| `([^`/]+)(?:\/[^`]*)?` \|/gm)].map(([, name]) => name);
  const place = await editedExamples();
  expect(await runIn(place, ['apply', '--max-changes', '50'])).toMatchObject({ code: 0 });
  const found = readdirSync(join(place.cwd, '.widget-sync'));
  expect(found.length).toBeGreaterThan(4);
  expect(listed).toEqual(expect.arrayContaining(found));
});

test('docs/commands.md: render prints what it shows', async () => {
  const { stdout } = await runIn(await placeFor('render '), ['render', 'widgets/prod/ava.yaml']);
  const { blocks } = pageOf('docs/commands.md');
  expect(blocks.map(({ text }) => text.trim())).toContain(stdout.trim());
});

test('docs/commands.md: what is printed for programs has the shape that is named', async () => {
  const place = await editedExamples();
  const { text } = pageOf('docs/commands.md');
  const rows = [...text.matchAll(/^\| `([a-z]+)` \| .*`([a-z]+)\.schema\.json`/gm)];
  expect(rows.map(([, command]) => command).sort()).toEqual(Object.keys(readers).sort());
  for (const [, command = '', schema] of rows) {
    expect(schema).toBe(command);
    const words = command === 'where' ? [command, 'HEAD'] : [command, ...(wordsFor[command] ?? [])];
    const { stdout } = await runIn(command === 'where' ? await placeFor('where HEAD') : place, [
      ...words,
      ...(command === 'snapshot' ? [] : ['--json']),
    ]);
    readers[command]?.(stdout);
  }
});

const readers: { readonly [command: string]: (stdout: string) => unknown } = {
  plan: readPlanJson,
  snapshot: readSnapshot,
  apply: readApplyJson,
  validate: readValidateJson,
  preview: readPreviewJson,
  render: readRenderJson,
  import: readImportJson,
  status: readStatusJson,
  explain: readExplainJson,
  forget: readForgetJson,
  history: readHistoryJson,
  where: readWhereJson,
};

const wordsFor: { readonly [command: string]: readonly string[] } = {
  explain: ['ava.yaml'],
  forget: ['--orphans'],
  render: ['widgets/ava.yaml'],
};
