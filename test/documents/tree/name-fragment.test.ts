import { describe, expect, test } from 'vitest';
import { isFragmentName, nameFragment } from '../../../src/documents/tree/name-fragment.ts';

describe('an entry that names a fragment', () => {
  test.each([
    // place, from, entry, from the widget directory, from the source root
    ['', 'ava.yaml', '_brand.yaml', '_brand.yaml', '_brand.yaml'],
    ['', 'prod/ava.yaml', '../_ava.yaml', '_ava.yaml', '_ava.yaml'],
    ['', 'prod/eu/ava.yaml', '.././../_shared/ava.yml', '_shared/ava.yml', '_shared/ava.yml'],
    ['', 'prod/ava.yaml', './/_ava.yaml', 'prod/_ava.yaml', 'prod/_ava.yaml'],
    ['clients/acme', 'ava.yaml', '../../_brand.yaml', '../../_brand.yaml', '_brand.yaml'],
    ['clients/acme', 'p/ava.yaml', '../../_b.yaml', '../_b.yaml', 'clients/_b.yaml'],
    ['clients/acme', '../_b.yaml', '_c.yaml', '../_c.yaml', 'clients/_c.yaml'],
    // By its own name, though it is said the long way round.
    ['clients/acme', 'ava.yaml', '../acme/_c.yaml', '_c.yaml', 'clients/acme/_c.yaml'],
    [
      'clients/acme',
      'ava.yaml',
      '../../_kit/brand.yaml',
      '../../_kit/brand.yaml',
      '_kit/brand.yaml',
    ],
    ['', 'ava.yaml', '_größe & co.yaml', '_größe & co.yaml', '_größe & co.yaml'],
    ['..2026/prod', 'ava.yaml', '../_brand.yaml', '../_brand.yaml', '..2026/_brand.yaml'],
    ['', 'ava.yaml', '_a:b.yaml', '_a:b.yaml', '_a:b.yaml'],
  ])('%s: %s says %s', (place, from, entry, ...[file, below]) => {
    expect(nameFragment(place, from, entry)).toEqual({ file, below });
  });
});

test.each([
  ['', 'ava.yaml', '../_brand.yaml'],
  ['', 'prod/ava.yaml', '../../_brand.yaml'],
  ['widgets', 'ava.yaml', '../../_brand.yaml'],
  // Back into the root by its own name, which it has on this machine only.
  ['widgets', 'ava.yaml', '../../site/_brand.yaml'],
  ['widgets', '../_brand.yaml', '../_base.yaml'],
  ['', 'ava.yaml', 'a/../../_x.yaml'],
  ['', 'ava.yaml', '../../../../../../../../etc/_x.yaml'],
])('%s: %s says %s, which leads out of the root', (place, from, entry) => {
  expect(nameFragment(place, from, entry)).toBeNull();
});

describe('an entry that names none', () => {
  test.each([
    ['', /is empty/, /such as/],
    ['  ', /is empty/, /such as/],
    ['_a\u0000.yaml', /_a\\u0000\.yaml holds a control character/, /anew/],
    ['_a\n.yaml', /holds a control character/, /anew/],
    ['..\\_brand.yaml', /backslashes/, /Write \/ for each \\/],
    ['\\\\server\\_brand.yaml', /backslashes/, /Write \//],
    ['https://example.com/_brand.yaml', /is an address/, /Nothing is fetched/],
    ['file:///etc/_brand.yaml', /is an address/, /Nothing is fetched/],
    ['npm:_brand.yaml', /is an address/, /Nothing is fetched/],
    ['//server/_brand.yaml', /is an address/, /Nothing is fetched/],
    ['/etc/_brand.yaml', /is an absolute path/, /every machine/],
    ['C:/_brand.yaml', /is an absolute path/, /every machine/],
    ['key', /no fragment by its name/, /begins with _/],
    ['.env', /is hidden/, /Rename/],
    ['.git/_x.yaml', /is hidden/, /Rename/],
    ['..data/_brand.yaml', /is hidden/, /Rename/],
    ['_brand', /no fragment by its name/, /ends in \.yaml or \.yml\. Did you mean _brand\.yaml\?$/],
    ['../_brand.YAML', /no fragment by its name/, /Did you mean \.\.\/_brand\.yaml\?$/],
    ['_brand.json', /no fragment by its name/, /Did you mean _brand\.yaml\?$/],
    ['_kit/', /no fragment by its name/, /ends in \.yaml or \.yml\.$/],
    ['brand', /no fragment by its name/, /ends in \.yaml or \.yml\.$/],
    ['_brand.yaml ', /^_brand\.yaml ends with a blank$/, /without the blank/],
    [' _brand.yaml', /^_brand\.yaml begins with a blank$/, /without the blank/],
    ['.', /no fragment by its name/, /ends in \.yaml/],
    ['sub/..', /no fragment by its name/, /ends in \.yaml/],
    ['mia.yaml', /no fragment by its name/, /such as _mia\.yaml/],
    ['../prod/mia.yml', /no fragment by its name/, /such as \.\.\/prod\/_mia\.yml/],
    ['a_b/mia_.yaml', /no fragment by its name/, /begins with _/],
  ])('%j', (entry, summary, detail) => {
    const refusal = nameFragment('site/_clients', 'eu/ava.yaml', entry);
    expect(refusal).toEqual({
      code: 'not-a-fragment',
      summary: expect.stringMatching(summary),
      detail: expect.stringMatching(detail),
    });
  });

  test('of a name without end, a beginning is shown', () => {
    const refusal = nameFragment('', 'ava.yaml', 'x'.repeat(100_000));
    expect(JSON.stringify(refusal).length).toBeLessThan(500);
  });
});

test.each([
  ['_brand.yaml', true],
  ['../../_kit/a/brand.yml', true],
  ['brand.yaml', false],
  ['../brand.yaml', false],
  ['_kit/brand.json', false],
])('%s is a fragment by its name: %s', (file, isOne) => {
  expect(isFragmentName(file)).toBe(isOne);
});
