#!/usr/bin/env node
// The process edge: argv, environment and signals in, exit code out. Only this file leaves.
import { isatty } from 'node:tty';
import { sharedController } from './base/abort.ts';
import { systemClock } from './base/clock.ts';
import { describeBug, messagesTo, resultsTo } from './cli/output-streams.ts';
import { exitCode, stopDeadlineMs } from './cli/process-context.ts';

const stop = sharedController();

// The first signal asks, the second one does not.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(exitCode.failed);
    stop.abort();
  });
}

// A terminal that is closed sends it, by way of the shell often twice, so that it only ever asks.
const terminals = [0, 1, 2].filter(isatty);
const isInForeground = isatty(0) || isatty(1);
const hangUp = () => stop.abort();
process.on('SIGHUP', hangUp);

// Node would open its debugger, which shows the key to everybody on this host, to who sends it by habit.
process.on('SIGUSR1', () => {});

for (const [event, what] of [
  ['uncaughtException', 'unexpected error'],
  ['unhandledRejection', 'unexpected rejection'],
] as const) {
  process.on(event, (error: unknown) => {
    reportBug(what, error);
    process.exitCode = exitCode.failed;
    if (stop.signal.aborted) process.exit(exitCode.failed);
    // Requests in flight may still end and be recorded.
    stop.abort();
    setTimeout(() => process.exit(exitCode.failed), stopDeadlineMs).unref();
  });
}

// Loaded only now: a signal that comes while modules load would otherwise be lost, or kill.
const [{ runProgram }, { openProcessOutputs }] = await Promise.all([
  import('./cli/program.ts'),
  import('./cli/process-outputs.ts'),
]);

const outputs = openProcessOutputs(() => stop.abort());

const code = await runProgram(process.argv.slice(2), {
  env: takeEnvironment(),
  stdout: resultsTo(outputs.stdout),
  stderr: messagesTo(outputs.stderr),
  logStreamTo: outputs.logStreamTo,
  stop: stop.signal,
  onSignal(signal, listener) {
    if (signal === 'SIGHUP' && isInForeground) return () => {};
    process.off(signal, hangUp);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  clock: systemClock,
  random: Math.random,
}).catch((error: unknown) => {
  reportBug('unexpected error', error);
  return exitCode.failed;
});

// The exit would cut off the output that a slow reader has not taken yet.
await outputs.flush(stop.signal);
if (!terminals.every(isatty)) await endByHangUp();
process.exit(outputs.hasLost() ? exitCode.failed : (process.exitCode ?? code));

/**
 * Ends as all that a closed terminal ends: by its signal. Node 20 itself would abort while it exits, since
 * it sets back a terminal that is gone (https://github.com/nodejs/node/issues/51519).
 */
async function endByHangUp(): Promise<never> {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
  return await new Promise(() => setInterval(() => {}, 1000));
}

/**
 * The environment, out of which the keys are taken, also those of variables that a file of accounts may name:
 * what writes or inherits the environment of this process from now on (a diagnostic report, a child of some
 * library) gets none.
 */
function takeEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const [name, value] of Object.entries(env)) {
    if (name === 'INSIGHTO_API_KEY' || value?.trim().startsWith('in-')) delete process.env[name];
  }
  return env;
}

function reportBug(what: string, error: unknown): void {
  process.stderr.write(describeBug(what, error));
}
