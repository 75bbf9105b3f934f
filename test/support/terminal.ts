// The built command on a real pseudo-terminal, which util-linux's `script` provides.
import { spawn, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { commandLine } from './command-line.ts';

export const hasTerminal = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);

/** For the title of what needs a terminal: a run without one says what it left out. */
export const terminalNote = hasTerminal ? '' : " (LEFT OUT: util-linux's script is not installed)";

export interface Session {
  /** All that the terminal was sent so far. */
  readonly output: () => string;
  /** Resolves as soon as the output matches; rejects when the command ends first. */
  waitFor(wanted: RegExp): Promise<void>;
  /** Closes the window: what runs in it loses its terminal, and is told so by the system. */
  close(): void;
  /** What a person types. */
  type(keys: string): void;
  readonly finished: Promise<{ readonly code: number | null; readonly output: string }>;
}

export interface SessionOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** 0: the terminal does not say. */
  readonly columns?: number;
  /** A file that takes stderr, which the terminal would otherwise show. */
  readonly stderrTo?: string;
}

export function startOnTerminal(args: readonly string[], options: SessionOptions): Session {
  const { PATH = '', HOME = '' } = process.env;
  const aside = options.stderrTo === undefined ? '' : ` 2> '${options.stderrTo}'`;
  const shellLine = `stty cols ${options.columns ?? 100}; exec ${commandLine(args)}${aside}`;
  const child = spawn('script', ['-qec', shellLine, '/dev/null'], {
    cwd: options.cwd,
    env: { PATH, HOME, SHELL: '/bin/sh', TERM: 'xterm', ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Asked to end, script ends what runs in it; killed, it would leave that behind.
  onTestFinished(() => void child.kill('SIGTERM'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const finished = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
  return {
    output: () => output,
    finished,
    close: () => void child.kill('SIGKILL'),
    type: (keys) => void child.stdin.write(keys),
    waitFor(wanted) {
      return new Promise((resolve, reject) => {
        const look = () => wanted.test(output) && resolve();
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`ended without ${wanted}:\n${output}`)));
        look();
      });
    },
  };
}

export const esc = '\u001b';

export function withoutColours(output: string): string {
  return output.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '');
}

/** What stands on the screen at the end: of a line that was erased and drawn again, its last state. */
export function onScreen(output: string): string {
  return withoutColours(output)
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split(`\r${esc}[2K`).at(-1))
    .join('\n');
}
