import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { readStatus } from '../../src/state/file/file-view.ts';
import { formatStatus, parseStatus } from '../../src/state/status-format.ts';
import { anyStatus } from '../status/fixtures/any-status.ts';
import { law } from '../support/law.ts';
import {
  ava,
  ben,
  foundAt,
  obstacleOf,
  queuedOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
} from './fixtures/state-options.ts';

const apiUrl = 'https://api.example.com';

const full = statusOf({
  revision: 'abc123',
  commit: { id: 'abc123', subject: 'Greet', author: 'Mia', time: new Date('2026-03-01T08:59:00Z') },
  obstacles: [obstacleOf('the API refuses the key (401)', 'key')],
  queue: [queuedOf(ava, { nextTry: new Date('2026-03-01T09:20:00Z'), place: null })],
  lifetime: {
    ...{ pid: 42, host: 'here', startedAt: foundAt, heartbeat: foundAt, endedAt: null },
    ...{ lastResync: foundAt, nextResync: foundAt, lastWrite: foundAt },
  },
  held: [
    {
      ...{ widgetId: null, file: 'broken.yaml', code: 'yaml-syntax', message: 'not closed' },
      ...{ line: 3, until: null, since: foundAt },
    },
  ],
  failed: [
    {
      widgetId: ava,
      file: 'ava.yaml',
      error: 'the API answered 500',
      httpStatus: 500,
      attempts: 4,
      time: new Date('2026-03-01T09:11:58.250Z'),
      ...{ name: 'Ava', widgetType: 'chat', line: 4, since: foundAt },
    },
  ],
  drifted: [
    {
      widgetId: ben,
      file: 'ben.yaml',
      why: 'fought-over',
      until: new Date('2026-03-01T10:00:00Z'),
      fields: ['/name'],
      since: foundAt,
    },
  ],
  orphaned: [{ widgetId: ben, file: 'old/ben.yaml', since: foundAt }],
  kept: [
    {
      widgetId: ava,
      file: 'ava.yaml',
      since: new Date('2026-03-01T08:00:00Z'),
      fields: [
        { path: '/name', sent: 'Ava', kept: 'ava', spelling: true },
        { path: '/attributes/a', sent: 1 },
      ],
    },
  ],
});

describe('the status as text', () => {
  law.prop([anyStatus])('is read back as it was written', (written) => {
    expect(parseStatus(formatStatus(written, apiUrl), apiUrl)).toEqual(written);
  });

  law.prop([anyStatus, fc.nat()])('cut short anywhere is none', (written, at) => {
    const text = formatStatus(written, apiUrl).trimEnd();
    expect(parseStatus(text.slice(0, at % text.length), apiUrl)).toBeNull();
  });

  test('of another API is none', () => {
    expect(parseStatus(formatStatus(full, apiUrl), 'https://other.example.com')).toBeNull();
  });

  test.each<[string, (stored: Record<string, unknown>) => unknown]>([
    ['a later format', (stored) => ({ ...stored, version: 2 })],
    ['no object', (stored) => [stored]],
    ['a time that is none', (stored) => ({ ...stored, time: 'soon' })],
    ['a time that is a number', (stored) => ({ ...stored, time: 5 })],
    ['no pending', ({ pending, ...stored }) => stored],
    ['obstacles that are no list', (stored) => ({ ...stored, obstacles: true })],
    ['no word on a block', ({ blocked, ...stored }) => stored],
    ['a list that is none', (stored) => ({ ...stored, held: {} })],
    ['an entry that is no object', (stored) => ({ ...stored, orphaned: ['ava.yaml'] })],
    ['an entry without its file', (stored) => ({ ...stored, orphaned: [{ widget_id: ava }] })],
    ['a drift of an unknown kind', (stored) => withDrift(stored, { why: 'mood' })],
    ['fields that are no pointers', (stored) => withDrift(stored, { fields: [1] })],
    ['a kept value without its place', (stored) => withKept(stored, { fields: [{ sent: 1 }] })],
    ['values kept since no time', (stored) => withKept(stored, { since: 'once' })],
    ['an end that is no time', (stored) => withDrift(stored, { until: 'never' })],
  ])('with %s is none', (_, damage) => {
    const stored = JSON.parse(formatStatus(full, apiUrl));
    expect(parseStatus(JSON.stringify(stored), apiUrl)).toEqual(full);
    expect(parseStatus(JSON.stringify(damage(stored)), apiUrl)).toBeNull();
  });
});

test('a status of an earlier version has nothing kept otherwise', () => {
  const { kept, ...stored } = JSON.parse(formatStatus(full, apiUrl));
  expect(kept).toHaveLength(1);
  expect(parseStatus(JSON.stringify(stored), apiUrl)).toEqual({ ...full, kept: [] });
});

function withKept(stored: Record<string, unknown>, changes: object) {
  const kept = stored['kept'] as object[];
  return { ...stored, kept: kept.map((entry) => ({ ...entry, ...changes })) };
}

function withDrift(stored: Record<string, unknown>, changes: object) {
  const drifted = stored['drifted'] as object[];
  return { ...stored, drifted: drifted.map((entry) => ({ ...entry, ...changes })) };
}

describe('the status file', () => {
  test('is replaced whole by each report', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    await store.reportStatus(full);
    await store.reportStatus(statusOf());
    await store.close();
    expect((await readStatus(directory, apiUrl)).status).toEqual(statusOf());
    expect((await readdir(directory)).sort()).toEqual(['.gitignore', 'status.json', 'widgets']);
  });

  test('is none where there is no directory, no file, or nothing that can be told', async () => {
    const directory = await temporaryDirectory();
    expect((await readStatus(join(directory, 'missing'), apiUrl)).status).toBeNull();
    expect((await readStatus(directory, apiUrl)).status).toBeNull();
    await writeFile(join(directory, 'status.json'), '');
    expect((await readStatus(directory, apiUrl)).status).toBeNull();
  });

  test('that is there and cannot be read says so', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'status.json'));
    const reading = readStatus(directory, apiUrl);
    await expect(reading).rejects.toThrow(StateError);
    await expect(reading).rejects.toThrow(/^cannot read the status .*EISDIR/);
  });

  test('that cannot be written says so, and the store goes on', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    await mkdir(join(directory, 'status.json'));
    await expect(store.reportStatus(full)).rejects.toThrow(/^cannot write the status .*EISDIR/);
    await store.close();
    await expect(store.reportStatus(full)).rejects.toThrow('the state is closed');
  });
});
