// deploy/gitlab-ci.yml: the lines of its jobs are run with real git, the sandbox, and what plays GitLab's part.
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { commentMarker } from '../../src/render/comment/plan-markdown.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { commitAll, git } from '../documents/repository.ts';
import { entry, temporaryDirectory, writeFile } from '../support/command.ts';
import { runScript } from '../support/github-runner.ts';
import { widgetId } from '../support/sandbox.ts';

const root = join(import.meta.dirname, '../..');
const jobs = parse(readFileSync(join(root, 'deploy/gitlab-ci.yml'), 'utf8'));
const script: string = jobs['widgets:plan'].after_script[0];

interface Comment {
  readonly id: number;
  readonly author: string;
  body: string;
}

/** What somebody else wrote, with and without the marker, stays as it is. */
function othersComments(): Comment[] {
  return [
    { id: 1, author: 'mallory', body: `${commentMarker}\nnot from the job` },
    { id: 2, author: 'job', body: `about ${commentMarker}` },
  ];
}

/** Runs the job with two plans, one after the other. */
async function expectOneComment(
  comments: Comment[],
  run: (plan: string) => Promise<void>,
): Promise<void> {
  const before = structuredClone(comments);
  for (const words of ['### Plan: 1 to update', '### No changes.']) {
    const body = `${commentMarker}\n${words}\n`;
    await run(body);
    expect(comments).toEqual([...before, { id: 3, author: 'job', body }]);
  }
  await run('');
  expect(comments.at(-1)?.body).toContain('No changes.');
}

describe('the plan as a note', () => {
  test('writes one note, and updates it', async () => {
    const comments = othersComments();
    const url = await serveNotes(comments);
    const cwd = temporaryDirectory();
    await expectOneComment(comments, async (body) => {
      writeFile(cwd, 'plan.md', body);
      expect(await runShell({ cwd, url })).toEqual({ code: 0, stderr: '' });
    });
  });

  test('says so where it may not write', async () => {
    const url = await serveNotes([]);
    const cwd = temporaryDirectory();
    writeFile(cwd, 'plan.md', `${commentMarker}\n`);
    const { code, stderr } = await runShell({ cwd, url, token: 'another' });
    expect(code).toBe(1);
    expect(stderr).toContain('GET /user was answered with 401');
  });
});

