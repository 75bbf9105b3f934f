// `--since`: a runner without a state directory goes by what a commit declared. Real git, and the sandbox.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { commitAll, git, initRepository } from '../documents/repository.ts';
import { type Account, openAccount } from '../support/account.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readPlanJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const widget = { widget_type: 'chat', display_name: 'Ava' };

interface Repository extends Account {
  readonly root: string;
  /** Commits what the files say; its id. */
  commit(): string;
  /** As a fresh runner: without what an earlier one has recorded. */
  fresh(
    name: 'plan' | 'apply',
    ...args: string[]
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function openRepository(live: readonly JsonObject[]): Promise<Repository> {
  const account = await openAccount({ live, isPlain: true });
  const root = join(account.dir, '..');
  initRepository(root);
  writeFile(root, '.gitignore', '.widget-sync\n');
  return {
    ...account,
    root,
    commit: () => commitAll(root),
    async fresh(name, ...args) {
      rmSync(join(root, '.widget-sync'), { recursive: true, force: true });
      return await account.quickly(name, ...args);
    },
  };
}

describe('what a commit declared counts as applied', () => {
  test('a field that stays, since somebody has changed it, is said', async () => {
    // A read shortly after a commit may be too early to show what was written then.
    const longAgo = '1790000000 +0000';
    const one = await openRepository([{}, {}]);
    for (const n of [0, 1]) one.declare(n, widget);
    const base = commitAll(one.root, longAgo);
    for (const n of [0, 1]) one.declare(n, { ...widget, bubble_text: 'Hello' });
    commitAll(one.root, longAgo);
    expect((await one.fresh('apply', '--since', base)).code).toBe(0);
    one.edit(0, { bubble_text: 'Come in' });
    for (const n of [0, 1]) one.declare(n, widget);
    commitAll(one.root, longAgo);
    const { stdout } = await one.fresh('plan', '--since', base);
    expect(stdout).toMatch(/w0\.yaml .*left: the dashboard has changed it since: bubble_text\n/);
    expect(stdout).toMatch(/w1\.yaml .*\n.*bubble_text.*released/);
    const { left } = readPlanJson((await one.fresh('plan', '--json', '--since', base)).stdout);
    expect(left).toEqual([{ widget_id: widgetId(0), file: 'w0.yaml', paths: ['/bubble_text'] }]);
    const markdown = await one.fresh('plan', '--format', 'markdown', '--since', base);
    expect(markdown.stdout).toContain('left: the dashboard has changed it since');
    expect((await one.fresh('apply', '--since', base)).code).toBe(0);
    expect([one.live(0)['bubble_text'], one.live(1)['bubble_text'] ?? null]).toEqual([
      'Come in',
      null,
    ]);
  });

  test('a field that is reverted is released, by a fresh runner each time', async () => {
    const one = await openRepository([{}]);
    one.declare(0, widget);
    one.commit();
    expect((await one.fresh('apply', '--since', 'none')).code).toBe(0);
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.commit();
    expect((await one.fresh('apply', '--since', 'HEAD^')).code).toBe(0);
    expect(one.live(0)).toMatchObject({ bubble_text: 'Hello' });
    git(one.root, 'revert', '--no-edit', 'HEAD');
    const plan = await one.fresh('plan', '--since', 'HEAD^', '--detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/bubble_text.*released/s);
    expect(plan.stdout).not.toContain('nothing is recorded');
    expect((await one.fresh('apply', '--since', 'HEAD^')).code).toBe(0);
    expect(one.live(0)['bubble_text'] ?? null).toBeNull();
    const again = await one.fresh('plan', '--since', 'HEAD', '--detailed-exitcode');
    expect(again).toMatchObject({ code: 0, stderr: '' });
  });

  test('what people changed meanwhile is drift, and --drift report holds', async () => {
    const one = await openRepository([{ ...widget, header_color: '#111111' }]);
    one.declare(0, { ...widget, header_color: '#AABBCC' });
    one.commit();
    await one.fresh('apply', '--since', 'none');
    one.edit(0, { header_color: '#222222' });
    writeFile(one.root, 'other', 'x');
    one.commit();
    const plan = JSON.parse(
      (await one.fresh('plan', '--since', 'HEAD^', '--drift', 'report', '--json')).stdout,
    );
    expect(plan).toMatchObject({ changes: [], drifted: [{ why: 'policy' }] });
    expect(plan.since).toBe(git(one.root, 'rev-parse', 'HEAD^'));
    expect(plan.known).toEqual({ recorded: 0, assumed: 1, unknown: 0 });
    const corrected = JSON.parse((await one.fresh('plan', '--since', 'HEAD^', '--json')).stdout);
    expect(corrected.changes).toMatchObject([{ reason: 'drifted' }]);
  });

  test('another spelling of the API is no drift', async () => {
    const one = await openRepository([{ ...widget, header_color: '#aabbcc' }]);
    one.declare(0, { ...widget, header_color: '#AABBCC' });
    one.commit();
    const plan = JSON.parse(
      (await one.fresh('plan', '--since', 'HEAD', '--drift', 'report', '--json')).stdout,
    );
    expect(plan).toMatchObject({ changes: [], drifted: [] });
  });

  test('files that were moved are the same widget, and one whose file went is orphaned', async () => {
    const one = await openRepository([{}, {}]);
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.declare(1, widget);
    one.commit();
    await one.fresh('apply', '--since', 'none');
    rmSync(join(one.dir, 'w1.yaml'));
    rmSync(join(one.dir, 'w0.yaml'));
    writeFile(
      one.dir,
      'moved/ava.yaml',
      `widget_id: ${widgetId(0)}\nwidget_type: chat\ndisplay_name: Ava\n`,
    );
    one.commit();
    const plan = JSON.parse((await one.fresh('plan', '--since', 'HEAD^', '--json')).stdout);
    expect(plan.changes).toMatchObject([
      { file: 'moved/ava.yaml', fields: [{ path: '/bubble_text', released: true }] },
    ]);
    expect(plan.orphaned).toMatchObject([{ widget_id: widgetId(1) }]);
  });

  test('with --live off two commits are compared, without a key and a network', async () => {
    const one = await openRepository([{}]);
    one.declare(0, widget);
    one.declare(1, widget);
    one.commit();
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.commit();
    const words = ['plan', '--live', 'off', '--since', 'HEAD^', '--json'];
    const { code, stdout } = await runIn({ cwd: one.root, env: {} }, words);
    expect(code).toBe(0);
    const { changes, unchanged } = JSON.parse(stdout);
    expect(changes).toMatchObject([{ file: 'w0.yaml', reason: 'edited' }]);
    expect({ changes: changes.length, unchanged }).toMatchObject({ changes: 1 });
  });

  test('what was suspended, broken or said twice then was not applied then', async () => {
    const one = await openRepository([{}, {}, {}]);
    one.declare(0, { ...widget, bubble_text: 'Hello' }, { suspend: true });
    one.declare(1, { ...widget, bubble_txt: 'Hello' });
    one.declare(2, { ...widget, bubble_text: 'Hello' });
    writeFile(one.dir, 'twice.yaml', `widget_id: ${widgetId(2)}\nwidget_type: chat\n`);
    one.commit();
    rmSync(join(one.dir, 'twice.yaml'));
    for (const n of [0, 1, 2]) one.declare(n, widget);
    one.commit();
    const plan = JSON.parse((await one.fresh('plan', '--since', 'HEAD^', '--json')).stdout);
    expect(plan.known).toEqual({ recorded: 0, assumed: 0, unknown: 3 });
  });

  test('a record wins over the commit', async () => {
    const one = await openRepository([{}]);
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.commit();
    expect((await one.quickly('apply')).code).toBe(0);
    one.declare(0, widget);
    one.commit();
    expect((await one.quickly('apply')).code).toBe(0);
    one.edit(0, { bubble_text: 'Hello' });
    // By the commit alone the field would be released; what is recorded does not declare it.
    const plan = JSON.parse((await one.quickly('plan', '--since', 'HEAD^', '--json')).stdout);
    expect(plan).toMatchObject({ changes: [], known: { recorded: 1, assumed: 0, unknown: 0 } });
  });
});

describe('commits in between may have been applied', () => {
  /** Declares a text in between, and takes it out again. */
  async function between(applied: boolean): Promise<Repository> {
    const one = await openRepository([{}]);
    one.declare(0, widget);
    one.commit();
    await one.fresh('apply', '--since', 'none');
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.commit();
    if (applied) await one.fresh('apply', '--since', 'HEAD^');
    one.declare(0, widget);
    one.commit();
    return one;
  }

  test('a field that one of them set is released', async () => {
    const one = await between(true);
    expect(one.live(0)).toMatchObject({ bubble_text: 'Hello' });
    expect((await one.fresh('apply', '--since', 'HEAD^^')).code).toBe(0);
    expect(one.live(0)['bubble_text'] ?? null).toBeNull();
  });

  test('a text that no commit declared stays', async () => {
    const one = await between(false);
    one.edit(0, { bubble_text: 'Written by a person' });
    expect((await one.fresh('apply', '--since', 'HEAD^^')).code).toBe(0);
    expect(one.live(0)).toMatchObject({ bubble_text: 'Written by a person' });
  });

  test('of a widget that came in between, too', async () => {
    const one = await openRepository([{}, {}]);
    one.declare(0, widget);
    one.commit();
    one.declare(1, { ...widget, bubble_text: 'Hello' });
    one.commit();
    await one.fresh('apply', '--since', 'none');
    one.declare(1, widget);
    one.commit();
    expect((await one.fresh('apply', '--since', 'HEAD^^')).code).toBe(0);
    expect(one.live(1)['bubble_text'] ?? null).toBeNull();
  });
});

describe('which commit', () => {
  async function two(): Promise<Repository> {
    const one = await openRepository([{}]);
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    one.commit();
    git(one.root, 'tag', '-a', '-m', 'x', 'v1');
    git(one.root, 'branch', 'before');
    one.declare(0, widget);
    one.commit();
    return one;
  }

  test('by an id, its beginning, a branch, an annotated tag, and the way back', async () => {
    const one = await two();
    const id = git(one.root, 'rev-parse', 'HEAD^');
    for (const name of [id, id.slice(0, 8), 'before', 'v1', 'HEAD~1', 'main^']) {
      const { stdout } = await one.fresh('plan', '--since', name, '--live', 'off', '--json');
      expect(JSON.parse(stdout).since).toBe(id);
    }
  });

  test('zeros and none let nothing count', async () => {
    const one = await two();
    for (const name of ['0'.repeat(40), '0'.repeat(64)]) {
      const { code, stdout } = await one.fresh('plan', '--since', name, '--live', 'off');
      expect(code).toBe(0);
      expect(stdout).toContain('the commit before all others');
    }
    const { stdout } = await one.fresh('plan', '--since', 'none', '--live', 'off');
    expect(stdout).not.toContain('Note:');
  });

  test.each([
    ['', '--since is empty: is a variable not set?'],
    ['nowhere', 'nowhere names no commit'],
    ['--upload-pack=touch x', 'names no commit'],
    ['f'.repeat(40), 'this repository has no such commit'],
  ])('%j is refused in one sentence, and nothing is sent', async (name, says) => {
    const one = await two();
    for (const command of ['plan', 'apply'] as const) {
      const { code, stdout, stderr } = await one.fresh(command, `--since=${name}`);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(says);
    }
    expect(one.sandbox.requests).toHaveLength(0);
  });

  test('outside of a checkout it is refused', async () => {
    const account = await openAccount({ live: [{}], isPlain: true });
    account.declare(0, widget);
    const { code, stderr } = await account.quickly('plan', '--since', 'HEAD');
    expect(code).toBe(1);
    expect(stderr).toContain('is in no git checkout');
  });

  test('a clone that is too shallow says what to fetch, and goes on once it is there', async () => {
    const one = await two();
    const clone = join(temporaryDirectory(), 'clone');
    git(one.root, 'clone', '-q', '--depth', '1', `file://${one.root}`, clone);
    const id = git(one.root, 'rev-parse', 'HEAD^');
    const words = ['plan', '--live', 'off', '--json', '--since'];
    const place = { cwd: clone, env: {} };
    for (const name of ['HEAD^', id]) {
      const { code, stderr } = await runIn(place, [...words, name]);
      expect(code).toBe(1);
      expect(stderr).toContain(`which is shallow: git fetch --depth=1 origin ${id}`);
    }
    git(one.root, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    git(clone, 'fetch', '-q', '--depth=1', 'origin', id);
    const { code, stdout } = await runIn(place, [...words, id]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).changes).toMatchObject([{ reason: 'edited' }]);
  });

  test('a clone two deep, a linked working copy and borrowed objects are read', async () => {
    const one = await two();
    const shallow = join(temporaryDirectory(), 'clone');
    git(one.root, 'clone', '-q', '--depth', '2', `file://${one.root}`, shallow);
    const linked = join(temporaryDirectory(), 'linked');
    git(one.root, 'worktree', 'add', '-q', '--detach', linked);
    const borrowing = join(temporaryDirectory(), 'borrowing');
    git(one.root, 'clone', '-q', '--shared', one.root, borrowing);
    const apart = join(temporaryDirectory(), 'apart');
    git(one.root, 'clone', '-q', '--separate-git-dir', `${apart}.git`, one.root, apart);
    for (const cwd of [shallow, linked, borrowing, apart]) {
      const words = ['plan', '--live', 'off', '--json', '--since', 'HEAD^'];
      const { code, stdout } = await runIn({ cwd, env: {} }, words);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).changes).toMatchObject([{ reason: 'edited' }]);
    }
  });

  test('a clone without its files says what fetches them', async () => {
    const one = await two();
    git(one.root, 'config', 'uploadpack.allowFilter', 'true');
    const clone = join(temporaryDirectory(), 'clone');
    git(one.root, 'clone', '-q', '--filter=blob:none', `file://${one.root}`, clone);
    const words = ['plan', '--live', 'off', '--since', 'HEAD^'];
    const { code, stderr } = await runIn({ cwd: clone, env: {} }, words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/made without all files \(--filter\).*git diff --stat/);
  });

  test('a merge compares with its first parent, a squash and a push by force with what they name', async () => {
    const one = await openRepository([{}]);
    one.declare(0, { ...widget, bubble_text: 'Hello' });
    const first = one.commit();
    git(one.root, 'checkout', '-q', '-b', 'work');
    one.declare(0, widget);
    one.commit();
    git(one.root, 'checkout', '-q', 'main');
    git(one.root, 'merge', '-q', '--no-ff', '-m', 'Merge', 'work');
    const planned = async (name: string) => {
      const { stdout } = await one.fresh('plan', '--live', 'off', '--json', '--since', name);
      return JSON.parse(stdout).changes;
    };
    expect(await planned('HEAD^1')).toMatchObject([{ reason: 'edited' }]);
    expect(await planned('HEAD^2')).toEqual([]);
    git(one.root, 'checkout', '-q', '--orphan', 'other');
    one.commit();
    expect(await planned(first)).toMatchObject([{ reason: 'edited' }]);
  });

  test('a directory that was not there then is said', async () => {
    const one = await openRepository([{}]);
    one.declare(0, widget);
    one.commit();
    renameSync(one.dir, join(one.root, 'old'));
    one.commit();
    renameSync(join(one.root, 'old'), one.dir);
    one.commit();
    const { stdout } = await one.fresh('plan', '--live', 'off', '--since', 'HEAD^');
    expect(stdout).toMatch(/Note: There is no widgets in [0-9a-f]{10}: nothing of it counts/);
  });

  test('fragments are those of that commit', async () => {
    const one = await openRepository([{}]);
    writeFile(one.dir, '_brand.yaml', 'header_color: "#111111"\nbubble_text: Hello\n');
    writeFile(
      one.dir,
      'w0.yaml',
      `extends: _brand.yaml\nwidget_id: ${widgetId(0)}\nwidget_type: chat\n`,
    );
    one.commit();
    await one.fresh('apply', '--since', 'none');
    writeFile(one.dir, '_brand.yaml', 'header_color: "#222222"\n');
    one.commit();
    expect((await one.fresh('apply', '--since', 'HEAD^', '--max-changes', 'off')).code).toBe(0);
    expect(one.live(0)).toMatchObject({ header_color: '#222222' });
    expect(one.live(0)['bubble_text'] ?? null).toBeNull();
  });
});
