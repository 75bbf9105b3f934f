// Runs the built command as a user does: its own process, its own directory, real pipes.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built command. */
export const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** In addition to PATH, HOME, TMPDIR and a neutral terminal; nothing else is inherited. */
  readonly env?: Record<string, string>;
  /** A command, with its arguments, that becomes the one given after it, such as `unshare -Ur`. */
  readonly through?: readonly string[];
  /** Only root may give another one than its own. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A command that was started, in whatever process. */
export interface Running {
  /** What was printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Lines of stdout that are JSON, parsed: the daemon's log. */
  readonly log: () => LogLine[];
  /** Resolves with the first log line, past or to come, that satisfies the predicate. */
  waitForLog(wanted: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  /** Calls the listener whenever there is more on stdout; returns the way out. */
  onStdout(listener: () => void): () => void;
  signal(name: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

export interface Started extends Running {
  readonly child: ChildProcess;
}

export type LogLine = { msg: string; level: string } & Record<string, unknown>;

/** A temporary directory that is removed when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'widget-sync-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

export function writeFile(directory: string, path: string, content: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** As much of a repository as tells that a directory is a checkout of one. */
export function makeCheckout(directory: string): void {
  writeFile(directory, '.git/HEAD', 'ref: refs/heads/main\n');
}

/**
 * Starts the command; the test's end kills it if it still runs, and waits until it is gone. The next test may get
 * the inode of this one's state directory, by which the lock goes that a dying process still holds.
 */
export function startCommand(args: readonly string[], options: CommandOptions): Started {
  const { PATH = '', HOME = '' } = process.env;
  const [file = process.execPath, ...rest] = [...(options.through ?? []), process.execPath, entry];
  const child = spawn(file, [...rest, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, TMPDIR: tmpdir(), TERM: 'dumb', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.user,
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const onStdout = (listener: () => void) => {
    child.stdout.on('data', listener);
    return () => child.stdout.off('data', listener);
  };
  return {
    child,
    ...followLog({ stdout: () => stdout, stderr: () => stderr, onStdout, finished }),
    signal: (name) => {
      child.kill(name);
    },
  };
}

type Printing = Pick<Running, 'stdout' | 'stderr' | 'onStdout' | 'finished'>;

/** The log of a command that prints it on stdout. */
export function followLog(printing: Printing): Omit<Running, 'signal'> {
  const { stdout, stderr, finished } = printing;
  const read = logReader();
  return {
    ...printing,
    log: () => [...read(stdout())],
    waitForLog(wanted, timeoutMs = 15_000) {
      return new Promise((resolve, reject) => {
        const done = (act: () => void) => {
          clearTimeout(timer);
          leave();
          act();
        };
        let checked = 0;
        // Only what is new: a predicate that counts the lines of a long log would cost their square.
        const check = () => {
          const lines = read(stdout());
          const found = lines.slice(checked).find(wanted);
          checked = lines.length;
          if (found !== undefined) done(() => resolve(found));
        };
        const missed = (why: string) => () =>
          done(() => reject(new Error(`${why} before the line came:\n${stdout()}\n${stderr()}`)));
        const timer = setTimeout(missed(`${timeoutMs} ms passed`), timeoutMs);
        const leave = printing.onStdout(check);
        const ended = missed('the command ended');
        finished.then(ended, ended);
        check();
      });
    },
  };
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<Finished> {
  return startCommand(args, options).finished;
}

/** Reads a text that grows: each line is parsed once, however often the log is asked for. */
function logReader(): (text: string) => readonly LogLine[] {
  const lines: LogLine[] = [];
  let read = 0;
  return (text) => {
    const end = text.lastIndexOf('\n') + 1;
    const added = text.slice(read, end).split('\n');
    read = end;
    for (const line of added) {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
    }
    return lines;
  };
}
