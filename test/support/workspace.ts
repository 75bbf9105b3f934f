// A directory of widget files, a sandbox that holds their widgets, and the built command between the two.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/sandbox/start-sandbox.ts';
import {
  type Finished,
  type LogLine,
  type Running,
  type Started,
  startCommand,
  temporaryDirectory,
  writeFile,
} from './command.ts';
import { runIn } from './program.ts';
import { waitFor, widgetId } from './sandbox.ts';
import { startHere } from './start-here.ts';

export interface WorkspaceOptions {
  /** Widgets 0 to n - 1 are in the account, each with a file that names it `first`. */
  readonly widgets: number;
  readonly onRequest?: FaultHook;
  /** As `onRequest`, asked for writes only. */
  readonly onWrite?: FaultHook;
  /** The only key that the account accepts, and the one that the command is given. */
  readonly apiKey?: string;
  readonly refuseReads?: NonNullable<SandboxOptions['refuseReads']>;
  readonly env?: Record<string, string>;
  /** Chance, for what runs `quickly`. */
  readonly random?: () => number;
}

export interface Workspace {
  readonly cwd: string;
  readonly sandbox: Sandbox;
  readonly env: Record<string, string>;
  /** Writes `widgets/w<n>.yaml`; more fields follow the name, on line 4. */
  write(n: number, displayName: string, more?: string): void;
  /** Starts the daemon. A later flag wins over the high rate that is given first. */
  run(...flags: string[]): Started;
  /** As `run`, without a process of its own. */
  runHere(...flags: string[]): Running;
  apply(...flags: string[]): Started;
  /** As `apply`, without a process of its own. */
  applyHere(...flags: string[]): Running;
  /** Runs a command that asks the API to its end, without a process of its own. */
  quickly(command: string, ...flags: string[]): Promise<Finished>;
  /** Resolves once widget n carries the name in the account. */
  arrival(n: number, displayName: string): Promise<void>;
  /** Every write so far, of all widgets or of the n-th. */
  writes(n?: number): SandboxRequest[];
  reads(): SandboxRequest[];
  /** The display name that the state records as applied; null where nothing is recorded. */
  recorded(n: number): string | null;
}

export const generousMs = 20_000;
/** Between two questions whose answer takes a whole command. */
export const askEveryMs = 200;

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const cwd = temporaryDirectory();
  const { widgets, apiKey, refuseReads, random } = options;
  const sandbox = await startSandbox({
    widgets: Array.from({ length: widgets }, (_, n) => ({ widgetId: widgetId(n), fields: {} })),
    onRequest: faultsOf(options),
    ...(apiKey !== undefined && { apiKey }),
    ...(refuseReads !== undefined && { refuseReads }),
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: apiKey ?? 'in-test', ...options.env };
  const wordsOf = (command: string, flags: string[]) => [
    command,
    ...['--api-url', sandbox.url, '--rate', '100/s'],
    ...flags,
  ];
  const place = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
  const start = (command: string, flags: string[]) => {
    const started = startCommand(wordsOf(command, flags), { cwd, env });
    // What the server saw says little about why the command did not get there.
    onTestFailed(() => {
      process.stderr.write(outputOf(started));
    });
    return started;
  };
  const workspace: Workspace = {
    cwd,
    sandbox,
    env,
    write: (n, displayName, more = '') =>
      writeFile(cwd, `widgets/w${n}.yaml`, widgetFile(n, displayName) + more),
    run: (...flags) => start('run', ['--resync', 'off', ...flags]),
    runHere: (...flags) => startHere(wordsOf('run', ['--resync', 'off', ...place, ...flags]), env),
    apply: (...flags) => start('apply', flags),
    applyHere: (...flags) => startHere(wordsOf('apply', [...place, ...flags]), env),
    quickly: (command, ...flags) =>
      runIn({ cwd, env, ...(random !== undefined && { random }) }, wordsOf(command, flags)),
    arrival: (n, displayName) =>
      waitFor(
        sandbox,
        () => sandbox.widget(widgetId(n))?.['display_name'] === displayName,
        generousMs,
      ),
    writes: (n) =>
      writesOf(sandbox).filter(({ widgetId: id }) => n === undefined || id === widgetId(n)),
    reads: () => sandbox.requests.filter(({ method }) => method === 'GET'),
    recorded: (n) => recordedName(join(cwd, `.widget-sync/widgets/${widgetId(n)}.json`)),
  };
  for (let n = 0; n < widgets; n += 1) workspace.write(n, 'first');
  return workspace;
}

function faultsOf({ onRequest, onWrite }: WorkspaceOptions): FaultHook {
  return (request) =>
    request.method === 'PUT' && onWrite !== undefined ? onWrite(request) : onRequest?.(request);
}

export function writesOf(sandbox: Sandbox): SandboxRequest[] {
  return sandbox.requests.filter(({ method }) => method === 'PUT');
}

function outputOf({ child, stdout, stderr }: Started): string {
  return `${child.spawnargs.slice(2).join(' ')} → ${child.exitCode}\n${stdout()}${stderr()}`;
}

function widgetFile(n: number, displayName: string): string {
  return `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${displayName}\n`;
}

function recordedName(path: string): string | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).spec.display_name;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The lines that `apply --json` printed. */
export interface ApplyLine {
  readonly type: 'version' | 'outcome' | 'summary';
  readonly file?: string;
  readonly status?: string;
  readonly attempts?: number;
  readonly http_status?: number | null;
  readonly error?: string | null;
  readonly applied?: number;
  readonly adopted?: number;
  readonly unchanged?: number;
  readonly held?: number;
  readonly failed?: number;
}

export function applyLines(stdout: string): ApplyLine[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ApplyLine);
}

/** The outcome of widget n's file; all fields but the name of the file. */
export function outcomeOf(stdout: string, n: number): ApplyLine | undefined {
  return applyLines(stdout).find((line) => line.type === 'outcome' && line.file === `w${n}.yaml`);
}

/** A predicate for `waitForLog`: this message, about widget n's file where one is given. */
export function said(message: string, n?: number): (line: LogLine) => boolean {
  return (line) => line.msg === message && (n === undefined || line['file'] === `w${n}.yaml`);
}

/** A predicate for `waitForLog`: no connection to the API could be made. */
export function unreachable({ error }: LogLine): boolean {
  return typeof error === 'string' && error.includes('connection refused');
}

/** Everything in the files below a directory, each after its path. */
export function allTextBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
    .join('\n');
}

/** A promise and the way to fulfil it from elsewhere. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
