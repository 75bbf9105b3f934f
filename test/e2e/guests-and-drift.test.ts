// The published workflows where not all is as it should be: a fork, whose texts are made to hurt, a token that may not
// write, a plan that cannot be made; and what people change in the dashboard.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markerOf } from '../../action/plan-comment.mjs';
import { git } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { apiKey, openGithubRepository } from '../support/github-repository.ts';
import { evil } from '../support/hostile-tree.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const widget = { widget_type: 'chat', display_name: 'Ava' };

test('a fork gets findings and a plan without a key, and its texts give no orders', async () => {
  const one = await openGithubRepository([]);
  const { api, copy, sandbox } = one;
  one.declare(0, widget);
  one.push();
  git(copy, 'switch', '-q', '-c', 'fork');
  const orders =
    '::error file=x::forged\n##[add-mask]e\n  ::stop-commands::x\n::set-output name=a::b\n';
  one.declare(0, { ...widget, bubble_text: `${orders}${evil}`, display_name: orders });
  const hostile = '::error file=y::forged\n::add-mask::e.yaml';
  for (let n = 1; n < 13; n += 1) {
    const lines = [
      JSON.stringify({ widget_id: widgetId(n), widget_type: 'chat', [`${orders}${n}`]: orders }),
    ];
    writeFile(copy, `widgets/${n} ${hostile}`, lines.join('\n'));
  }
  one.push();
  const secrets = { INSIGHTO_API_KEY: '' };
  const job = await one.pullRequest(3, { secrets, from: 'mallory/widgets' });

  expect(job.obeyed).toEqual([]);
  // What the command itself prints is not even looked at.
  expect(job.log).toContain('forged');
  expect(job.heard.filter((line) => !line.startsWith('widget-sync: '))).toEqual([]);
  const errors = job.annotations.filter(({ kind }) => kind === 'error');
  expect(errors).toHaveLength(10);
  expect(errors.at(-1)?.text).toMatch(/^and 3 more errors/);
  const files = errors.slice(0, -1).map(({ properties }) => properties['file']);
  expect(files.every((file) => file?.startsWith('widgets/'))).toBe(true);
  expect(job.annotations.filter(({ text }) => text === 'forged')).toEqual([]);
  expect(job.isSuccess).toBe(false);
  expect(job.outputs).toMatchObject({ valid: 'false', changes: '1' });
  expect(job.summary).toMatch(/Plan: 1 to update/);
  expect(job.log).toContain('compares two commits');
  expect(job.summary).toContain('nothing that is live was read');
  expect(api.comments.size).toBe(0);
  expect(api.asked).toEqual([]);
  expect(sandbox.requests).toEqual([]);
});

test('a fork plans by a snapshot, where there is one', async () => {
  const one = await openGithubRepository([widget]);
  const { copy, sandbox } = one;
  one.declare(0, widget);
  const applied = one.push();
  sandbox.edit(widgetId(0), { display_name: 'Eva' });
  const snapshot = join(temporaryDirectory(), 'live.ndjson');
  const env = { INSIGHTO_API_KEY: apiKey, NO_PROXY: '*', WIDGET_SYNC_API_URL: sandbox.url };
  const words = ['snapshot', '--since', applied, '--output', snapshot];
  expect(await runIn({ cwd: copy, env }, words)).toMatchObject({ code: 0 });
  const since = sandbox.requests.length;
  git(copy, 'switch', '-q', '-c', 'fork');
  one.declare(0, { ...widget, bubble_text: 'Hello' });
  one.push();
  const guest = { secrets: {}, from: 'mallory/widgets', given: { snapshot } };
  const job = await one.pullRequest(3, guest);
  expect(job).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(job.summary).toContain('another value');
  expect(sandbox.requests).toHaveLength(since);
});

test('a fork of many accounts has its files checked, and no plan', async () => {
  const one = await openGithubRepository([widget]);
  const entry = `{ directory: widgets, key_file: /nowhere/key, api_url: "${one.sandbox.url}" }`;
  writeFile(one.copy, 'accounts.yaml', `accounts:\n  fernwood: ${entry}\n`);
  one.declare(0, widget);
  one.push();
  git(one.copy, 'switch', '-q', '-c', 'fork');
  one.declare(0, { ...widget, bubble_text: 'Hello' });
  one.push();
  const env = { WIDGET_SYNC_ACCOUNTS: 'accounts.yaml' };
  const job = await one.pullRequest(3, { secrets: {}, from: 'mallory/widgets', env });
  expect(job).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(job.summary).toContain('### ✅ The widget files are valid\n\na pull request of a fork');
  expect(one.sandbox.requests).toEqual([]);
});

test('what a fork has sent gets no key by an event that has the secrets', async () => {
  const one = await openGithubRepository([widget]);
  one.declare(0, widget);
  one.push();
  const from = { full_name: 'mallory/widgets' };
  const events = [
    { name: 'pull_request_target', payload: { pull_request: { number: 3, head: { repo: from } } } },
    { name: 'workflow_run', payload: { workflow_run: { head_repository: from } } },
  ];
  for (const event of events) {
    const job = await one.onMain('github-plan.yml', event, { given: { since: 'HEAD' } });
    expect(job.isSuccess).toBe(false);
    expect(job.annotations).toMatchObject([{ kind: 'error' }]);
    expect(job.annotations[0]?.text).toMatch(
      RegExp(`^${event.name} .* start the job on pull_request$`),
    );
  }
  expect(one.sandbox.requests).toEqual([]);
});

