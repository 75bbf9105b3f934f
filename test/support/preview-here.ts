// The preview as it is served, without a process of its own.
import { onTestFinished } from 'vitest';
import { sharedController } from '../../src/base/abort.ts';
import { systemClock } from '../../src/base/clock.ts';
import { messagesTo, resultsTo } from '../../src/cli/output-streams.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface ServedPreview {
  /** Ends in a slash. */
  readonly url: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** As SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
}

/** Resolves once no edit can be missed any more. The test's end stops it. Directories have to be absolute. */
export function servePreviewHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ServedPreview> {
  const stop = sharedController();
  const printed = { stdout: '', stderr: '' };
  return new Promise((resolve, reject) => {
    const settleOnceTold = (): void => {
      const [, url] = / at (http:\S+\/): /.exec(printed.stdout) ?? [];
      if (url === undefined || !printed.stdout.includes('Ctrl-C')) return;
      resolve({
        url,
        stdout: () => printed.stdout,
        stderr: () => printed.stderr,
        stop() {
          stop.abort();
          return finished;
        },
      });
    };
    const printTo = (name: keyof typeof printed) => ({
      write(text: string) {
        printed[name] += text;
        settleOnceTold();
      },
    });
    const [stdout, stderr] = [printTo('stdout'), printTo('stderr')];
    const finished = runProgram(['preview', '--port', '0', ...args], {
      env,
      stdout: resultsTo(stdout),
      stderr: messagesTo(stderr),
      logStreamTo: (descriptor) => (descriptor === 1 ? stdout : stderr),
      stop: stop.signal,
      onSignal: () => () => {},
      clock: systemClock,
      random: Math.random,
    });
    onTestFinished(async () => {
      stop.abort();
      await finished;
    });
    finished.then((code) => {
      reject(new Error(`ended with ${code}:\n${printed.stdout}\n${printed.stderr}`));
    }, reject);
  });
}
