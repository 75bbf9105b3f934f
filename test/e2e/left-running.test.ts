// What a test leaves running would hold locks, ports and directories that the next one takes for its own.
import { expect, test } from 'vitest';
import { startCommand, temporaryDirectory } from '../support/command.ts';

const left: number[] = [];

test('a command may be left running', async () => {
  const started = startCommand(['sandbox', '--port', '0'], { cwd: temporaryDirectory() });
  await new Promise<void>((resolve) => {
    started.onStdout(resolve);
  });
  left.push(started.child.pid ?? 0);
});

test('and is gone when the next test begins', () => {
  expect(left).toHaveLength(1);
  for (const pid of left) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
