// The program without its process, for tables of many rows: a row costs milliseconds, not the start
// of a process. What only a process shows (exit code, signals, pipes) is tested with `runCommand`.

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { messagesTo, resultsTo } from '../../src/cli/output-streams.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Finished, type Running, runCommand } from './command.ts';
import { inSoak } from './soak.ts';

/** As from a shell with an empty environment and pipes for output. Directories have to be absolute. */
export async function runHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  random = Math.random,
  clock: Clock = systemClock,
): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  const results = (text: string) => {
    stdout += text;
  };
  const messages = (text: string) => {
    stderr += text;
  };
  const code = await runProgram(args, {
    env,
    stdout: resultsTo({ write: results }),
    stderr: messagesTo({ write: messages }),
    logStreamTo: (descriptor) => ({ write: descriptor === 1 ? results : messages }),
    stop: new AbortController().signal,
    onSignal: () => () => {},
    clock,
    random,
  });
  return { code, stdout, stderr };
}

let earlier: Promise<unknown> = Promise.resolve();

/**
 * As `runHere`, from a working directory of its own. A process has one at a time, so that commands which
 * are started together run one after the other. In the soak each is a process after all.
 */
export function runIn({ cwd, env, random }: Place, args: readonly string[]): Promise<Finished> {
  if (inSoak) return runCommand(args, { cwd, env });
  const finished = earlier.then(async () => {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      return await runHere(args, env, random);
    } finally {
      process.chdir(before);
    }
  });
  earlier = finished.catch(() => undefined);
  return finished;
}

export interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Chance. Where it is always 0, no back-off waits. */
  readonly random?: () => number;
}

export const withoutBackoff = { random: () => 0 };

/** Resolves with the match as soon as stdout holds it; rejects when the command ends without it. */
export function waitForOutput(started: Running, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = wanted.exec(started.stdout());
      if (match !== null) resolve(match);
      return match !== null;
    };
    if (look()) return;
    started.onStdout(look);
    void started.finished.then(({ stdout, stderr }) => {
      if (!look()) reject(new Error(`ended without ${wanted}:\n${stdout}\n${stderr}`));
    }, reject);
  });
}
