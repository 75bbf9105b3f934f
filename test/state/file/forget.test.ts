// What a kill leaves of a record that was to go, and orders that nobody wrote.
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileState } from '../../../src/state/file/file-store.ts';
import { formatHistoryEntry } from '../../../src/state/history-format.ts';
import { widgetId } from '../../support/sandbox.ts';
import {
  ava,
  entryOf,
  recordOf,
  stateOptions,
  temporaryDirectory,
} from '../fixtures/state-options.ts';

const time = new Date('2026-03-02T08:59:00Z');
const everyone = { limit: 10, widgetId: null };

test('a kill between the line of history and the record leaves one line, and no record', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const store = await fileState.open(options);
  await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
  const path = join(directory, `widgets/${ava}.json`);
  await copyFile(path, join(directory, 'kept'));
  await store.forget([ava], time);
  await store.close();

  await copyFile(join(directory, 'kept'), path);
  const next = await fileState.open(options);
  expect(await next.forget([ava], new Date('2026-03-02T09:00:00Z'))).toEqual([ava]);
  await next.close();
  const { entries } = await fileState.look(options).history(everyone);
  expect(entries.map(({ reason }) => reason)).toEqual(['edited', 'forgotten']);
  expect(await readdir(join(directory, 'widgets'))).toEqual([]);
});

test('a kill before the answer leaves the order for the next process', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const store = await fileState.open(options);
  const id = await fileState.look(options).orderForget([ava]);
  await store.close();
  const next = await fileState.open(options);
  expect(await next.forgetOrders()).toMatchObject([{ id, widgetIds: [ava] }]);
  await next.close();
});

test.each([
  ['torn', '{"order":"forget","widget_i'],
  ['of another kind', '{"order":"undo","widget_ids":[],"time":"2026-03-02T09:00:00Z"}'],
  [
    'with an id that is none',
    '{"order":"forget","widget_ids":["a"],"time":"2026-03-02T09:00:00Z"}',
  ],
  ['without a time', `{"order":"forget","widget_ids":["${ava}"]}`],
])('an order %s forgets nothing, and goes', async (_, text) => {
  const directory = await temporaryDirectory();
  const store = await fileState.open(stateOptions(directory));
  await mkdir(join(directory, 'orders'));
  await writeFile(join(directory, 'orders/one.json'), text);
  expect(await store.forgetOrders()).toEqual([]);
  expect(await readdir(join(directory, 'orders'))).toEqual([]);
  await store.close();
});

test('hundreds beside a long history are forgotten at once, and said once each', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const store = await fileState.open(options);
  const ids = Array.from({ length: 300 }, (_, n) => widgetId(n));
  for (const id of ids) await store.save(recordOf(id));
  const lines = [...ids.map((id) => recordOf(id)), recordOf(ava)];
  const text = lines.map((one) => `${formatHistoryEntry(entryOf(one))}\n`).join('');
  await writeFile(join(directory, 'history.ndjson'), text.repeat(Math.ceil(20e6 / text.length)));
  const before = process.cpuUsage();
  expect(await store.forget(ids, time)).toEqual(ids);
  const { user, system } = process.cpuUsage(before);
  // Of the processor, since other tests run beside this one; to read it for each takes half a minute.
  expect((user + system) / 1000).toBeLessThan(2000);
  expect(await readdir(join(directory, 'widgets'))).toEqual([]);
  await store.close();
  const said = { limit: 999, widgetId: null, reason: 'forgotten' };
  const { entries } = await fileState.look(options).history(said);
  expect(entries.map((entry) => entry.widgetId)).toEqual(ids);
});
