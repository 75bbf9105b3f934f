// The daemon without its process: for tests of what it does with files and an account, which say nothing
// of how a process starts, ends or dies. It is asked and stopped as by the signals of that name.
import { EventEmitter } from 'node:events';
import { onTestFinished } from 'vitest';
import { sharedController } from '../../src/base/abort.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { messagesTo, resultsTo } from '../../src/cli/output-streams.ts';
import { runProgram } from '../../src/cli/program.ts';
import {
  type Finished,
  followLog,
  type Running,
  startCommand,
  temporaryDirectory,
} from './command.ts';
import type { Place } from './program.ts';
import { inSoak } from './soak.ts';

/**
 * Directories have to be absolute. The test's end stops it if it still runs. In the soak it is a process,
 * unless it has a clock of its own.
 */
export function startHere(
  args: readonly string[],
  env: Record<string, string>,
  clock = systemClock,
): Running {
  if (inSoak && clock === systemClock)
    return startCommand(args, { cwd: temporaryDirectory(), env });
  return start(args, env, clock);
}

/** As `startHere`, from a working directory which this process has from now on, until the test ends. */
export function startIn({ cwd, env }: Place, args: readonly string[]): Running {
  if (inSoak) return startCommand(args, { cwd, env });
  const before = process.cwd();
  process.chdir(cwd);
  onTestFinished(() => process.chdir(before));
  return start(args, env);
}

function start(
  args: readonly string[],
  env: Record<string, string>,
  clock: Clock = systemClock,
): Running {
  const printed = { stdout: '', stderr: '' };
  const events = new EventEmitter().setMaxListeners(0);
  const printTo = (name: keyof typeof printed) => ({
    write(text: string) {
      printed[name] += text;
      events.emit(name);
    },
  });
  const [stdout, stderr] = [printTo('stdout'), printTo('stderr')];
  const stop = sharedController();
  const finished = runProgram(args, {
    env,
    stdout: resultsTo(stdout),
    stderr: messagesTo(stderr),
    logStreamTo: (descriptor) => (descriptor === 1 ? stdout : stderr),
    stop: stop.signal,
    onSignal(signal, listener) {
      events.on(signal, listener);
      return () => events.off(signal, listener);
    },
    clock,
    random: Math.random,
  }).then((code): Finished => ({ code, ...printed }));
  onTestFinished(async () => {
    stop.abort();
    await finished;
  });
  return {
    ...followLog({
      stdout: () => printed.stdout,
      stderr: () => printed.stderr,
      finished,
      onStdout(listener) {
        events.on('stdout', listener);
        return () => events.off('stdout', listener);
      },
    }),
    signal(name) {
      if (name === 'SIGTERM' || name === 'SIGINT') stop.abort();
      else if (name === 'SIGHUP' || name === 'SIGUSR2') events.emit(name);
      else throw new Error(`${name} needs a process of its own`);
    },
  };
}
