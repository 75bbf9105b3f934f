// Directories as git, git-sync and the kubelet leave them on disk.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { TreeSource } from '../../../src/model/document.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { configMapVolume } from '../../support/config-map.ts';
import { startGitSync } from '../../support/git-sync.ts';
import { HandClock } from '../hand-clock.ts';

const text = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\nwidget_type: chat\n';

/** What a look says, and a load, which must not differ. */
function sourceOf(dir: string): TreeSource {
  const { source } = openWidgetDirectory(dir).load();
  const clock = new HandClock();
  const look = openWidgetDirectory(dir, { clock }).look();
  expect(look).toMatchObject({ tree: { source } });
  return source;
}

function git(cwd: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  const nobody = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  execFileSync('git', [...identity, ...args], { cwd, env: { ...process.env, ...nobody } });
}

function repository(): string {
  const root = join(temporaryDirectory(), 'repo');
  writeFile(root, 'widgets/a.yaml', text);
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'one');
  return root;
}

test('a folder of a repository is a checkout, also before the first commit', () => {
  const root = repository();
  expect(sourceOf(root)).toBe('checkout');
  expect(sourceOf(join(root, 'widgets'))).toBe('checkout');
  const young = temporaryDirectory();
  writeFile(young, 'widgets/a.yaml', text);
  git(young, 'init', '-q');
  expect(sourceOf(join(young, 'widgets'))).toBe('checkout');
});

test('a folder without a repository is plain, and so is one whose repository is elsewhere', () => {
  const folder = temporaryDirectory();
  writeFile(folder, 'widgets/a.yaml', text);
  expect(sourceOf(join(folder, 'widgets'))).toBe('plain');

  // Mounted into a container without the repository that its `.git` file names.
  const root = repository();
  git(root, 'worktree', 'add', '-q', '-b', 'side', join(root, '../linked'));
  const linked = join(root, '../linked/widgets');
  expect(sourceOf(linked)).toBe('checkout');
  renameSync(root, join(root, '../not-mounted'));
  expect(sourceOf(linked)).toBe('plain');
});

test('a link that git-sync publishes, and the volume of a ConfigMap, are published', async () => {
  const gitSync = await startGitSync();
  const [hash = ''] = await gitSync.commit([{ 'site/widgets/a.yaml': text }]);
  await gitSync.publish(hash);
  expect(sourceOf(join(gitSync.link, 'site/widgets'))).toBe('published');

  const volume = temporaryDirectory();
  configMapVolume(volume).update({ 'a.yaml': text, 'clients/b.yaml': text.replace('3c', '4c') });
  expect(sourceOf(volume)).toBe('published');
  expect(sourceOf(join(volume, 'clients'))).toBe('published');
});

test('a folder that only looks like one of a volume is none', () => {
  const root = temporaryDirectory();
  writeFile(root, '..2026_01_31_09_00_00.123/widgets/a.yaml', text);
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync('elsewhere', join(root, '..data'));
  expect(sourceOf(join(root, '..2026_01_31_09_00_00.123/widgets'))).toBe('plain');
});
