#!/usr/bin/env node
// The process edge: argv, environment and signals in, exit code out. Only this file leaves.
import { sharedController } from './abort.ts';
import { describeBug, messagesTo, resultsTo } from './cli/outputs.ts';
import { exitCode, stopDeadlineMs } from './cli/surroundings.ts';
import { systemClock } from './clock.ts';
import { codeOf } from './errors.ts';

const stop = sharedController();

// The first signal asks, the second one does not.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(exitCode.failed);
    stop.abort();
  });
}

for (const [event, what] of [
  ['uncaughtException', 'unexpected error'],
  ['unhandledRejection', 'unexpected rejection'],
] as const) {
  process.on(event, (error: unknown) => {
    reportBug(what, error);
    process.exitCode = exitCode.failed;
    if (stop.signal.aborted) process.exit(exitCode.failed);
    // What is in flight may still end and be recorded.
    stop.abort();
    setTimeout(() => process.exit(exitCode.failed), stopDeadlineMs).unref();
  });
}

process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);

// Loaded only now: a signal that comes while modules load would otherwise be lost, or kill.
const [{ runProgram }, { logStreamTo }] = await Promise.all([
  import('./cli/program.ts'),
  import('./log.ts'),
]);

const code = await runProgram(process.argv.slice(2), {
  env: takeEnvironment(),
  stdout: resultsTo(process.stdout),
  stderr: messagesTo(process.stderr),
  logStreamTo,
  stop: stop.signal,
  onSignal(signal, listener) {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  clock: systemClock,
  random: Math.random,
}).catch((error: unknown) => {
  reportBug('unexpected error', error);
  return exitCode.failed;
});

// What a slow reader has not taken yet would be cut off by the exit.
await Promise.all([taken(process.stdout), taken(process.stderr)]);
process.exit(process.exitCode ?? code);

/**
 * The environment, out of which the key is taken: what writes or inherits the environment of this
 * process from now on (a diagnostic report, a child of some library) gets none.
 */
function takeEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  delete process.env['INSIGHTO_API_KEY'];
  return env;
}

/** Resolves when everything written so far has left, or cannot any more. */
function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

function reportBug(what: string, error: unknown): void {
  process.stderr.write(describeBug(what, error));
}

/** A reader such as `head` that has seen enough is no reason to leave the work half done. */
function ignoreClosedPipe(error: Error): void {
  if (codeOf(error) !== 'EPIPE') throw error;
}
