// The context that a command gets from the process it runs in. Only main.ts makes one of these.
import picocolors from 'picocolors';
import type { Clock } from '../base/clock.ts';
import type { LogStream } from '../base/log.ts';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface ProcessContext {
  readonly env: NodeJS.ProcessEnv;
  /** Results. */
  readonly stdout: Output;
  /** Logs, warnings and progress of one-shot commands. */
  readonly stderr: Output;
  /** The log's own way out: a line has left once it is written, even if the process is killed then. */
  readonly logStreamTo: (descriptor: 1 | 2) => LogStream;
  /** Aborted by the first SIGTERM or SIGINT, a SIGHUP without a listener, and a log without readers. */
  readonly stop: AbortSignal;
  /**
   * Calls the listener at each such signal; returns the way out. In the foreground of a terminal no
   * SIGHUP arrives: it says that the terminal was closed, and stops.
   */
  readonly onSignal: (signal: 'SIGHUP' | 'SIGUSR2', listener: () => void) => () => void;
  readonly clock: Clock;
  readonly random: () => number;
  /** The account of several that a command is about; absent where a command line names the only one. */
  readonly account?: AccountContext;
}

export interface AccountContext {
  /** Named by each value and each line of the log. */
  readonly name: string;
  /** The names of all accounts of the file; absent where they are not known. */
  readonly listed?: () => readonly string[];
  /** Takes each value that would be printed as JSON; absent where it is printed. */
  readonly take?: (value: object) => void;
}

export const exitCode = { ok: 0, failed: 1, changesPending: 2 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Takes the exit code of a command. */
export type Finish = (code: ExitCode) => void;

/** How long requests in flight, and messages to people, may take to end once the process is told to stop. */
export const stopDeadlineMs = 10_000;

/**
 * Whether colours are wanted: a terminal outside CI, unless a variable that is not empty decides it, of
 * which NO_COLOR wins (no-color.org, force-color.org). What Node and supports-color take for no, is no.
 */
export function wantsColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  const force = env['FORCE_COLOR'];
  if (isSet(force)) return !['0', 'false', 'no', 'off', 'never'].includes(force.toLowerCase());
  return isInteractive(output, env);
}

/**
 * How much colour a plan or a problem may have. A colour itself takes 24 bits: that is shown where the terminal says that
 * it has them, as most do by COLORTERM (github.com/termstandard/colors), or FORCE_COLOR asks for it.
 */
export function shownColours(output: Output, env: NodeJS.ProcessEnv) {
  const colour = wantsColour(output, env);
  const says = /^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') || env['FORCE_COLOR'] === '3';
  const has = says || isSet(env['WT_SESSION']) || /-direct$/.test(env['TERM'] ?? '');
  return { colour, swatches: colour && has };
}

/** Whether a person watches: lines may be redrawn. */
export function isInteractive(output: Output, env: NodeJS.ProcessEnv): boolean {
  return output.isTerminal && !isSet(env['CI']) && env['TERM'] !== 'dumb';
}

export function coloursFor(output: Output, env: NodeJS.ProcessEnv) {
  return picocolors.createColors(wantsColour(output, env));
}

/** The words that start this command again: what npm started need not be on the path. */
export function ownCommand(env: NodeJS.ProcessEnv): string {
  return ['exec', 'run', 'run-script'].includes(env['npm_command'] ?? '')
    ? 'npx --no -- widget-sync'
    : 'widget-sync';
}

/** Resolves when the process is told to stop. */
export function stopRequested(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isSet(variable: string | undefined): variable is string {
  return variable !== undefined && variable !== '';
}
