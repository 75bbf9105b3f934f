import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unreachedFragments } from '../../../src/documents/fragments/unreached-fragments.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

test('the fragments that nothing extends are told, and not what a link leads to that is extended', () => {
  const top = temporaryDirectory();
  put(top, '_kit/real.yaml', '{}');
  put(top, '_kit/old.yaml', '{}');
  put(top, '_real.yaml', '{}');
  symlinkSync('_real.yaml', join(top, '_alias.yaml'));
  symlinkSync('gone.yaml', join(top, '_nowhere.yaml'));
  symlinkSync('.', join(top, '_here'));
  const reached = [{ file: '_alias.yaml' }, { file: '_here/_kit/real.yaml' }];
  expect(unreachedFragments(top, reached)).toEqual(['_kit/old.yaml', '_nowhere.yaml']);
  expect(unreachedFragments(top, [])).toContain('_real.yaml');
});
