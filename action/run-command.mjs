// @ts-check
// Starts the command of this package, as a step of a job.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withoutCommands } from './runner.mjs';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/**
 * Prints what it prints where the runner obeys nothing; gives the exit code, 1 where a signal has ended it.
 * @param {readonly string[]} words
 * @param {import('./runner.mjs').Env} env
 */
export async function runCommand(words, env) {
  return await withoutCommands(
    () =>
      new Promise((resolve, reject) => {
        // Both by one pipe: the runner reads two side by side, and could hear what is on the other too late.
        const child = spawn(process.execPath, [program, ...words], {
          env,
          stdio: ['ignore', 1, 1],
        });
        // A job that is cancelled tells this process only: the requests on their way are to end.
        const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
        process.on('SIGINT', pass).on('SIGTERM', pass);
        child.on('error', reject);
        child.on('close', (code) => {
          process.off('SIGINT', pass).off('SIGTERM', pass);
          resolve(code ?? 1);
        });
      }),
  );
}
