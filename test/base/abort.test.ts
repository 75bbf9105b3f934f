import { expect, onTestFinished, test } from 'vitest';
import { sharedController } from '../../src/base/abort.ts';

test('a signal that a hundred requests listen to is not taken for a leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => {
    process.off('warning', note);
  });
  const { signal } = sharedController();
  for (let n = 0; n < 100; n += 1) signal.addEventListener('abort', () => {});
  // Node warns in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});
