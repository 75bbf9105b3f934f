// Who changed this, and when: what the history says after real writes, and how it is found again.
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type Account, openAccount } from '../support/account.ts';
import { readHistoryJson } from '../support/json-shapes.ts';
import { piecesOfKey, plantedKey } from '../support/planted-key.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { openWorkspace } from '../support/workspace.ts';

const widget: JsonObject = { widget_type: 'chat', display_name: 'Ava', bubble_text: 'Ask me' };

async function lines(account: Account, ...words: string[]) {
  const { code, stdout, stderr } = await account.quickly('history', '--json', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return readHistoryJson(stdout);
}

async function shown(account: Account, ...words: string[]) {
  const { code, stdout, stderr } = await account.quickly('history', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

test('a value of the dashboard that a daemon has replaced is found, with who had changed it', async () => {
  const account = await openAccount({ live: [widget] });
  account.declare(0, widget);
  const daemon = await account.watchHere();
  account.edit(0, { display_name: 'By hand', bubble_text: null });
  await daemon.sweep();
  account.edit(0, { display_name: 'Again' });
  account.declare(0, { ...widget, bubble_text: 'Ask' });
  await daemon.said('applied', 2);
  await daemon.sweep();
  await daemon.stop();
  const [drifted, edited, ...more] = await lines(account);
  expect(drifted).toMatchObject({
    id: expect.stringMatching(/^w-[0-9a-f]{8}$/),
    reason: 'drifted',
    fields: ['/bubble_text', '/display_name'],
    by: { '/bubble_text': 'dashboard', '/display_name': 'dashboard' },
    before: { bubble_text: null, display_name: 'By hand' },
    after: { bubble_text: 'Ask me', display_name: 'Ava' },
  });
  // Which of the two later writes has put it back, the moment decides.
  const later = [edited, ...more];
  expect(later.map((one) => one?.['before'])).toContainEqual(
    expect.objectContaining({ display_name: 'Again' }),
  );
  expect(account.live(0)).toMatchObject({ ...widget, bubble_text: 'Ask' });
  expect(new Set([drifted, ...later].map((one) => one?.['id'])).size).toBe(1 + later.length);

  const text = await shown(account, '--limit', '1000');
  expect(text[0]).toMatch(/^\d{4}-\S+Z {2}w0\.yaml {2}00000000 {2}drifted +w-[0-9a-f]{8}/);
  expect(text.slice(1, 3)).toEqual([
    '    ~ bubble_text   null → "Ask me"  (changed in the dashboard)',
    '    ~ display_name  "By hand" → "Ava"  (changed in the dashboard)',
  ]);
});

test('what git and the dashboard both changed, and what neither had set, is told apart', async () => {
  const account = await openAccount({ live: [widget] });
  account.declare(0, widget);
  await account.quickly('apply');
  account.edit(0, { display_name: 'By hand', attributes: { theirs: 1 } });
  account.declare(0, { ...widget, display_name: 'Bea', description: 'New' });
  await account.quickly('apply');
  const [edited, ...others] = await lines(account);
  expect(others).toEqual([]);
  expect(edited).toMatchObject({
    by: { '/description': 'git', '/display_name': 'both' },
    before: { description: null, display_name: 'By hand' },
    after: { description: 'New', display_name: 'Bea' },
  });
  expect(edited).not.toHaveProperty('before_as_applied');
  expect((await shown(account, '--full')).slice(1)).toEqual([
    '    description',
    '        - null',
    '        + "New"',
    '    display_name  (changed in git and in the dashboard)',
    '        - "By hand"',
    '        + "Bea"',
  ]);
});

test('where nothing is read, the values before are those applied last, and said to be', async () => {
  const account = await openAccount({ live: [widget] });
  account.declare(0, widget);
  await account.quickly('apply', '--live', 'off');
  account.edit(0, { display_name: 'By hand' });
  account.declare(0, { ...widget, display_name: 'Bea' });
  await account.quickly('apply', '--live', 'off');
  const [first, second] = await lines(account);
  expect(first).not.toHaveProperty('before');
  expect(first).toMatchObject({ reason: 'new', after: widget });
  expect(second).toMatchObject({
    before: { display_name: 'Ava' },
    before_as_applied: true,
    after: { display_name: 'Bea' },
  });
  const text = await shown(account);
  expect(text).toContain('    (what stood there before was not read)');
  expect(text).toContain(
    '    (nothing was read before it: the values before are those applied last)',
  );
});

test('long values stand whole in the lines, and are shortened for people', async () => {
  const account = await openAccount({ live: [widget] });
  const description = `${'A long text. '.repeat(4_000)}End`;
  account.declare(0, { ...widget, description });
  await account.quickly('apply');
  const [line] = await lines(account);
  expect(line).toMatchObject({ before: { description: null }, after: { description } });
  const short = (await shown(account)).join('\n');
  expect(short).toMatch(/~ description .*null → "A long text\. .*…"$/m);
  expect(short.length).toBeLessThan(1_000);
  const full = (await shown(account, '--full')).join('\n');
  expect(full).toContain(description);
});

describe('of many widgets', () => {
  async function four() {
    const account = await openAccount({ live: [widget, widget, widget] });
    for (const n of [0, 1, 2]) account.declare(n, { ...widget, display_name: `First ${n}` });
    await account.quickly('apply');
    account.declare(1, { ...widget, display_name: 'Second', bubble_text: 'Hi' });
    await account.quickly('apply');
    const files = async (...words: string[]) =>
      (await lines(account, ...words)).map(({ file }) => file);
    return { account, files };
  }

  test('one is found by its file, as it is recorded and as a person sees it, and by its id', async () => {
    const { account, files } = await four();
    const both = ['w1.yaml', 'w1.yaml'];
    const inDirectory = join(account.dir, 'w1.yaml');
    for (const word of ['w1.yaml', './w1.yaml', inDirectory, widgetId(1)]) {
      expect(await files('--widget', word)).toEqual(both);
    }
    expect(await files('--widget', 'elsewhere/w1.yaml')).toEqual([]);
    expect(await shown(account, '--widget', 'w9.yaml')).toEqual([
      'No confirmed write to w9.yaml is recorded in .widget-sync.',
    ]);
  });

  test('writes are found by field and by time', async () => {
    const { account, files } = await four();
    expect(await files('--field', 'bubble_text')).toEqual(['w1.yaml']);
    expect(await files('--field', 'bubble')).toEqual([]);
    const [first, , , last] = await lines(account);
    expect(await files('--since', String(last?.['time']))).toEqual(['w1.yaml']);
    expect(await files('--until', String(first?.['time']))).toContain(first?.['file']);
    expect(await files('--since', '1h')).toHaveLength(4);
    expect(await files('--until', '1h')).toEqual([]);
    expect(await files('--field', 'display_name', '--limit', '2')).toHaveLength(2);
    expect(await shown(account, '--until', '1h')).toEqual([
      'No confirmed write that is asked for is recorded in .widget-sync.',
    ]);
  });

  test('writes are found by commit, and say what it was', async () => {
    const { account } = await four();
    const path = join(account.dir, '../.widget-sync/history.ndjson');
    const [line = ''] = readFileSync(path, 'utf8').split('\n');
    const id = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
    const time = '2026-03-01T08:00:00.000Z';
    const commit = { id, subject: 'Winter colours', author: 'Mia Berg', time };
    for (const more of [{}, { edited: true }]) {
      const entry = { ...JSON.parse(line), revision: id, commit, ...more };
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
    }
    const heads = (await shown(account, '--commit', 'A1B2C3D')).filter((one) => /^\d/.test(one));
    expect(heads).toEqual([
      expect.stringMatching(/ {2}a1b2c3d Winter colours \(Mia Berg\)$/),
      expect.stringMatching(/ {2}a1b2c3d\+edited Winter colours$/),
    ]);
  });
});

test('--keep-history bounds what is kept, and the newest of it is shown', async () => {
  const account = await openAccount({ live: [widget] });
  const state = join(account.dir, '../.widget-sync');
  const descriptions = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => text.repeat(150_000));
  for (const description of descriptions) {
    account.declare(0, { ...widget, description });
    const { code } = await account.quickly('apply', '--keep-history', '1MiB');
    expect(code).toBe(0);
    const kept = readdirSync(state).filter((name) => name.startsWith('history'));
    const bytes = kept.reduce((sum, name) => sum + statSync(join(state, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(2 ** 20);
  }
  const found = await lines(account);
  expect(found.length).toBeGreaterThan(1);
  expect(found.length).toBeLessThan(descriptions.length);
  expect(found.map(({ after }) => after)).toEqual(
    descriptions.slice(-found.length).map((description) => ({ description })),
  );
});

test.each<[string[], RegExp]>([
  [['--since', 'yesterday'], /--since: expected a time such as .*, or how long ago.*"yesterday"/],
  [['--until', '2026-13-01'], /--until: expected a time/],
  [['--since', '2026-03-01T08:00'], /--since: expected a time/],
  [['--commit', 'main'], /--commit: expected a commit's hash, or at least its first 4 digits/],
  [['--commit', 'a1b'], /--commit: expected/],
  [['--widget', 'ava'], /--widget: expected/],
])('history %j is refused with what was expected', async (words, message) => {
  const account = await openAccount({ live: [] });
  const { code, stdout, stderr } = await account.quickly('history', ...words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(message);
});

test('the key that stood in a live value is in no line of the history', async () => {
  const { cwd, env, sandbox, write } = await openWorkspace({ widgets: 1, apiKey: plantedKey });
  const told = `Ask with ${plantedKey} or ${encodeURIComponent(plantedKey)}`;
  sandbox.edit(widgetId(0), { description: told, attributes: { [plantedKey]: [plantedKey] } });
  write(0, 'first', 'description: ask\nattributes: {a: 1}\n');
  const applied = await runIn({ cwd, env }, ['apply', '--api-url', sandbox.url]);
  expect(applied.code).toBe(0);
  const text = readFileSync(join(cwd, '.widget-sync/history.ndjson'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    before: {
      description: 'Ask with [api key] or [api key]',
      attributes: { '[api key]': ['[api key]'] },
    },
  });
  expect(piecesOfKey(text)).toEqual([]);
  for (const words of [[], ['--full'], ['--json'], ['--field', 'description']]) {
    const { stdout } = await runIn({ cwd, env }, ['history', ...words]);
    expect(stdout).toContain('[api key]');
    expect(piecesOfKey(stdout)).toEqual([]);
  }
});
