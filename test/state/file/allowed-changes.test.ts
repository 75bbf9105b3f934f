// What was let past the limit on changes, as the state directory keeps it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { sha256 } from '../../../src/model/widget.ts';
import { readAdmitted, writeAdmitted } from '../../../src/state/file/allowed-changes.ts';
import { documentOf, idOf, recordOf } from '../../plan/fixtures.ts';
import { temporaryDirectory } from '../../support/command.ts';

const apiUrl = 'https://api.example.com';
const nothingApplied = { records: new Map() };
const place = () => ({ stateDirectory: temporaryDirectory(), apiUrl });
const admitted = new Map([
  [idOf(1), sha256('one')],
  [idOf(2), sha256('two')],
]);

describe('what was let through', () => {
  test('is there for the next process', async () => {
    const at = place();
    expect((await readAdmitted(at, nothingApplied)).size).toBe(0);
    await writeAdmitted(at, admitted);
    expect(await readAdmitted(at, nothingApplied)).toEqual(admitted);
    await writeAdmitted(at, new Map());
    expect((await readAdmitted(at, nothingApplied)).size).toBe(0);
  });

  test('is nothing to another account', async () => {
    const at = place();
    await writeAdmitted(at, admitted);
    const elsewhere = { ...at, apiUrl: 'https://other.example.com' };
    expect((await readAdmitted(elsewhere, nothingApplied)).size).toBe(0);
  });

  test('is over once a record confirms it, and not while its write is unconfirmed', async () => {
    const at = place();
    const one = recordOf(documentOf(1, { name: 'one' }));
    const two = { ...recordOf(documentOf(2, { name: 'two' })), unconfirmedHash: sha256('x') };
    await writeAdmitted(at, new Map([one, two].map(({ widgetId, hash }) => [widgetId, hash])));
    const records = new Map([one, two].map((record) => [record.widgetId, record]));
    expect([...(await readAdmitted(at, { records })).keys()]).toEqual([idOf(2)]);
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
    await writeFile(join(at.stateDirectory, 'admitted.json'), content);
    expect((await readAdmitted(at, nothingApplied)).size).toBe(0);
  });

  test('cannot be had from something that is no file', async () => {
    const at = place();
    await mkdir(join(at.stateDirectory, 'admitted.json'));
    await expect(readAdmitted(at, nothingApplied)).rejects.toThrow(StateError);
    await expect(writeAdmitted(at, admitted)).rejects.toThrow(StateError);
  });
});
