// Which commit counts as applied, by the event: real git, and what plays GitHub's part.
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openGithub } from '../../action/github.mjs';
import { findSince } from '../../action/since.mjs';
import { commitAll, copyOf, git } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { githubToken, type Run, repositoryName, startGithubApi } from '../support/github-api.ts';

const file = 'widget-sync-apply.yml';

interface Job {
  readonly name: string;
  readonly payload?: object;
  readonly command?: string;
  readonly asked?: string;
  readonly applyWorkflow?: string;
  readonly branch?: string;
  readonly permissions?: Readonly<Record<string, string>>;
}

/** Commits a, b and c on main, and a merge of a branch into c. */
function makeOrigin(): string {
  const origin = temporaryDirectory();
  const commit = (text: string) => {
    writeFile(origin, 'widgets/a.yaml', text);
    commitAll(origin);
    git(origin, 'tag', text);
  };
  git(origin, 'init', '-q', '-b', 'main', '--template=');
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  for (const text of ['a', 'b', 'c']) commit(text);
  git(origin, 'switch', '-q', '-c', 'branch');
  commit('head');
  git(origin, 'switch', '-q', '--detach', 'main');
  git(origin, 'merge', '-q', '--no-ff', '--no-edit', 'head');
  git(origin, 'tag', 'merge');
  git(origin, 'switch', '-q', 'main');
  return origin;
}

/** A job that has c alone, as its process. */
async function openClone() {
  const api = await startGithubApi();
  const origin = copyOf('the commits of a since', makeOrigin);
  const clone = temporaryDirectory();
  const names = ['a', 'b', 'c', 'head', 'merge'];
  const [a = '', b = '', c = '', head = '', merge = ''] = git(origin, 'rev-parse', ...names).split(
    '\n',
  );
  git(clone, 'init', '-q', '--template=');
  git(clone, 'remote', 'add', 'origin', `file://${origin}`);
  const checkOut = (id: string) => {
    git(clone, 'fetch', '-q', '--depth=1', 'origin', id);
    git(clone, 'checkout', '-q', '--detach', id);
  };
  checkOut(c);
  const before = process.cwd();
  process.chdir(clone);
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => {
    process.chdir(before);
    print.mockRestore();
  });
  return {
    ...{ api, origin, clone, checkOut, a, b, c, head, merge },
    said: () => print.mock.calls.join(''),
    has: (id: string) => git(clone, 'cat-file', '-t', id) === 'commit',
    find(job: Job): Promise<string> {
      api.allow(job.permissions ?? { actions: 'read' });
      const env = {
        ...{ GITHUB_API_URL: api.url, GITHUB_TOKEN: githubToken, GITHUB_RUN_ID: '9' },
        ...{ GITHUB_REPOSITORY: repositoryName, GITHUB_EVENT_NAME: job.name },
        GITHUB_REF_NAME: job.branch ?? 'main',
        GITHUB_WORKFLOW_REF: `${repositoryName}/.github/workflows/${file}@refs/heads/main`,
      };
      const { command = 'apply', applyWorkflow = '', asked = 'auto' } = job;
      const event = { repository: { default_branch: 'main' }, ...job.payload };
      return findSince(asked, { env, event, github: openGithub(env), command, applyWorkflow });
    },
  };
}

function ran(id: number, head_sha: string, at: string, event = 'push'): Run {
  return { id, head_sha, event, run_started_at: `2026-12-01T0${at}:00:00Z` };
}

const zeros = '0'.repeat(40);

describe('of a pull request', () => {
  test('it is the first parent of the merge, also where only that was fetched', async () => {
    const one = await openClone();
    one.checkOut(one.merge);
    git(one.clone, 'checkout', '-q', one.merge);
    const payload = { pull_request: { head: { sha: one.head } } };
    expect(await one.find({ name: 'pull_request', payload, command: 'plan' })).toBe(one.c);
    expect(one.has(one.c)).toBe(true);
    expect(one.api.asked).toEqual([]);
  });

  test('its branch by itself is refused, also where that is a merge', async () => {
    const one = await openClone();
    for (const id of [one.head, one.merge]) {
      one.checkOut(id);
      const job = { name: 'pull_request', payload: { pull_request: { head: { sha: id } } } };
      await expect(one.find(job)).rejects.toThrow('leave ref out of actions/checkout');
    }
  });

  test('of a queue it is what that merges into', async () => {
    const one = await openClone();
    const payload = { merge_group: { base_sha: one.b } };
    expect(await one.find({ name: 'merge_group', payload, command: 'plan' })).toBe(one.b);
    expect(one.has(one.b)).toBe(true);
  });
});

