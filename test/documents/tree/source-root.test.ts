import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireRoot } from '../../../src/documents/tree/root-path.ts';
import { findSourceRoot, type RootWords } from '../../../src/documents/tree/source-root.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const realDirectory = () => realpathSync(temporaryDirectory());

function find(directory: string, words: RootWords = {}) {
  return findSourceRoot(requireRoot(directory), words);
}

describe('the source root', () => {
  test.each<[string, (top: string) => unknown]>([
    ['the folder of a repository', (top) => mkdirSync(join(top, '.git'))],
    [
      'a linked working copy, though its repository is not mounted here',
      (top) => put(top, '.git', 'gitdir: /nowhere/.git/worktrees/x\n'),
    ],
  ])('is the nearest folder above with .git: %s', (_, make) => {
    const outer = realDirectory();
    mkdirSync(join(outer, '.git'));
    const top = join(outer, 'site');
    put(top, 'clients/acme/ava.yaml', '');
    make(top);
    const widgets = join(top, 'clients/acme');
    expect(find(widgets)).toEqual({ widgets, top, place: 'clients/acme', by: 'git' });
    expect(find(top)).toEqual({ widgets: top, top, place: '', by: 'git' });
  });

  test('is without links, so that it moves with what is published', () => {
    const outer = realDirectory();
    put(outer, '.worktrees/0a/site/widgets/ava.yaml', '');
    put(outer, '.worktrees/0a/.git', 'gitdir: /nowhere\n');
    symlinkSync('.worktrees/0a', join(outer, 'link'));
    const root = find(join(outer, 'link/site/widgets'));
    expect(root).toMatchObject({ top: join(outer, '.worktrees/0a'), place: 'site/widgets' });
  });

  test('without .git is the folder of the file of accounts, where that is above', () => {
    const outer = realDirectory();
    const widgets = join(outer, 'clients/acme/widgets');
    put(widgets, 'ava.yaml', '');
    const accountsFile = join(outer, 'clients/accounts.yaml');
    expect(find(widgets, { accountsFile })).toEqual({
      widgets,
      top: join(outer, 'clients'),
      place: 'acme/widgets',
      by: 'accounts',
    });
    const alone = { widgets, top: widgets, place: '', by: 'nothing else' };
    expect(find(widgets)).toEqual(alone);
    for (const elsewhere of [
      join(outer, 'other/accounts.yaml'),
      join(widgets, 'a/accounts.yaml'),
    ]) {
      expect(find(widgets, { accountsFile: elsewhere })).toEqual(alone);
    }
    put(outer, 'clients/accounts.yaml', '');
    const above = { top: join(outer, 'clients'), by: 'accounts' };
    expect(find(widgets)).toMatchObject(above);
    expect(find(widgets, { startedIn: outer })).toMatchObject(above);
    mkdirSync(join(outer, '.git'));
    expect(find(widgets, { accountsFile })).toMatchObject({ top: outer, by: 'git' });
  });

  test('with nothing else is the folder of the shell, of what lies below it', () => {
    const outer = realDirectory();
    const widgets = join(outer, 'site/widgets');
    put(widgets, 'ava.yaml', '');
    put(outer, 'other/ava.yaml', '');
    const startedIn = join(outer, 'site');
    expect(find(widgets, { startedIn })).toMatchObject({ top: startedIn, by: 'shell' });
    const other = join(outer, 'other');
    expect(find(other, { startedIn })).toMatchObject({ top: other, by: 'nothing else' });
  });

  test('is what --root says, before all others, through links', () => {
    const outer = realDirectory();
    const widgets = join(outer, 'site/widgets');
    put(widgets, 'ava.yaml', '');
    mkdirSync(join(outer, 'site/.git'));
    symlinkSync('.', join(outer, 'here'));
    const expected = { widgets, top: outer, place: 'site/widgets', by: 'option' };
    expect(find(widgets, { root: outer })).toEqual(expected);
    expect(find(widgets, { root: join(outer, 'here') })).toEqual(expected);
    expect(find(widgets, { root: widgets })).toMatchObject({ top: widgets, place: '' });
  });

  test.each([
    ['gone', 'missing', /^--root: there is no folder .*\/gone\. Name the widget directory, or/],
    ['widgets/ava.yaml', 'unusable', /is not a folder\. Name the widget directory/],
    ['widgets/ava.yaml/x', 'unusable', /cannot be read/],
    ['other', 'unusable', /does not hold the widget directory\. Name the widget directory, or/],
    // By its text it begins alike.
    ['widget', 'unusable', /does not hold the widget directory/],
    ['widgets/below', 'unusable', /does not hold the widget directory/],
    ['loop', 'unusable', /cannot be read/],
  ])('is not %s', (name, kind, message) => {
    const outer = realDirectory();
    put(outer, 'widgets/ava.yaml', '');
    for (const folder of ['other', 'widget', 'widgets/below']) mkdirSync(join(outer, folder));
    symlinkSync('loop', join(outer, 'loop'));
    const found = find(join(outer, 'widgets'), { root: join(outer, name) });
    expect(found).toEqual({ kind, message: expect.stringMatching(message) });
  });
});
