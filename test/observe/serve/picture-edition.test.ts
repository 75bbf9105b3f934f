// A browser keeps a picture by its name for a year: what is drawn otherwise needs another name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../src/model/widget.ts';
import { pictureEdition } from '../../../src/observe/serve/served-widgets.ts';

const references = join(import.meta.dirname, '../../render/picture/reference');

/** The SHA-256 of the reference pictures of each edition that browsers may have. Entries are only added. */
const editions: Readonly<Record<string, string>> = {
  'picture 1': 'ecf83af55bd176c2bb74d3a13e8d468f7c209700fad8f9153d4dd1515b9ab3e8',
};

test('reference pictures that have changed go with another edition of all pictures', () => {
  const names = readdirSync(references).sort();
  const pictures = names.map((name) => `${name} ${readFileSync(join(references, name), 'utf8')}`);
  expect(
    editions[pictureEdition],
    'pictures are drawn otherwise: raise pictureEdition, and add the edition with its digest here',
  ).toBe(sha256(pictures.join('\n')));
  expect(Object.keys(editions).at(-1)).toBe(pictureEdition);
});
