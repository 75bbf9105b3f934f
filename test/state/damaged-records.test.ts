import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openState } from '../../src/state/file/file-store.ts';
import { readState } from '../../src/state/file/file-view.ts';
import type { ReadOptions } from '../../src/state/file/read-records.ts';
import { formatRecord } from '../../src/state/format/record-format.ts';
import { ava, ben, recordOf, stateOptions, temporaryDirectory } from './fixtures/state-options.ts';

const whole = formatRecord(recordOf(ava), {
  apiUrl: 'https://api.example.com',
  reader: '1.0.0',
});

function without(key: string): string {
  return JSON.stringify({ ...JSON.parse(whole), [key]: undefined });
}

function having(changes: object): string {
  return JSON.stringify({ ...JSON.parse(whole), ...changes });
}

const damaged: readonly (readonly [string, string, string])[] = [
  ['empty', '', 'it is empty'],
  ['zeros after a power failure', '\0'.repeat(512), 'it is not complete JSON'],
  ['cut short', whole.slice(0, 200), 'it is not complete JSON'],
  ['not an object', '[1]', 'it is not a JSON object'],
  ['of a later format', having({ version: 2 }), 'its version is 2, expected 1'],
  [
    'of another API',
    having({ api_url: 'https://other.example.com' }),
    'it belongs to another API, "https://other.example.com"',
  ],
  [
    'named for another widget',
    having({ widget_id: ben }),
    `its widget_id is "${ben}", not the one in its file name`,
  ],
  ['edited by hand', having({ spec: { name: 'Eve' } }), 'its hash does not match its spec'],
  ['without spec', without('spec'), 'its spec is missing or malformed'],
  ['with a bad time', having({ applied_at: 'soon' }), 'its applied_at is missing or malformed'],
  ['with a bad digest', having({ digest: 'A1' }), 'its digest is missing or malformed'],
  [
    'with a sync that no file can have',
    having({ sync: { drift: ['correct'], ignore: [] } }),
    'its sync is missing or malformed',
  ],
  [
    'that ignores no pointers',
    having({ sync: { drift: null, ignore: [1] } }),
    'its sync is missing or malformed',
  ],
  [
    'with a list of what it replaced',
    having({ replaced: ['Ava'] }),
    'its replaced is missing or malformed',
  ],
  [
    'with times of what it replaced before that are none',
    having({ replaced_before: [{ at: 'soon', values: {} }] }),
    'its replaced_before is missing or malformed',
  ],
  [
    'with no echo that is known',
    having({ echo_unknown: 'yes' }),
    'its echo_unknown is missing or malformed',
  ],
  [
    'with a list of what it left',
    having({ left_beside: [] }),
    'its left_beside is missing or malformed',
  ],
  ['with half an end', having({ gone: 1 }), 'its gone is missing or malformed'],
  [
    'with half a correction',
    having({ corrections: 0.5 }),
    'its corrections is missing or malformed',
  ],
  [
    'from before drift was known',
    without('corrections'),
    'its corrections is missing or malformed',
  ],
  ['without reader', without('reader'), 'its reader is missing or malformed'],
  [
    'nested too deeply',
    whole.replace('"Ava"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    'it nests too deeply',
  ],
];

/** One damaged record beside a good one: what is read, and what is said. */
async function readBeside(name: string, damage: (path: string) => Promise<unknown>) {
  const directory = await temporaryDirectory();
  const store = await openState(stateOptions(directory));
  await store.save(recordOf(ben));
  await store.close();
  const path = join(directory, 'widgets', name);
  await damage(path);
  const options = stateOptions(directory);
  const state = await readState(options satisfies ReadOptions);
  expect([...state.records.values()]).toEqual([recordOf(ben)]);
  return { warnings: options.warnings, path };
}

function oneWarning(path: string, reason: unknown) {
  const message = 'a state record is ignored; its widget counts as never applied';
  return [{ message, fields: { record: path, reason } }];
}

describe('a record is ignored with one warning, and hurts no other, when it is', () => {
  test.each(damaged)('%s', async (_, content, reason) => {
    const { warnings, path } = await readBeside(`${ava}.json`, (at) => writeFile(at, content));
    expect(warnings).toEqual(oneWarning(path, reason));
  });

  test('under a name that is no widget id', async () => {
    const { warnings, path } = await readBeside('ava.json', (at) => writeFile(at, whole));
    expect(warnings).toEqual(oneWarning(path, 'its name is not a widget id in lower case'));
  });

  test('a directory', async () => {
    const { warnings, path } = await readBeside(`${ava}.json`, (at) => mkdir(at));
    expect(warnings).toEqual(oneWarning(path, 'it is not a regular file'));
  });

  test('a link to nowhere', async () => {
    const { warnings, path } = await readBeside(`${ava}.json`, (at) => symlink('gone', at));
    expect(warnings).toEqual(oneWarning(path, 'it is not a regular file'));
  });

  test.skipIf(process.platform === 'win32')('a pipe that nobody writes to', async () => {
    const { warnings, path } = await readBeside(`${ava}.json`, async (at) =>
      execFileSync('mkfifo', [at]),
    );
    expect(warnings).toEqual(oneWarning(path, 'it is not a regular file'));
  });
});

test('a damaged record is replaced whole by the next save', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'widgets', `${ava}.json`);
  await mkdir(join(directory, 'widgets'));
  await writeFile(path, '{');
  const store = await openState(stateOptions(directory));
  await store.save(recordOf(ava));
  await store.close();
  expect(await readFile(path, 'utf8')).toBe(whole);
});

describe('a directory in place of a record is replaced by the next save', () => {
  async function saveOver(fill: (path: string) => Promise<unknown>) {
    const directory = await temporaryDirectory();
    const path = join(directory, 'widgets', `${ava}.json`);
    await mkdir(path, { recursive: true });
    await fill(path);
    const options = stateOptions(directory);
    const store = await openState(options);
    await store.save(recordOf(ava));
    await store.close();
    expect(await readFile(path, 'utf8')).toBe(whole);
    expect((await readState(stateOptions(directory))).records.get(ava)).toEqual(recordOf(ava));
    const others = (await readdir(join(directory, 'widgets'))).filter(
      (name) => name !== `${ava}.json`,
    );
    return { others: others.map((name) => join(directory, 'widgets', name)), options };
  }

  test('when it is empty, without a trace', async () => {
    expect(await saveOver(async () => {})).toMatchObject({ others: [] });
  });

  test('when it is not, and what is in it is kept and named', async () => {
    const { others, options } = await saveOver((path) => writeFile(join(path, 'note'), 'mine'));
    const [aside = ''] = others;
    expect(await readFile(join(aside, 'note'), 'utf8')).toBe('mine');
    expect(options.warnings.at(-1)).toMatchObject({
      message: expect.stringContaining('it was moved aside'),
      fields: { aside },
    });
  });
});
