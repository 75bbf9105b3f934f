// As much of GitHub's API as the action asks, on a real socket: one repository, with its comments, runs and pull
// requests. A token may do what the permissions of its job say, which `allow` sets.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const repositoryName = 'fernwood/widgets';
export const githubToken = 'ghs-of-the-job';

export interface Comment {
  readonly id: number;
  readonly user: { readonly id: number; readonly type: 'Bot' | 'User'; readonly login: string };
  body: string;
}

export interface Pull {
  readonly number: number;
  readonly head: string;
  readonly base: { readonly ref: string };
  state: 'open' | 'closed';
  body: string;
  merge_commit_sha?: string;
  merged_at?: string;
}

export interface Run {
  readonly id: number;
  readonly head_sha: string;
  readonly event: string;
  readonly run_started_at: string;
}

export type Permissions = Readonly<Record<string, string>>;

export interface GithubApi {
  readonly url: string;
  readonly comments: Map<number, Comment[]>;
  readonly pulls: Pull[];
  /** Of each workflow, by the name of its file: those that ended well, as GitHub lists them. */
  readonly runs: Map<string, Run[]>;
  /** `POST /repos/…` of all that was asked so far. */
  readonly asked: string[];
  allow(permissions: Permissions): void;
}

const bot = { id: 41898282, type: 'Bot', login: 'github-actions[bot]' } as const;

export async function startGithubApi(): Promise<GithubApi> {
  const world = {
    comments: new Map<number, Comment[]>(),
    pulls: [] as Pull[],
    runs: new Map<string, Run[]>(),
    asked: [] as string[],
  };
  let allowed: Permissions = {};
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://here');
    const ask = { method: request.method ?? '', url, body: await bodyOf(request) };
    world.asked.push(`${ask.method} ${url.pathname}`);
    if (request.headers.authorization !== `Bearer ${githubToken}`) return answer(response, 401);
    answerTo(ask, world, (scope, level) => {
      const has = allowed[scope] ?? 'none';
      return has === 'write' || has === level;
    })(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...world,
    allow(permissions) {
      allowed = permissions;
    },
  };
}

interface Ask {
  readonly method: string;
  readonly url: URL;
  readonly body: Record<string, string>;
}

type World = Pick<GithubApi, 'comments' | 'pulls' | 'runs'>;
type May = (scope: string, level: 'read' | 'write') => boolean;

function answerTo({ method, url, body }: Ask, world: World, may: May) {
  const path = url.pathname.replace(`/repos/${repositoryName}`, '');
  const pageOf = <Entry>(entries: readonly Entry[]) => {
    const [size, page] = ['per_page', 'page'].map((name) => Number(url.searchParams.get(name)));
    return entries.slice(((page ?? 1) - 1) * (size ?? 0), (page ?? 1) * (size ?? 0));
  };
  const routes: [string, RegExp, string, 'read' | 'write', (...words: string[]) => unknown][] = [
    [
      'GET',
      /^\/issues\/(\d+)\/comments$/,
      'pull-requests',
      'read',
      (n) => pageOf(world.comments.get(Number(n)) ?? []),
    ],
    [
      'POST',
      /^\/issues\/(\d+)\/comments$/,
      'pull-requests',
      'write',
      (n) => {
        const all = world.comments.get(Number(n)) ?? [];
        const comment = { id: 1000 + all.length, user: bot, body: body['body'] ?? '' };
        world.comments.set(Number(n), [...all, comment]);
        return comment;
      },
    ],
    [
      'PATCH',
      /^\/issues\/comments\/(\d+)$/,
      'pull-requests',
      'write',
      (id) => {
        const found = [...world.comments.values()].flat().find((one) => String(one.id) === id);
        if (found !== undefined) found.body = body['body'] ?? '';
        return found;
      },
    ],
    [
      'GET',
      /^\/actions\/workflows\/([^/]+)\/runs$/,
      'actions',
      'read',
      (file = '') => ({ workflow_runs: world.runs.get(file) ?? [] }),
    ],
    [
      'GET',
      /^\/commits\/(\w+)\/pulls$/,
      'pull-requests',
      'read',
      (sha) => world.pulls.filter(({ merge_commit_sha: merged }) => merged === sha),
    ],
    [
      'GET',
      /^\/pulls$/,
      'pull-requests',
      'read',
      () =>
        world.pulls.filter(
          ({ state, head, base }) =>
            state === url.searchParams.get('state') &&
            `fernwood:${head}` === url.searchParams.get('head') &&
            base.ref === url.searchParams.get('base'),
        ),
    ],
    [
      'POST',
      /^\/pulls$/,
      'pull-requests',
      'write',
      () => {
        const { head = '', base = '', body: text = '' } = body;
        const number = world.pulls.length + 1;
        const pull: Pull = { number, head, base: { ref: base }, state: 'open', body: text };
        world.pulls.push(pull);
        return pull;
      },
    ],
    [
      'PATCH',
      /^\/pulls\/(\d+)$/,
      'pull-requests',
      'write',
      (n) => {
        const found = world.pulls.find(({ number }) => String(number) === n);
        return found && Object.assign(found, body);
      },
    ],
  ];
  return (response: ServerResponse) => {
    // The token of a job belongs to an app, which is nobody.
    if (path === '/user') return answer(response, 403, { message: 'Resource not accessible' });
    for (const [wanted, pattern, scope, level, act] of routes) {
      const match = method === wanted ? pattern.exec(path) : null;
      if (match === null) continue;
      if (!may(scope, level)) return answer(response, 403, { message: 'Resource not accessible' });
      const value = act(...match.slice(1));
      return value === undefined ? answer(response, 404) : answer(response, 200, value);
    }
    return answer(response, 404, { message: 'Not Found' });
  };
}

function answer(response: ServerResponse, status: number, value: unknown = {}): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}
