// The whole life of a pull request, by the very steps of the published workflows: real git, the sandbox as the API,
// what plays GitHub's part, and no state directory, since each job begins with nothing.
import { expect, test } from 'vitest';
import { git } from '../documents/repository.ts';
import { openGithubRepository } from '../support/github-repository.ts';
import { widgetId } from '../support/sandbox.ts';

const widget = { widget_type: 'chat', display_name: 'Ava' };

test('a pull request is opened, pushed to, merged and reverted', async () => {
  const one = await openGithubRepository([widget, widget]);
  const { api, sandbox, copy } = one;
  const live = (n: number) => sandbox.widget(widgetId(n))?.['bubble_text'] ?? null;
  const commentsOn = (n: number) => api.comments.get(n) ?? [];
  for (const n of [0, 1]) one.declare(n, widget);
  const first = one.push();

  // Opened: a finding beside its line, and the plan as a comment.
  git(copy, 'switch', '-q', '-c', 'greet');
  for (const n of [0, 1])
    one.declare(n, { ...widget, bubble_text: 'Hello', header_color: 'maroonish' });
  one.push();
  const opened = await one.pullRequest(7);
  expect(opened.log).not.toContain('in-of-the-repository');
  expect(opened).toMatchObject({ isSuccess: true, obeyed: [] });
  expect(opened.annotations).toMatchObject([
    { kind: 'warning', properties: { file: 'widgets/w0.yaml', line: '5' } },
    { kind: 'warning', properties: { file: 'widgets/w1.yaml' } },
  ]);
  expect(opened.outputs).toMatchObject({ valid: 'true', changes: '2', since: first });
  expect(commentsOn(7)).toHaveLength(1);
  expect(commentsOn(7)[0]?.body).toMatch(
    /^<!-- widget-sync plan widgets -->\n<!-- checksum \w+ -->\n### Plan: 2 to update/,
  );
  expect(commentsOn(7)[0]?.body).toContain('| `bubble_text` | <i>empty</i> | Hello |');
  expect(opened.summary).toContain('### Plan: 2 to update');

  // Pushed to: the same comment.
  for (const n of [0, 1]) one.declare(n, { ...widget, bubble_text: 'Good day' });
  one.push();
  const pushed = await one.pullRequest(7);
  expect(pushed).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(commentsOn(7)).toHaveLength(1);
  const reviewed = commentsOn(7)[0]?.body ?? '';
  expect(reviewed).toContain('| `bubble_text` | <i>empty</i> | Good day |');
  expect(reviewed).toContain(`<!-- checksum ${pushed.outputs['checksum']} -->`);
  expect(live(0)).toBeNull();

  // Merged: what was reviewed is applied, though the limit would refuse it.
  git(copy, 'switch', '-q', 'main');
  git(copy, 'merge', '-q', '--no-ff', '--no-edit', 'greet');
  git(copy, 'push', '-q', 'origin', 'main');
  const merged = git(copy, 'rev-parse', 'HEAD');
  const base = { ref: 'main' };
  const done = { merge_commit_sha: merged, merged_at: '2026-12-01T03:00:00Z' };
  api.pulls.push({ number: 7, head: 'greet', base, state: 'closed', body: '', ...done });
  const limit = { env: { WIDGET_SYNC_MAX_CHANGES: '1' } };
  const push = (before: string) => ({ name: 'push', payload: { before } });
  const applied = await one.onMain('github-apply.yml', push(first), limit);
  expect(applied.log).toContain('the plan is the one that was reviewed in #7');
  expect(applied).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(applied.outputs).toMatchObject({ since: first, checksum: pushed.outputs['checksum'] });
  expect([live(0), live(1)]).toEqual(['Good day', 'Good day']);
  const ended = { id: 1, head_sha: merged, event: 'push', run_started_at: '2026-12-01T03:01:00Z' };
  api.runs.set('widget-sync-apply.yml', [ended]);

  // Reverted: nothing is kept from job to job, and the field that went is released all the same.
  git(copy, 'revert', '--no-edit', '-m', '1', 'HEAD');
  git(copy, 'push', '-q', 'origin', 'main');
  const unreviewed = await one.onMain('github-apply.yml', push(merged), limit);
  expect(unreviewed.isSuccess).toBe(false);
  expect(live(0)).toBe('Good day');
  const reverted = await one.onMain('github-apply.yml', push('0'.repeat(40)));
  expect(reverted).toMatchObject({ isSuccess: true, annotations: [], obeyed: [] });
  expect(reverted.outputs['since']).toBe(merged);
  expect([live(0), live(1)]).toEqual([null, null]);
});
