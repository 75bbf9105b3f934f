// A small runner of GitHub: it carries out the steps of a published workflow, and those of the composite action that
// they use, from their own YAML. It checks out with real git, evaluates what stands in `${{ }}`, and listens to what
// is printed as actions/runner does (ActionCommand.cs, ActionCommandManager.cs).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { git } from '../documents/repository.ts';
import { githubToken } from './github-api.ts';
import { evaluate, type Scope } from './github-expression.ts';

const root = join(import.meta.dirname, '../..');

export interface JobRequest {
  /** In deploy/workflows. */
  readonly workflow: string;
  /** The repository that is cloned. */
  readonly origin: string;
  /** The commit, and the branch or pull request that it is of. */
  readonly sha: string;
  readonly ref: string;
  readonly event: { readonly name: string; readonly payload: object };
  readonly secrets: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Of `workflow_dispatch`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Inputs of the action, beside those that the workflow gives it. */
  readonly given?: Readonly<Record<string, string>>;
}

export interface Annotation {
  readonly kind: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface JobResult {
  readonly isSuccess: boolean;
  /** All that was printed. */
  readonly log: string;
  /** Lines that the runner would obey, but for those that it shows: there should be none. */
  readonly obeyed: readonly string[];
  readonly annotations: readonly Annotation[];
  /** Other lines, printed while the runner listened. */
  readonly heard: readonly string[];
  readonly summary: string;
  /** Of the action, as far as it got. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Starts a step of the action once more, where it was checked out; gives what is printed. */
  readonly again: (step: string, env: Readonly<Record<string, string>>) => Promise<string>;
  /** Where it was checked out. */
  readonly workspace: string;
}

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Of the only job of a workflow. */
export async function runJob(request: JobRequest): Promise<JobResult> {
  const { workflow, secrets, inputs = {} } = request;
  const { jobs } = readYaml(`deploy/workflows/${workflow}`);
  const [{ steps }] = Object.values(jobs) as [{ steps: Step[] }];
  const place = makePlace(request);
  const printed: string[] = [];
  let outputs: Record<string, string> = {};
  let isSuccess = true;
  const scope: Scope = { github: githubOf(request), secrets, inputs };
  for (const step of steps) {
    const words = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, value]) => [name, fill(String(value), scope)]),
    );
    if (step.uses?.startsWith('actions/checkout@')) {
      checkOut(request, place.workspace, Number(words['fetch-depth'] ?? 1));
    } else if (step.uses?.startsWith('YOUR_ACCOUNT/widget-sync@')) {
      const done = await runAction(
        { ...words, ...request.given },
        { ...scope, env: request.env },
        place,
      );
      ({ isSuccess, outputs } = done);
      printed.push(done.log);
    } else throw new Error(`no such step: ${JSON.stringify(step)}`);
  }
  const { summary, workspace } = place;
  const again: JobResult['again'] = async (step, own) => {
    const env = { ...place.env, GITHUB_TOKEN: githubToken, GITHUB_OUTPUT: place.file(), ...own };
    return (await runScript(`node "$GITHUB_ACTION_PATH/action/${step}"`, workspace, env)).log;
  };
  const log = printed.join('');
  const told = { ...listen(log), summary: readFileSync(summary, 'utf8') };
  return { isSuccess, log, ...told, outputs, again, workspace };
}

/** What a workflow lets the token of its job do. */
export function permissionsOf(workflow: string): Readonly<Record<string, string>> {
  return readYaml(`deploy/workflows/${workflow}`).permissions;
}

interface Place {
  readonly workspace: string;
  readonly summary: string;
  /** A new and empty file. */
  readonly file: () => string;
  readonly env: Readonly<Record<string, string>>;
}

