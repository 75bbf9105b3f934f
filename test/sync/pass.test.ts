import { cp, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { UsageError } from '../../src/errors.ts';
import { openState, readState, type StateStore } from '../../src/state/store.ts';
import { applyPlan, look, refreshRecords } from '../../src/sync/pass.ts';
import { sha256 } from '../../src/widget.ts';
import { stateOptions } from '../state/fixtures/state-options.ts';
import { named, planOf } from '../support/changes.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { QueueWorld } from '../support/queue-world.ts';
import { widgetId } from '../support/sandbox.ts';

const yaml = (n: number, name: string) =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;

const changed = { send: 'changed' } as const;

/** A widget directory and a state directory side by side. */
async function places(files: Record<string, string>) {
  const root = temporaryDirectory();
  const widgets = join(root, 'widgets');
  for (const [path, text] of Object.entries(files)) writeFile(widgets, path, text);
  const stateDirectory = join(root, 'state');
  const open = async (): Promise<StateStore> => {
    const state = await openState(stateOptions(stateDirectory));
    onTestFinished(() => state.close());
    return state;
  };
  return { root, widgets, stateDirectory, open };
}

/** Records everything as applied, as it stands. */
async function recordAll(widgets: string, state: StateStore): Promise<void> {
  const { tree } = look(changed, { directory: openWidgetDirectory(widgets), state });
  for (const document of tree.documents) {
    const past = { echo: null, revision: null, unconfirmedHash: null };
    await state.save({ ...document, ...past, appliedAt: new Date('2026-03-01T08:00:00Z') });
  }
}

/** Every file below a directory with its content. */
async function snapshot(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    found[path] = entry.isFile() ? await readFile(path, 'utf8') : 'a directory';
  }
  return found;
}

describe('looking', () => {
  test('finds what to do and writes nothing, not even a state directory', async () => {
    const { root, widgets, stateDirectory } = await places({
      'ava.yaml': yaml(1, 'Ava'),
      'broken.yaml': 'widget_id: [',
    });
    const before = await snapshot(root);
    const state = await readState(stateOptions(stateDirectory));
    const { tree, plan } = look(changed, { directory: openWidgetDirectory(widgets), state });
    expect(plan.changes).toMatchObject([{ file: 'ava.yaml', reason: 'new' }]);
    expect(plan.held).toMatchObject([{ file: 'broken.yaml' }]);
    expect(tree.problems).toMatchObject([{ file: 'broken.yaml' }]);
    expect(await snapshot(root)).toEqual(before);
  });

  test('leaves the state as it is, whatever it finds', async () => {
    const { root, widgets, open } = await places({
      'a.yaml': yaml(1, 'Ava'),
      'b.yaml': yaml(2, 'Ben'),
    });
    const state = await open();
    await recordAll(widgets, state);
    await rename(join(widgets, 'a.yaml'), join(widgets, 'renamed.yaml'));
    writeFile(widgets, 'b.yaml', yaml(2, 'Bernard'));
    const before = await snapshot(root);
    const records = new Map(state.records);
    look({ send: 'all' }, { directory: openWidgetDirectory(widgets), state });
    expect(await snapshot(root)).toEqual(before);
    expect(state.records).toEqual(records);
  });

  test('twice finds the same', async () => {
    const { widgets } = await places({ 'a.yaml': yaml(1, 'Ava'), 'b.yaml': yaml(2, 'Ben') });
    const deps = { directory: openWidgetDirectory(widgets), state: { records: new Map() } };
    expect(look(changed, deps)).toEqual(look(changed, deps));
  });

  test('asks for everything when it is told to', async () => {
    const { widgets, open } = await places({ 'a.yaml': yaml(1, 'Ava') });
    const state = await open();
    await recordAll(widgets, state);
    const deps = { directory: openWidgetDirectory(widgets), state };
    expect(look(changed, deps).plan).toMatchObject({
      changes: [],
      unchanged: [{ file: 'a.yaml' }],
    });
    expect(look({ send: 'all' }, deps).plan.changes).toMatchObject([{ reason: 'forced' }]);
  });

  test('throws when the directory cannot be read at all', async () => {
    const { root } = await places({});
    const directory = openWidgetDirectory(join(root, 'nowhere'));
    expect(() => look(changed, { directory, state: { records: new Map() } })).toThrow(UsageError);
  });
});

test('handing a plan over drops what it no longer asks for', () => {
  const { queue, sent } = new QueueWorld({ concurrency: 1 });
  applyPlan(planOf({ changes: [named(1, 'Ava'), named(2, 'Ben'), named(3, 'Cleo')] }), queue);
  applyPlan(planOf({ changes: [named(3, 'Cleo')] }), queue);
  expect(sent).toEqual(['w1.yaml Ava']);
  expect(queue.size).toBe(2);
});

describe('refreshing the records of unchanged widgets', () => {
  /** What is recorded before and after a refresh that follows an edit of the files and a look. */
  async function refreshed(
    edit: (widgets: string) => Promise<void> | void,
    meanwhile: (state: StateStore) => Promise<void> | void = () => {},
  ) {
    const { widgets, stateDirectory, open } = await places({ 'ava.yaml': yaml(1, 'Ava') });
    const state = await open();
    await recordAll(widgets, state);
    await edit(widgets);
    const { plan } = look(changed, { directory: openWidgetDirectory(widgets), state });
    await meanwhile(state);
    const before = state.records.get(widgetId(1));
    await refreshRecords(plan, state);
    const after = state.records.get(widgetId(1));
    const onDisk = (await readState(stateOptions(stateDirectory))).records.get(widgetId(1));
    expect(onDisk).toEqual(after);
    const digest = plan.unchanged[0]?.digest ?? '';
    return { before, after, isKnown: state.knownContent(digest) !== undefined };
  }

  test('follows a file that was renamed', async () => {
    const move = (widgets: string) =>
      rename(join(widgets, 'ava.yaml'), join(widgets, 'shop-ava.yaml'));
    const { before, after } = await refreshed(move);
    expect(after).toEqual({ ...before, file: 'shop-ava.yaml' });
  });

  test('follows an edit of comments, so that the new bytes need not be parsed again', async () => {
    const comment = (widgets: string) =>
      writeFile(widgets, 'ava.yaml', `# Ava of the shop\n${yaml(1, '"Ava"')}`);
    const { before, after, isKnown } = await refreshed(comment);
    expect(after).toEqual({ ...before, digest: after?.digest });
    expect(after?.digest).not.toBe(before?.digest);
    expect(isKnown).toBe(true);
  });

  test('leaves alone what says the same already', async () => {
    const { before, after } = await refreshed(() => {});
    expect(after).toBe(before);
  });

  test('leaves a copy that is held beside its original alone', async () => {
    const copy = (widgets: string) => cp(join(widgets, 'ava.yaml'), join(widgets, 'copy.yaml'));
    const { before, after } = await refreshed(copy);
    expect(after).toBe(before);
  });

  test('leaves a widget alone that was sent something else since the look', async () => {
    const { before, after } = await refreshed(
      (widgets) => rename(join(widgets, 'ava.yaml'), join(widgets, 'renamed.yaml')),
      async (state) => {
        const record = state.records.get(widgetId(1));
        if (record !== undefined)
          await state.save({ ...record, unconfirmedHash: sha256('another') });
      },
    );
    expect(after).toBe(before);
  });
});
