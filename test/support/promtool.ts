// Prometheus's own checks. Its promtool comes with Debian's prometheus; where there is none, the tests that
// need it are skipped, and say so.
import { spawnSync } from 'node:child_process';

export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

if (!hasPromtool) {
  process.stderr.write(
    '\nSKIPPED: the tests of alert rules and metrics need promtool: apt-get install prometheus\n\n',
  );
}

export interface Checked {
  readonly code: number | null;
  /** Nothing, where all is well. */
  readonly said: string;
}

export function checkMetrics(text: string): Checked {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

/** `words`: what follows `promtool`. */
export function promtool(words: readonly string[], cwd: string): Checked {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd, encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}