function makePlace({ event, ref, sha, env, workflow }: JobRequest): Place {
  const folder = mkdtempSync(join(tmpdir(), 'widget-sync-job-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  const file = (text = '') => {
    files += 1;
    const path = join(folder, `file-${files}`);
    writeFileSync(path, text);
    return path;
  };
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const summary = file();
  const branch = ref.replace('refs/heads/', '');
  const { PATH = '' } = process.env;
  const given = {
    ...{ PATH, HOME: folder, CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_TEMP: folder },
    ...{ GITHUB_SHA: sha, GITHUB_REF: ref, GITHUB_REF_NAME: branch, GITHUB_RUN_ID: '4711' },
    ...{ GITHUB_EVENT_NAME: event.name, GITHUB_EVENT_PATH: file(JSON.stringify(event.payload)) },
    GITHUB_WORKFLOW_REF: `fernwood/widgets/.github/workflows/widget-sync-${workflow.replace('github-', '')}@${ref}`,
    GITHUB_ACTION_PATH: root,
    GITHUB_WORKSPACE: workspace,
    GITHUB_STEP_SUMMARY: summary,
  };
  return { workspace, summary, file, env: { ...given, ...env } };
}

function githubOf({ ref, event }: JobRequest): Scope {
  return { ref, event_name: event.name, token: githubToken };
}

/** As actions/checkout does: nothing but that commit, and as much before it as is asked for. */
function checkOut({ origin, ref, sha }: JobRequest, workspace: string, wanted: number): void {
  const how = wanted === 0 ? [] : [`--depth=${wanted}`];
  git(workspace, 'init', '-q', '--template=');
  git(workspace, 'remote', 'add', 'origin', `file://${origin}`);
  const branches = wanted === 0 ? ['+refs/heads/*:refs/remotes/origin/*'] : [];
  const isOfBranch = ref.startsWith('refs/heads/');
  const one = wanted === 0 && isOfBranch ? [] : [`+${sha}:refs/remotes/origin/checked-out`];
  git(workspace, 'fetch', '-q', '--no-tags', ...how, 'origin', ...branches, ...one);
  git(workspace, 'checkout', '-q', '--detach', sha);
}

interface Done {
  readonly isSuccess: boolean;
  readonly log: string;
  readonly outputs: Record<string, string>;
}

/** The composite action of this repository. A step is left out once one has failed, unless its condition asks. */
async function runAction(given: Record<string, string>, scope: Scope, place: Place): Promise<Done> {
  const action = readYaml('action.yml');
  const defaults = Object.entries<{ default?: string }>(action.inputs).map(
    ([name, { default: value = '' }]) => [name, fill(value, scope)],
  );
  const inputs = { ...Object.fromEntries(defaults), ...given };
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`the action has no input ${unknown}`);
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const inAction: Scope = { ...scope, inputs, steps };
  let [isSuccess, log] = [true, ''];
  for (const step of action.runs.steps as Step[]) {
    const asks = /\b(always|cancelled|failure|success)\(\)/.test(step.if ?? '');
    if (!isSuccess && !asks) continue;
    if (step.if !== undefined && !evaluate(step.if, inAction)) continue;
    if (step.run === undefined) throw new Error(`not to be used here: ${step.uses}`);
    // GitHub reads a script as it is, and puts in what stands in `${{ }}` first: no text of others belongs there.
    if (step.run.includes('${{')) throw new Error(`an expression in a script: ${step.run}`);
    const env = Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      fill(value, inAction),
    ]);
    const output = place.file();
    const done = await runScript(step.run, place.workspace, {
      ...place.env,
      ...Object.fromEntries(env),
      GITHUB_OUTPUT: output,
    });
    log += done.log;
    isSuccess &&= done.code === 0;
    if (step.id !== undefined) steps[step.id] = { outputs: readOutputs(output) };
  }
  const outputs = Object.entries<{ value: string }>(action.outputs).map(([name, { value }]) => [
    name,
    fill(value, inAction),
  ]);
  return { isSuccess, log, outputs: Object.fromEntries(outputs) };
}

/** `shell: bash`, as docs.github.com has it. */
export function runScript(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; log: string }> {
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
  const child = spawn('bash', words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, log }));
  });
}

function fill(text: string, scope: Scope): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression) =>
    String(evaluate(expression, scope)),
  );
}

/** `name<<end`, lines, `end`. */
function readOutputs(path: string): Record<string, string> {
  const found = readFileSync(path, 'utf8').matchAll(
    /^([\w-]+)(?:=(.*)|<<(\w+)\n([\s\S]*?)\n\3)$/gm,
  );
  return Object.fromEntries([...found].map(([, name, short, , long]) => [name, short ?? long]));
}

const shown = ['error', 'warning', 'notice'];

/** What the runner takes from what is printed. */
function listen(log: string): Pick<JobResult, 'obeyed' | 'annotations' | 'heard'> {
  let silence: string | null = null;
  const annotations: Annotation[] = [];
  const obeyed: string[] = [];
  const heard: string[] = [];
  for (const line of log.split('\n')) {
    const [, name = '', words = '', text = ''] =
      /^\s*::([^\s:]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
    if (silence !== null) {
      if (name === silence) silence = null;
    } else if (name === 'stop-commands') silence = text;
    else if (shown.includes(name))
      annotations.push({ kind: name, properties: propertiesOf(words), text });
    else if (/^\s*::|##\[/.test(line)) obeyed.push(line);
    else if (line !== '') heard.push(line);
  }
  return { annotations, obeyed, heard };
}

function propertiesOf(words: string): Record<string, string> {
  return Object.fromEntries(words.split(',').map((word) => word.split('=')));
}

function readYaml(path: string) {
  return parse(readFileSync(join(root, path), 'utf8'));
}