/** A merge request's notes, as docs.gitlab.com has them under "Notes API". */
async function serveNotes(comments: Comment[]): Promise<string> {
  const ids: Readonly<Record<string, number>> = { job: 10, mallory: 11 };
  const shown = () =>
    comments.map(({ id, author, body }) => ({ id, body, author: { id: ids[author] } }));
  const server = createServer(async (request, response) => {
    const { method, url: path = '', headers } = request;
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = (status: number, json: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    const { body } = text === '' ? { body: '' } : (JSON.parse(text) as { body: string });
    const [notes, id] = [
      '/api/v4/projects/5/merge_requests/7/notes',
      Number(path.split('/').at(-1)),
    ];
    if (headers['private-token'] !== 'plan-token') return answer(401, {});
    if (method === 'GET' && path === '/api/v4/user') return answer(200, { id: ids['job'] });
    if (method === 'GET' && path.startsWith(`${notes}?`)) return answer(200, shown());
    const found = comments.find((one) => one.id === id);
    if (method === 'PUT' && found?.author === 'job') found.body = body;
    else if (method === 'POST' && path === notes) {
      comments.push({ id: comments.length + 1, author: 'job', body });
    } else return answer(403, {});
    answer(200, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`;
}

interface Runner {
  readonly cwd: string;
  readonly url: string;
  readonly token?: string;
}

function runShell({
  cwd,
  url,
  token = 'plan-token',
}: Runner): Promise<{ code: number | null; stderr: string }> {
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    CI_API_V4_URL: url,
    CI_PROJECT_ID: '5',
    CI_MERGE_REQUEST_IID: '7',
    PLAN_TOKEN: token,
  };
  const child = spawn('bash', ['-eo', 'pipefail', '-c', script], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

test('the jobs write what they name, plan what would be merged, and apply', async () => {
  const declared = { widget_type: 'chat', display_name: 'Ava' };
  const widgets = [0, 1].map((n) => ({ widgetId: widgetId(n), fields: declared }));
  const sandbox = await startSandbox({ widgets });
  onTestFinished(() => sandbox.close());
  const [origin, cwd] = [temporaryDirectory(), temporaryDirectory()];
  const declare = (n: number, fields: object) =>
    writeFile(origin, `widgets/w${n}.yaml`, JSON.stringify({ widget_id: widgetId(n), ...fields }));
  git(origin, 'init', '-q', '-b', 'main', '--template=');
  for (const n of [0, 1]) declare(n, declared);
  commitAll(origin);
  git(origin, 'switch', '-q', '-c', 'greet');
  declare(0, { ...declared, bubble_text: 'Hello' });
  commitAll(origin);
  // What main has got meanwhile, and has applied.
  git(origin, 'switch', '-q', 'main');
  declare(1, { ...declared, display_name: 'Eva' });
  const main = commitAll(origin);
  sandbox.edit(widgetId(1), { display_name: 'Eva' });
  git(cwd, 'clone', '-q', '--branch', 'greet', `file://${origin}`, '.');
  const env = {
    PATH: `${join(cwd, '.git/bin')}:${process.env['PATH']}`,
    ...{ HOME: cwd, CI: 'true', NO_PROXY: '*', INSIGHTO_API_KEY: 'in-test' },
    ...{ WIDGET_SYNC_API_URL: sandbox.url, WIDGET_SYNC_RATE: '2000/s' },
    ...{ CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main', CI_COMMIT_BEFORE_SHA: main },
    CI_PIPELINE_SOURCE: 'push',
  };
  // Stands for what npm has installed.
  const npx = `#!/bin/sh\n[ "$1 $2 $3" = "--no -- widget-sync" ] || exit 9\nshift 3\nexec "${process.execPath}" "${entry}" "$@"\n`;
  writeFile(cwd, '.git/bin/npx', npx);
  chmodSync(join(cwd, '.git/bin/npx'), 0o755);
  const run = (job: string, own: Record<string, string> = {}) =>
    runScript(jobs[job].script.join('\n'), cwd, { ...env, ...own });

  expect(await run('widgets:validate')).toMatchObject({ code: 0 });
  const { codequality, junit } = jobs['widgets:validate'].artifacts.reports;
  expect(JSON.parse(readFileSync(join(cwd, codequality), 'utf8'))).toEqual([]);
  expect(readFileSync(join(cwd, junit), 'utf8')).toContain('tests="2"');

  expect(await run('widgets:plan')).toMatchObject({ code: 0 });
  const [path] = jobs['widgets:plan'].artifacts.paths;
  const plan = readFileSync(join(cwd, path), 'utf8');
  expect(plan).toContain('### Plan: 1 to update');
  expect(plan).toContain('Hello');
  expect(sandbox.widget(widgetId(0))?.['bubble_text'] ?? null).toBeNull();

  expect(await run('widgets:apply')).toMatchObject({ code: 0 });
  expect(sandbox.widget(widgetId(0))?.['bubble_text']).toBe('Hello');

  // On a schedule, with a lost cache: what people have changed is no edit of the files.
  rmSync(join(cwd, '.widget-sync'), { recursive: true });
  sandbox.edit(widgetId(0), { bubble_text: 'In the dashboard' });
  const nightly = { CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BEFORE_SHA: '0'.repeat(40) };
  const applied = await run('widgets:apply', { ...nightly, WIDGET_SYNC_DRIFT: 'report' });
  expect(applied).toMatchObject({ code: 0 });
  expect(sandbox.widget(widgetId(0))?.['bubble_text']).toBe('In the dashboard');
});

test('a plan with the key is for merge requests of this project', () => {
  const [rule, ...others] = jobs['widgets:plan'].rules;
  expect(others).toEqual([]);
  expect(rule.if.split(' && ')).toEqual([
    '$CI_PIPELINE_SOURCE == "merge_request_event"',
    '$INSIGHTO_API_KEY',
    '$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID',
  ]);
});

test('one job at a time applies, with the state that is kept', () => {
  const job = jobs['widgets:apply'];
  expect(job).toMatchObject({ resource_group: 'widget-sync', cache: { paths: ['.widget-sync/'] } });
  expect(job.cache.when).toBe('always');
});