test('an apply of a public repository prints nothing that stood in the dashboard', async () => {
  const one = await openGithubRepository([{ ...widget, bubble_text: 'In the dashboard only' }]);
  one.declare(0, { ...widget, bubble_text: 'Hello' });
  one.push();
  const first = { name: 'push', payload: { before: '0'.repeat(40) } };
  const job = await one.onMain('github-apply.yml', first);
  expect(job).toMatchObject({ isSuccess: true, obeyed: [] });
  expect(one.sandbox.widget(widgetId(0))).toMatchObject({ bubble_text: 'Hello' });
  expect(job.log).toContain('"status":"applied"');
  expect(job.log + job.summary).not.toContain('In the dashboard only');
});

test('a comment that may not be written is a warning, and others keep theirs', async () => {
  const one = await openGithubRepository([widget]);
  const { api, copy } = one;
  one.declare(0, widget);
  one.push();
  git(copy, 'switch', '-q', '-c', 'greet');
  one.declare(0, { ...widget, bubble_text: 'Hello' });
  one.push();
  const forged = `${markerOf('widgets')}\nby somebody else`;
  const quoted = `> ${markerOf('widgets')}\n`;
  const ada = { id: 5, type: 'User', login: 'ada' } as const;
  const others = [
    { id: 1, user: ada, body: forged },
    {
      id: 2,
      user: { id: 41898282, type: 'Bot', login: 'github-actions[bot]' } as const,
      body: quoted,
    },
    { id: 3, user: { id: 99, type: 'Bot', login: 'echo[bot]' } as const, body: forged },
    // More than one page has.
    ...Array.from({ length: 120 }, (_, n) => ({
      ...{ id: 10 + n, user: ada, body: 'x' },
    })),
  ];
  api.comments.set(4, structuredClone(others));
  one.sandbox.edit(widgetId(0), { bubble_text: 'In the dashboard only' });
  const refused = await one.pullRequest(4, { permissions: { contents: 'read' } });
  expect(refused).toMatchObject({ isSuccess: true, obeyed: [] });
  expect(refused.annotations).toMatchObject([{ kind: 'warning' }]);
  expect(refused.annotations[0]?.text).toContain('pull-requests: write');
  expect(refused.summary).toContain('Plan: 1 to update');
  // The repository is public.
  expect(refused.log + refused.summary).not.toContain('In the dashboard only');

  api.allow({ 'pull-requests': 'write' });
  const plan = { INPUT_PLAN_MARKDOWN: refused.outputs['plan-markdown'] ?? '' };
  const step = 'step-comment.mjs';
  expect(await refused.again(step, plan)).toBe('widget-sync: comment: written\n');
  expect(await refused.again(step, plan)).toContain('the earlier one says the same');
  // No plan: the comment no longer tells of one that is not this commit's.
  expect(await refused.again(step, {})).toContain('comment: updated');
  expect(api.comments.get(4)?.slice(0, -1)).toEqual(others);
  expect(api.comments.get(4)?.at(-1)?.body).toContain('### No plan could be made');
});

test('what people change in the dashboard becomes one pull request', async () => {
  const one = await openGithubRepository([widget, widget]);
  const { api, copy, origin, sandbox } = one;
  for (const n of [0, 1]) one.declare(n, widget);
  const applied = one.push();
  const run = { id: 1, head_sha: applied, event: 'push', run_started_at: '2026-12-01T03:01:00Z' };
  api.runs.set('widget-sync-apply.yml', [run]);
  // An edit that is not applied yet is no drift, and is not undone.
  one.declare(1, { ...widget, bubble_text: 'Soon' });
  const main = one.push();
  const onBranch = (n: number) => git(origin, 'show', `widget-sync/drift:widgets/w${n}.yaml`);
  sandbox.edit(widgetId(0), { display_name: 'Eva' });
  const nightly = { name: 'schedule', payload: {} };
  const opened = await one.onMain('github-drift.yml', nightly);
  expect(opened).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  const base = { ref: 'main' };
  expect(api.pulls).toMatchObject([{ number: 1, head: 'widget-sync/drift', base, state: 'open' }]);
  expect(onBranch(0)).toContain('display_name: Eva');
  expect(onBranch(1)).toContain('bubble_text: Soon');

  /** The step alone, with what was imported by another night. */
  const propose = async (name: string) => {
    git(opened.workspace, 'checkout', '-q', '--detach', main);
    const file = join(opened.workspace, 'widgets/w0.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/display_name: .*/, `display_name: ${name}`),
    );
    return await opened.again('step-propose.mjs', { INPUT_DRIFTED: '1' });
  };
  expect(await propose('Eva')).toContain('widget-sync/drift has it already');
  expect(await propose('Evi')).toContain('pushed to widget-sync/drift');
  expect(onBranch(0)).toContain('display_name: Evi');
  expect(api.pulls).toMatchObject([{ number: 1, state: 'open' }]);
  expect(await propose('Ava')).toContain('closed #1');
  expect(api.pulls).toMatchObject([{ number: 1, state: 'closed' }]);

  // What somebody has added to the branch is not lost.
  git(copy, 'fetch', '-q', 'origin', 'widget-sync/drift');
  git(copy, 'switch', '-q', '-c', 'widget-sync/drift', 'FETCH_HEAD');
  const own = one.push();
  expect(await propose('Uta')).toMatch(/^::warning .* has a commit of somebody else/);
  expect(git(origin, 'rev-parse', 'widget-sync/drift')).toBe(own);
});
