import { expect, test } from 'vitest';
import { version } from '../../src/base/version.ts';

test('the version is that of the package', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});
