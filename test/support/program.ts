// The program without its process, for tables of many rows: a row costs milliseconds, not the start
// of a process. What only a process shows (exit code, signals, pipes) is tested with `runCommand`.
import { runProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/clock.ts';
import { hideSecrets } from '../../src/secrets.ts';
import type { Finished, Started } from './command.ts';

/** As from a shell with an empty environment and pipes for output. Directories have to be absolute. */
export async function runHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: keyof typeof printed) => ({
    write(text: string) {
      printed[name] += hideSecrets(text);
    },
    isTerminal: false,
    columns: 80,
  });
  const code = await runProgram(args, {
    env,
    stdout: output('stdout'),
    stderr: output('stderr'),
    stop: new AbortController().signal,
    onSignal: () => () => {},
    clock: systemClock,
    random: Math.random,
  });
  return { code, ...printed };
}

/** Resolves with the match as soon as stdout holds it; rejects when the command ends without it. */
export function waitForOutput(started: Started, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = wanted.exec(started.stdout());
      if (match !== null) resolve(match);
      return match !== null;
    };
    if (look()) return;
    started.child.stdout?.on('data', look);
    void started.finished.then(({ stdout, stderr }) => {
      if (!look()) reject(new Error(`ended without ${wanted}:\n${stdout}\n${stderr}`));
    }, reject);
  });
}
