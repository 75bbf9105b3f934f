// The jobs of docs/ci.md that write a plan as a comment: their own lines are run, against what plays
// GitHub's and GitLab's part. Each writes one comment, and updates that one from then on.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { commentMarker } from '../../src/render/comment/plan-markdown.ts';
import { commitAll, initRepository } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { blocksOf } from './pages.ts';

const jobs = blocksOf('yaml').filter(
  ({ page, text }) => page === 'docs/ci.md' && text.includes('--format markdown'),
);
const [onGitHub, onGitLab, ofAccounts] = jobs.map(({ text }) => parse(text));

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

describe('the job for GitHub', () => {
  const { plan } = onGitHub.jobs;

  test('gets the key in one step only, and runs for no fork', () => {
    expect(onGitHub.on).toBe('pull_request');
    expect(plan.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
    const withKey = plan.steps.filter((step: object) => JSON.stringify(step).includes('secrets.'));
    expect(withKey).toMatchObject([{ run: 'npx widget-sync plan --format markdown > plan.md' }]);
    expect(plan.steps.at(-1).if).toBe('always()');
    expect(plan.steps).toContainEqual({ run: 'npm ci' });
  });

  test('writes one comment, and updates it', async () => {
    const comments = othersComments();
    await expectOneComment(comments, (body) =>
      runScript(plan.steps.at(-1).with.script, comments, body),
    );
  });
});

/** As actions/github-script runs it: the body of an async function. */
async function runScript(script: string, comments: Comment[], plan: string): Promise<void> {
  const listComments = () => {};
  const issues = {
    listComments,
    createComment: async ({
      issue_number: issue,
      body,
    }: {
      issue_number: number;
      body: string;
    }) => {
      expect(issue).toBe(7);
      comments.push({ id: comments.length + 1, author: 'job', body });
    },
    updateComment: async ({ comment_id: wanted, body }: { comment_id: number; body: string }) => {
      for (const comment of comments) if (comment.id === wanted) comment.body = body;
    },
  };
  const logins: Readonly<Record<string, string>> = { job: 'github-actions[bot]' };
  const github = {
    rest: { issues },
    paginate: async () =>
      comments.map(({ id, author, body }) => ({
        id,
        body,
        user: { login: logins[author] ?? author },
      })),
  };
  const context = { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } };
  const files = { readFileSync: (name: string) => (name === 'plan.md' ? plan : null) };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction('github', 'context', 'require', script)(github, context, () => files);
}

describe('the job for GitLab', () => {
  const [install, command, script, end] = onGitLab.plan.script;

  test('runs for merge requests, and ends as the plan did', () => {
    expect(onGitLab.plan.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    expect(install).toBe('npm ci');
    expect(command).toBe('npx widget-sync plan --format markdown > plan.md || code=$?');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's.
    expect(end).toBe('exit ${code:-0}');
  });

  test('writes one note, and updates it', async () => {
    const comments = othersComments();
    const url = await serveNotes(comments);
    const cwd = temporaryDirectory();
    await expectOneComment(comments, async (body) => {
      writeFile(cwd, 'plan.md', body);
      expect(await runShell(script, { cwd, url })).toEqual({ code: 0, stderr: '' });
    });
  });

  test('says so where it may not write', async () => {
    const url = await serveNotes([]);
    const cwd = temporaryDirectory();
    writeFile(cwd, 'plan.md', `${commentMarker}\n`);
    const { code, stderr } = await runShell(script, { cwd, url, token: 'another' });
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

function runShell(
  script: string,
  { cwd, url, token = 'plan-token' }: Runner,
): Promise<{ code: number | null; stderr: string }> {
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

describe('the steps for many accounts', () => {
  const [keys, planned] = ofAccounts;
  const runStep = (script: string, cwd: string, env: Record<string, string>) =>
    execFileSync('bash', ['-e', '-c', script], { cwd, env: { ...process.env, ...env } });

  test('write each key into a file that nobody else may read', () => {
    const cwd = temporaryDirectory();
    runStep(keys.run, cwd, { KEYS: 'fernwood in-f-0123456789\n\nharbor in-h-0123456789' });
    expect(readdirSync(join(cwd, 'keys'))).toEqual(['fernwood', 'harbor']);
    expect(readFileSync(join(cwd, 'keys/harbor'), 'utf8')).toBe('in-h-0123456789\n');
    expect(statSync(join(cwd, 'keys/harbor')).mode & 0o777).toBe(0o600);
    expect(keys.env.KEYS).toMatch(/^\$\{\{ secrets\.\w+ \}\}$/);
  });

  test.each<[string, (cwd: string) => void, string[]]>([
    ['a widget', (cwd) => writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x'), ['harbor']],
    [
      'two clients, one with a fragment',
      (cwd) => {
        writeFile(cwd, 'clients/harbor/_brand.yaml', 'x');
        writeFile(cwd, 'clients/fernwood/widgets/a.yaml', 'x');
      },
      ['fernwood', 'harbor'],
    ],
    ['a fragment of all', (cwd) => writeFile(cwd, 'clients/_house.yaml', 'x'), []],
    [
      'the file of accounts and a widget',
      (cwd) => {
        writeFile(cwd, 'accounts.yaml', 'x');
        writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x');
      },
      [],
    ],
    [
      'a client that goes beside one that changes',
      (cwd) => {
        rmSync(join(cwd, 'clients/fernwood'), { recursive: true });
        writeFile(cwd, 'clients/harbor/widgets/a.yaml', 'x');
      },
      ['harbor'],
    ],
  ])('plan the accounts that %s concerns', (_, change, names) => {
    const [origin, cwd] = [temporaryDirectory(), temporaryDirectory()];
    initRepository(origin);
    for (const name of ['fernwood', 'harbor', 'quill']) {
      writeFile(origin, `clients/${name}/widgets/a.yaml`, 'first');
    }
    commitAll(origin);
    execFileSync('git', ['clone', '-q', origin, cwd]);
    change(cwd);
    commitAll(cwd);
    // Stands for the command, and gives its words.
    mkdirSync(join(cwd, 'bin'));
    writeFile(cwd, 'bin/npx', '#!/bin/sh\nprintf "%s\\n" "$*"\n');
    execFileSync('chmod', ['755', join(cwd, 'bin/npx')]);
    const PATH = `${join(cwd, 'bin')}:${process.env['PATH']}`;
    runStep(planned.run, cwd, { GITHUB_BASE_REF: 'main', PATH });
    const said = names.map((name) => ` --account ${name}`).join('');
    expect(readFileSync(join(cwd, 'plan.md'), 'utf8')).toBe(
      `widget-sync plan --format markdown${said}\n`,
    );
    expect(planned.env).toEqual({ WIDGET_SYNC_ACCOUNTS: 'accounts.yaml' });
  });
});
