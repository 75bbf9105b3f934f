// The published workflows where not all is as it should be: a fork, whose texts are made to hurt, a token that may not
// write, a plan that cannot be made; and what people change in the dashboard.
import { expect, test } from 'vitest';
import { markerOf } from '../../action/plan-comment.mjs';
import { git } from '../documents/repository.ts';
import { writeFile } from '../support/command.ts';
import { openGithubRepository } from '../support/github-repository.ts';
import { evil } from '../support/hostile-tree.ts';
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
  expect(api.comments.size).toBe(0);
  expect(api.asked).toEqual([]);
  expect(sandbox.requests).toEqual([]);
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
  const others = [
    { id: 1, user: { id: 5, type: 'User' } as const, body: forged },
    { id: 2, user: { id: 41898282, type: 'Bot' } as const, body: quoted },
    // More than one page has.
    ...Array.from({ length: 120 }, (_, n) => ({
      ...{ id: 10 + n, user: { id: 5, type: 'User' } as const, body: 'x' },
    })),
  ];
  api.comments.set(4, structuredClone(others));
  const refused = await one.pullRequest(4, { permissions: { contents: 'read' } });
  expect(refused).toMatchObject({ isSuccess: true, obeyed: [] });
  expect(refused.annotations).toMatchObject([{ kind: 'warning' }]);
  expect(refused.annotations[0]?.text).toContain('pull-requests: write');
  expect(refused.summary).toContain('Plan: 1 to update');
  const written = await one.pullRequest(4);
  expect(written.log).toContain('comment: written');
  expect(api.comments.get(4)?.slice(0, -1)).toEqual(others);

  // The service is gone: the comment no longer tells of a plan that is not this commit's.
  await one.sandbox.close();
  const failed = await one.pullRequest(4);
  expect(failed.isSuccess).toBe(false);
  expect(failed.annotations).toMatchObject([{ text: 'no plan could be made: the log says why' }]);
  expect(api.comments.get(4)).toHaveLength(others.length + 1);
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
  one.push();
  const nightly = () => one.onMain('github-drift.yml', { name: 'schedule', payload: {} });
  const onBranch = (n: number) => git(origin, 'show', `widget-sync/drift:widgets/w${n}.yaml`);

  sandbox.edit(widgetId(0), { display_name: 'Eva' });
  const opened = await nightly();
  expect(opened).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(api.pulls).toMatchObject([
    { number: 1, head: 'widget-sync/drift', base: { ref: 'main' }, state: 'open' },
  ]);
  expect(onBranch(0)).toContain('display_name: Eva');
  expect(onBranch(1)).toContain('bubble_text: Soon');
  const first = git(origin, 'rev-parse', 'widget-sync/drift');

  // Brought up to date, once there is more.
  expect((await nightly()).log).toContain('widget-sync/drift has it already');
  expect(git(origin, 'rev-parse', 'widget-sync/drift')).toBe(first);
  sandbox.edit(widgetId(0), { display_name: 'Evi' });
  await nightly();
  expect(onBranch(0)).toContain('display_name: Evi');
  expect(api.pulls).toHaveLength(1);

  // Closed, once git and the dashboard say the same.
  sandbox.edit(widgetId(0), { display_name: 'Ava' });
  expect((await nightly()).log).toContain('closed #1');
  expect(api.pulls).toMatchObject([{ state: 'closed' }]);

  // What somebody has added to the branch is not lost.
  git(copy, 'fetch', '-q', 'origin', 'widget-sync/drift');
  git(copy, 'switch', '-q', '-c', 'widget-sync/drift', 'FETCH_HEAD');
  const own = one.push();
  sandbox.edit(widgetId(0), { display_name: 'Uta' });
  const left = await nightly();
  expect(left.annotations).toMatchObject([{ kind: 'warning' }]);
  expect(git(origin, 'rev-parse', 'widget-sync/drift')).toBe(own);
});
