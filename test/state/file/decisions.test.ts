// What was let past the limit on changes, as the state directory keeps it.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { readAllowedChanges, writeAllowedChanges } from '../../../src/state/file/decisions.ts';
import { withoutConfirmed } from '../../../src/state/record-index.ts';
import { documentOf, idOf, recordOf } from '../../plan/fixtures.ts';
import { temporaryDirectory } from '../../support/command.ts';
import { unconfirmed } from '../../support/trails.ts';

const apiUrl = 'https://api.example.com';
const place = () => ({ directory: temporaryDirectory(), apiUrl });
const admitted = new Map([
  [idOf(1), sha256('one')],
  [idOf(2), sha256('two')],
]);

describe('what was let through', () => {
  test('is there for the next process', async () => {
    const at = place();
    expect((await readAllowedChanges(at)).size).toBe(0);
    await writeAllowedChanges(at, admitted);
    expect(await readAllowedChanges(at)).toEqual(admitted);
    await writeAllowedChanges(at, new Map());
    expect((await readAllowedChanges(at)).size).toBe(0);
  });

  test('is nothing to another account', async () => {
    const at = place();
    await writeAllowedChanges(at, admitted);
    const elsewhere = { ...at, apiUrl: 'https://other.example.com' };
    expect((await readAllowedChanges(elsewhere)).size).toBe(0);
  });

  test('is over once a record confirms it, and not while its write is unconfirmed', async () => {
    const at = place();
    const one = recordOf(documentOf(1, { name: 'one' }));
    const two = { ...recordOf(documentOf(2, { name: 'two' })), trail: unconfirmed() };
    await writeAllowedChanges(
      at,
      new Map([one, two].map(({ widgetId, hash }) => [widgetId, hash])),
    );
    const records = new Map([one, two].map((record) => [record.widgetId, record]));
    expect([...withoutConfirmed(await readAllowedChanges(at), { records }).keys()]).toEqual([
      idOf(2),
    ]);
  });

  test.each([
    ['nothing', ''],
    ['half of it', '{"api_url":"https://api.example.com","hashes":{'],
    ['a list', '[]'],
    ['no hashes', '{"api_url":"https://api.example.com"}'],
    ['other keys', '{"api_url":"https://api.example.com","hashes":{"__proto__":"x","1":2}}'],
    ['no text', `{"api_url":"https://api.example.com","hashes":{"${idOf(1)}":1}}`],
  ])('is nothing where the file holds %s', async (_, content) => {
    const at = place();
    await writeFile(join(at.directory, 'admitted.json'), content);
    expect((await readAllowedChanges(at)).size).toBe(0);
  });

  test('cannot be had from something that is no file', async () => {
    const at = place();
    await mkdir(join(at.directory, 'admitted.json'));
    await expect(readAllowedChanges(at)).rejects.toThrow(StateError);
    await expect(writeAllowedChanges(at, admitted)).rejects.toThrow(StateError);
  });
});
