import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  keepLearntLimit,
  learntLimitFile,
  readLearntLimit,
} from '../../../../src/state/file/usage/learnt-limit.ts';
import type { LearntLimit } from '../../../../src/state/state-store.ts';
import { temporaryDirectory } from '../../fixtures/state-options.ts';

const apiUrl = 'https://api.example.com';
const learnt: LearntLimit = { perSecond: 2.7, refusedAt: 3.03, isConfirmed: true, about: 3.03 };

async function open() {
  const directory = await temporaryDirectory();
  const warned: string[] = [];
  const warn = (message: string) => void warned.push(message);
  return { directory, warned, keep: keepLearntLimit({ directory, apiUrl, warn }) };
}

test('what was learnt is there for the next process, and so is that nothing is left of it', async () => {
  const { directory, keep } = await open();
  expect(await readLearntLimit({ directory, apiUrl })).toBeNull();
  keep(learnt);
  expect(await readLearntLimit({ directory, apiUrl })).toEqual(learnt);
  keep(null);
  expect(await readLearntLimit({ directory, apiUrl })).toBeNull();
});

test('what was learnt of one API says nothing of another', async () => {
  const { directory, keep } = await open();
  keep(learnt);
  expect(await readLearntLimit({ directory, apiUrl: 'https://other.example.com' })).toBeNull();
});

test.each([
  ['half of it', '{"version":1,"api_url":"https://api.ex'],
  ['another version', `{"version":2,"api_url":"${apiUrl}","limit":{"per_second":1}}`],
  [
    'no rate',
    `{"version":1,"api_url":"${apiUrl}","limit":{"per_second":0,"refused_at":1,"about":1}}`,
  ],
  ['no object', `{"version":1,"api_url":"${apiUrl}","limit":[3]}`],
  ['nothing', ''],
])('a damaged file costs the learning: %s', async (_, text) => {
  const { directory, warned, keep } = await open();
  writeFileSync(join(directory, learntLimitFile), text);
  expect(await readLearntLimit({ directory, apiUrl })).toBeNull();
  keep(learnt);
  expect(await readLearntLimit({ directory, apiUrl })).toEqual(learnt);
  expect(warned).toEqual([]);
});

test('what cannot be written is said once', async () => {
  const { directory, warned, keep } = await open();
  mkdirSync(join(directory, learntLimitFile));
  keep(learnt);
  keep(null);
  expect(warned).toHaveLength(1);
  expect(await readLearntLimit({ directory, apiUrl })).toBeNull();
});
