// Orders to forget, carried out by who holds the state: what is refused, what waits, what a kill leaves.
import { expect, onTestFinished, test } from 'vitest';
import type { WidgetId } from '../../../../src/model/widget.ts';
import type { StateView } from '../../../../src/state/state-store.ts';
import {
  carryOutForgets,
  type DeclaringFiles,
  declaringFile,
} from '../../../../src/sync/loop/notes/forget-orders.ts';
import { ava, ben, recordOf, stateOptions } from '../../../state/fixtures/state-options.ts';
import { memoryState } from '../../../support/memory-state.ts';

const noFiles: DeclaringFiles = { documents: [], held: [] };

function heldAt(file: string, widgetId: WidgetId | null): DeclaringFiles {
  return { documents: [], held: [{ file, widgetId, code: 'yaml-syntax', message: 'broken' }] };
}

async function world() {
  const backend = memoryState();
  const options = stateOptions('memory');
  const state = await backend.open(options);
  onTestFinished(() => state.close());
  await state.save(recordOf(ava, { file: 'clients/ava.yaml' }));
  await state.save(recordOf(ben));
  const told: string[] = [];
  const busy = new Set<WidgetId>();
  const carryOut = (files: DeclaringFiles | null) =>
    carryOutForgets({
      ...{ state, clock: options.clock, files: () => files },
      isBusy: (widgetId) => busy.has(widgetId),
      onForgotten: ({ file }) => void told.push(file),
    });
  const view: StateView = backend.look(options);
  return { state, view, told, busy, carryOut };
}

test('a widget of no file is forgotten, once, and the holder hears of it', async () => {
  const { state, view, told, carryOut } = await world();
  const id = await view.orderForget([ava]);
  await carryOut(noFiles);
  await carryOut(noFiles);
  expect(await view.forgetAnswer(id)).toEqual({ forgotten: [ava], refused: [] });
  expect([...state.records.keys()]).toEqual([ben]);
  expect(told).toEqual(['clients/ava.yaml']);
});

test.each([
  ['a file that was held', heldAt('other.yaml', ava), 'other.yaml'],
  ['a broken file in its place', heldAt('clients/ava.yaml', null), 'clients/ava.yaml'],
  ['a folder above it that cannot be read', heldAt('clients', null), 'clients'],
  ['a broken file elsewhere', heldAt('clients.yaml', null), null],
  ['a file of another widget in its place', heldAt('clients/ava.yaml', ben), null],
])('%s', async (_, files, declaring) => {
  const { state, view, carryOut } = await world();
  expect(declaringFile(files, { widgetId: ava, file: 'clients/ava.yaml' })).toBe(declaring);
  const id = await view.orderForget([ava]);
  await carryOut(files);
  const why = `${declaring} declares it: take the file away first`;
  expect(await view.forgetAnswer(id)).toEqual(
    declaring === null
      ? { forgotten: [ava], refused: [] }
      : { forgotten: [], refused: [{ widgetId: ava, why }] },
  );
  expect(state.records.has(ava)).toBe(declaring !== null);
});

test('nothing is answered before the files were seen, and while a write is on its way', async () => {
  const { state, view, busy, carryOut } = await world();
  const id = await view.orderForget([ava]);
  await carryOut(null);
  busy.add(ava);
  await carryOut(noFiles);
  expect(await view.forgetAnswer(id)).toBeNull();
  expect(state.records.has(ava)).toBe(true);
  busy.clear();
  await carryOut(noFiles);
  expect(await view.forgetAnswer(id)).toEqual({ forgotten: [ava], refused: [] });
});

test('what a kill before the answer has forgotten is answered as such, and said once', async () => {
  const { state, view, told, carryOut } = await world();
  const id = await view.orderForget([ava]);
  await state.forget([ava], new Date('2026-03-02T09:00:00Z'));
  await carryOut(noFiles);
  expect(await view.forgetAnswer(id)).toEqual({ forgotten: [ava], refused: [] });
  expect(told).toEqual([]);
  const { entries } = await view.history({ limit: 9, widgetId: null });
  expect(entries.map(({ reason }) => reason)).toEqual(['forgotten']);
});
