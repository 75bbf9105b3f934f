// A repository on what plays GitHub's part, with the account that its widgets are in: the events that happen to it start
// the jobs of the published workflows.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { commitAll, git } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from './command.ts';
import { type GithubApi, type Permissions, repositoryName, startGithubApi } from './github-api.ts';
import { type JobRequest, type JobResult, permissionsOf, runJob } from './github-runner.ts';
import { widgetId } from './sandbox.ts';

export const apiKey = 'in-of-the-repository-0123456789';

type Options = Partial<Pick<JobRequest, 'given' | 'env' | 'secrets' | 'inputs'>> & {
  /** Instead of those of the workflow. */
  readonly permissions?: Permissions;
  /** From whose repository a pull request comes. */
  readonly from?: string;
};

export interface GithubRepository {
  readonly api: GithubApi;
  readonly sandbox: Sandbox;
  /** What is pushed to. */
  readonly origin: string;
  /** A working copy, which has main checked out at first. */
  readonly copy: string;
  /** Writes `widgets/w<n>.yaml`. */
  declare(n: number, fields: JsonObject): void;
  /** Commits what the files say, and pushes the branch that is checked out; the commit. */
  push(): string;
  /** Merges it into main as GitHub tries it, and starts the job for it. */
  pullRequest(number: number, options?: Options): Promise<JobResult>;
  /** Starts a job on main. */
  onMain(workflow: string, event: JobRequest['event'], options?: Options): Promise<JobResult>;
}

/** `live`: what the widgets 0 to n - 1 hold at first. */
export async function openGithubRepository(live: readonly JsonObject[]): Promise<GithubRepository> {
  const widgets = live.map((fields, n) => ({ widgetId: widgetId(n), fields }));
  const sandbox = await startSandbox({ widgets });
  onTestFinished(() => sandbox.close());
  const api = await startGithubApi();
  const folder = temporaryDirectory();
  const [origin, copy] = [join(folder, 'origin'), join(folder, 'copy')];
  mkdirSync(copy);
  git(folder, 'init', '-q', '--bare', '-b', 'main', '--template=', origin);
  // GitHub gives each commit that it has by its id.
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  git(copy, 'init', '-q', '-b', 'main', '--template=');
  git(copy, 'remote', 'add', 'origin', origin);
  writeFile(copy, '.gitignore', '.widget-sync\n');

  const start = (request: Omit<JobRequest, 'origin' | 'env' | 'secrets'>, options: Options) => {
    api.allow(options.permissions ?? permissionsOf(request.workflow));
    const env = {
      ...{ GITHUB_API_URL: api.url, GITHUB_SERVER_URL: 'https://github.com', NO_PROXY: '*' },
      ...{ GITHUB_REPOSITORY: repositoryName, GITHUB_ACTOR: 'ada' },
      // Beside a file of accounts that says it for each.
      ...(options.env?.['WIDGET_SYNC_ACCOUNTS'] === undefined && {
        WIDGET_SYNC_API_URL: sandbox.url,
        WIDGET_SYNC_RATE: '2000/s',
      }),
    };
    const secrets = options.secrets ?? { INSIGHTO_API_KEY: apiKey };
    return runJob({ ...request, ...options, origin, secrets, env: { ...env, ...options.env } });
  };
  const repository = { full_name: repositoryName, default_branch: 'main', private: false };
  return {
    ...{ api, sandbox, origin, copy },
    declare: (n, fields) =>
      writeFile(copy, `widgets/w${n}.yaml`, stringify({ widget_id: widgetId(n), ...fields })),
    push() {
      const commit = commitAll(copy);
      git(copy, 'push', '-q', '-f', 'origin', 'HEAD');
      return commit;
    },
    pullRequest(number, options = {}) {
      const head = git(copy, 'rev-parse', 'HEAD');
      const branch = git(copy, 'branch', '--show-current');
      git(copy, 'switch', '-q', '--detach', 'main');
      git(copy, 'merge', '-q', '--no-ff', '--no-edit', head);
      const sha = git(copy, 'rev-parse', 'HEAD');
      const ref = `refs/pull/${number}/merge`;
      git(copy, 'push', '-q', '-f', 'origin', `HEAD:${ref}`);
      git(copy, 'switch', '-q', branch);
      const full_name = options.from ?? repositoryName;
      const pull_request = { number, head: { sha: head, repo: { full_name } } };
      const event = { name: 'pull_request', payload: { pull_request, repository } };
      return start({ workflow: 'github-plan.yml', sha, ref, event }, options);
    },
    onMain(workflow, { name, payload }, options = {}) {
      const sha = git(copy, 'rev-parse', 'main');
      const event = { name, payload: { repository, ...payload } };
      return start({ workflow, sha, ref: 'refs/heads/main', event }, options);
    },
  };
}