describe('of what is applied', () => {
  test('it is the commit of the last run that ended well, whenever that was made', async () => {
    const one = await openClone();
    one.api.runs.set(file, [
      ran(9, one.c, '8'),
      ran(8, one.head, '7', 'pull_request'),
      ran(5, one.b, '4'),
      // Made before, and run again since: what it applied is live.
      ran(4, one.a, '6', 'workflow_dispatch'),
    ]);
    const payload = { before: one.b };
    expect(await one.find({ name: 'push', payload })).toBe(one.a);
    expect(one.has(one.a)).toBe(true);
    const job = { name: 'schedule', command: 'import', applyWorkflow: file };
    expect(await one.find(job)).toBe(one.a);
  });

  test.each<[string, (ids: { b: string }) => Partial<Job>, (ids: { b: string }) => string]>([
    ['no run has ended well', ({ b }) => ({ payload: { before: b } }), ({ b }) => b],
    ['it is the first push', () => ({ payload: { before: zeros } }), () => 'none'],
    [
      'it is started by hand, for the first time',
      () => ({ name: 'workflow_dispatch' }),
      () => 'none',
    ],
    ['nothing is to count', () => ({ asked: 'none' }), () => 'none'],
    ['it is said', () => ({ asked: 'origin/main' }), () => 'origin/main'],
  ])('where %s', async (_, job, wanted) => {
    const one = await openClone();
    expect(await one.find({ name: 'push', ...job(one) })).toBe(wanted(one));
  });

  test('an older commit is not applied over a newer one', async () => {
    const one = await openClone();
    git(one.clone, 'fetch', '-q', '--unshallow', 'origin', 'main');
    one.api.runs.set(file, [ran(8, one.c, '7')]);
    const again = { name: 'push', payload: { before: one.a } };
    git(one.clone, 'checkout', '-q', '--detach', one.b);
    await expect(one.find(again)).rejects.toThrow(
      `a newer commit was applied already (${one.c}), and this one would undo it: run the newest run again`,
    );
    // Said on purpose, it is carried out; and what compares only is not kept from it.
    expect(await one.find({ ...again, asked: one.c })).toBe(one.c);
    const drift = { name: 'schedule', command: 'import', applyWorkflow: file };
    expect(await one.find(drift)).toBe(one.c);
    for (const newer of [one.c, one.head]) {
      git(one.clone, 'fetch', '-q', 'origin', newer);
      git(one.clone, 'checkout', '-q', '--detach', newer);
      expect(await one.find(again)).toBe(one.c);
    }
  });

  test.each(['apply', 'import'])('%s by hand on a branch is refused', async (command) => {
    const one = await openClone();
    const job = { name: 'workflow_dispatch', branch: 'greet', command };
    await expect(one.find(job)).rejects.toThrow(
      `${command} was started by hand on greet, of which nothing was ever applied: start it on main`,
    );
    expect(await one.find({ ...job, asked: 'none' })).toBe('none');
    one.api.runs.set(file, [ran(8, one.b, '7')]);
    expect(await one.find(job)).toBe(one.b);
  });

  test('a warning says that runs may not be read', async () => {
    const one = await openClone();
    const payload = { before: one.b };
    expect(await one.find({ name: 'push', payload, permissions: {} })).toBe(one.b);
    expect(one.said()).toMatch(/^::warning .*The job needs the permission actions: read/);
  });

  test.each<[string, Partial<Job>, string]>([
    [
      'a commit that the server has lost',
      { payload: { before: 'ab'.repeat(20) } },
      'origin does not give it',
    ],
    ['an empty word', { asked: '' }, 'the input since is empty'],
    [
      'runs that may not be read, by hand',
      { name: 'workflow_dispatch', permissions: {} },
      'actions: read',
    ],
    ['an event of others', { name: 'issue_comment' }, 'does not know the event issue_comment'],
    ['an id that is an option', { payload: { before: '--upload-pack=x' } }, 'no id of a commit'],
  ])('%s is refused', async (_, job, words) => {
    const one = await openClone();
    await expect(one.find({ name: 'push', ...job })).rejects.toThrow(words);
  });
});

test.each<[string, Partial<Job>, 'b' | 'c']>([
  ['a push', { name: 'push' }, 'b'],
  ['a schedule', { name: 'schedule', payload: {} }, 'c'],
])('of a plan on %s, which asks for no run', async (_, job, wanted) => {
  const one = await openClone();
  const payload = { before: one.b };
  const found = await one.find({ name: 'push', payload, command: 'plan', ...job });
  expect(found).toBe(one[wanted]);
  expect(one.api.asked).toEqual([]);
});
