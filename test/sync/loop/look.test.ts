import { cp, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { LoadedTree, WidgetDocument } from '../../../src/model/document.ts';
import { type LiveView, nothingLive, type Plan, type Policy } from '../../../src/model/plan.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { certain } from '../../../src/model/write-trail.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { readState } from '../../../src/state/file/file-view.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { look } from '../../../src/sync/loop/look.ts';
import { lookOnce } from '../../../src/sync/loop/look-once.ts';
import { handOver, planFrom } from '../../../src/sync/loop/run-pass.ts';
import { recordFindings } from '../../../src/sync/queue/record-findings.ts';
import { stateOptions } from '../../state/fixtures/state-options.ts';
import { changeOf, named, planOf } from '../../support/changes.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { QueueWorld } from '../../support/queue-world.ts';
import { widgetId } from '../../support/sandbox.ts';
import { unconfirmed } from '../../support/trails.ts';

const yaml = (n: number, name: string) =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;

const changed = { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 } as const;
const forced = { ...changed, send: 'all' } as const;
const never = new AbortController().signal;
const known = (view: LiveView) => ({ onFiles: () => view, onLive: () => {} });
const nothingKnown = known(nothingLive);
const now = new Date('2026-03-01T09:00:00Z');

/** A reader that knows this much, and what it was asked for. */
function reading(view: LiveView | null = nothingLive) {
  const asked: string[][] = [];
  const live = {
    async read(wanted: ReadonlySet<WidgetId>) {
      asked.push([...wanted].sort());
      return view;
    },
  };
  return { live, asked };
}

function liveView(widgets: Record<number, string>, cost = { list: 0, get: 0 }): LiveView {
  const entries = Object.entries(widgets).map(([n, display_name]) => {
    const id = widgetId(Number(n));
    return [id, { body: { id, widget_type: 'chat', display_name }, readAtMs: 0 }] as const;
  });
  return { widgets: new Map(entries), total: null, requests: cost };
}

/** Nothing that was just written is young by this clock. */
const clock = new FakeClock();
const oneShot = { clock, onWait: () => {} };

/** A look at the files alone, and what it leads to. */
async function planned(
  widgets: string,
  state: Pick<StateStore, 'records'>,
  policy: Policy = changed,
): Promise<{ plan: Plan; tree: LoadedTree }> {
  const directory = openWidgetDirectory(widgets, { clock });
  const sight = await look('pending', never, { directory, state, ...reading(), ...nothingKnown });
  if ('unsettled' in sight) throw new Error('nothing stands in its way');
  return { tree: sight.tree, plan: planFrom(sight, policy, state) };
}

/** A widget directory and a state directory side by side. */
async function places(files: Record<string, string>) {
  const root = temporaryDirectory();
  const widgets = join(root, 'widgets');
  for (const [path, text] of Object.entries(files)) writeFile(widgets, path, text);
  const stateDirectory = join(root, 'state');
  const open = async (from = widgets): Promise<StateStore> => {
    const state = await openState(stateOptions(stateDirectory, { root: from }));
    onTestFinished(() => state.close());
    return state;
  };
  return { root, widgets, stateDirectory, open };
}

/** Records everything as applied, as it stands. */
async function recordAll(widgets: string, state: StateStore): Promise<void> {
  for (const document of openWidgetDirectory(widgets, { clock }).load().documents) {
    const fresh = { trail: certain, corrections: 0 };
    const past = { echo: null, revision: null, ...fresh };
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
    const { tree, plan } = await planned(widgets, state);
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
    await planned(widgets, state, forced);
    expect(await snapshot(root)).toEqual(before);
    expect(state.records).toEqual(records);
  });

  test('twice finds the same', async () => {
    const { widgets } = await places({ 'a.yaml': yaml(1, 'Ava'), 'b.yaml': yaml(2, 'Ben') });
    const state = { records: new Map() };
    expect(await planned(widgets, state)).toEqual(await planned(widgets, state));
  });

  test('asks for everything when it is told to', async () => {
    const { widgets, open } = await places({ 'a.yaml': yaml(1, 'Ava') });
    const state = await open();
    await recordAll(widgets, state);
    expect((await planned(widgets, state)).plan).toMatchObject({
      changes: [],
      unchanged: [{ file: 'a.yaml' }],
    });
    expect((await planned(widgets, state, forced)).plan.changes).toMatchObject([
      { reason: 'forced' },
    ]);
  });

  test('reads what is live of no more than will probably be written', async () => {
    const files = [1, 2, 3, 4].map((n) => [`w${n}.yaml`, yaml(n, `Widget ${n}`)] as const);
    const { widgets, open } = await places(Object.fromEntries(files));
    const state = await open();
    await recordAll(widgets, state);
    writeFile(widgets, 'w1.yaml', yaml(1, 'Edited'));
    writeFile(widgets, 'w5.yaml', yaml(5, 'New'));
    const record = state.records.get(widgetId(2));
    if (record !== undefined) await state.save({ ...record, trail: unconfirmed() });
    const directory = openWidgetDirectory(widgets, { clock });
    const { live, asked } = reading();
    await look('pending', never, { directory, state, live, ...nothingKnown });
    const oneKnown = known(liveView({ 1: 'known' }));
    await look('pending', never, { directory, state, live, ...oneKnown });
    await look('all', never, { directory, state, live, ...oneKnown });
    await lookOnce(() => {}, never, { directory, state, live, ...oneShot });
    expect(asked).toEqual([
      [1, 2, 5].map(widgetId),
      [2, 5].map(widgetId),
      [1, 2, 3, 4, 5].map(widgetId),
      [1, 2, 3, 4, 5].map(widgetId),
    ]);
  });

  test('puts what it reads beside what is known, and counts what it cost', async () => {
    const { widgets } = await places({ 'a.yaml': yaml(1, 'Ava') });
    const directory = openWidgetDirectory(widgets, { clock });
    const asked: string[][] = [];
    const onFiles = ({ documents }: LoadedTree) => {
      asked.push(documents.map(({ file }) => file));
      return liveView({ 2: 'before', 3: 'c' });
    };
    const read = liveView({ 2: 'after', 1: 'a' }, { list: 1, get: 2 });
    const onLiveed: unknown[] = [];
    const onLive = (view: LiveView, documents: readonly WidgetDocument[]) =>
      onLiveed.push([view, documents.map(({ file }) => file)]);
    const deps = { directory, state: { records: new Map() }, ...reading(read) };
    const sight = await look('pending', never, { ...deps, onFiles, onLive });
    expect(asked).toEqual([['a.yaml']]);
    // What was known before may be older by now than what others have read.
    expect(onLiveed).toEqual([[read, ['a.yaml']]]);
    expect('live' in sight && sight.live).toEqual(
      liveView({ 1: 'a', 2: 'after', 3: 'c' }, { list: 1, get: 2 }),
    );
  });

  test('comes to nothing when the reading was called back', async () => {
    const { widgets } = await places({ 'a.yaml': yaml(1, 'Ava') });
    const directory = openWidgetDirectory(widgets, { clock });
    const { live } = reading(null);
    const state = { records: new Map() };
    expect(await look('pending', never, { directory, state, live, ...nothingKnown })).toEqual({
      unsettled: null,
    });
    expect(await lookOnce(() => {}, never, { directory, state, live, ...oneShot })).toBeNull();
  });

  test('waits, or throws where it cannot, when there is no directory', async () => {
    const { root } = await places({});
    const directory = openWidgetDirectory(join(root, 'nowhere'), { clock });
    const deps = { directory, state: { records: new Map() }, ...reading() };
    expect(await look('pending', never, { ...deps, ...nothingKnown })).toMatchObject({
      unsettled: { code: 'missing' },
    });
    await expect(lookOnce(() => {}, never, { ...deps, ...oneShot })).rejects.toThrow(UsageError);
  });
});

test('handing a plan over drops what it no longer asks for', async () => {
  const { queue, sent } = new QueueWorld({ concurrency: 1 });
  handOver(planOf({ changes: [named(1, 'Ava'), named(2, 'Ben'), named(3, 'Cleo')] }), queue);
  handOver(planOf({ changes: [named(3, 'Cleo')] }), queue);
  await settle();
  expect(sent).toEqual(['w3.yaml Cleo']);
  expect(queue.size).toBe(1);
});

test('handing a plan over leaves a write alone of a widget that is unchanged', async () => {
  const { queue, sent } = new QueueWorld({ concurrency: 1 });
  const forcedAva = named(1, 'Ava', 'forced');
  handOver(planOf({ changes: [forcedAva, named(2, 'Ben', 'forced')] }), queue);
  handOver(planOf({ unchanged: [changeOf(1, forcedAva.spec)] }), queue);
  await settle();
  expect(sent).toEqual(['w1.yaml Ava']);
});

describe('recording what was found of unchanged widgets', () => {
  /** What is recorded before and after a refresh that follows an edit of the files and a look. */
  async function refreshed(
    edit: (widgets: string) => Promise<void> | void,
    meanwhile: (state: StateStore) => Promise<void> | void = () => {},
  ) {
    const { widgets, stateDirectory, open } = await places({ 'ava.yaml': yaml(1, 'Ava') });
    const state = await open();
    await recordAll(widgets, state);
    await edit(widgets);
    const { plan } = await planned(widgets, state);
    await meanwhile(state);
    const before = state.records.get(widgetId(1));
    await recordFindings(plan, { state, isBusy: () => false }, now);
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
        if (record !== undefined) await state.save({ ...record, trail: unconfirmed() });
      },
    );
    expect(after).toBe(before);
  });
});

describe('a widget directory that was moved', () => {
  const saves = (state: StateStore) => {
    const saved: string[] = [];
    const spied: StateStore = {
      ...state,
      records: state.records,
      knownContent: (digest) => state.knownContent(digest),
      isFromElsewhere: (id) => state.isFromElsewhere(id),
      saveUnlessMoved: (record, found) => {
        saved.push(record.file);
        return state.saveUnlessMoved(record, found);
      },
    };
    return { spied, saved };
  };

  // Once, widgets that did not change kept the former one, and said so when their files went.
  test.each<[string, Policy, LiveView]>([
    ['unchanged', changed, nothingLive],
    ['drifted, and only reported,', { ...changed, drift: 'report' }, liveView({ 1: 'By hand' })],
  ])('is where widgets that are %s came from, once it was looked at', async (_, policy, live) => {
    const { root, widgets, open } = await places({ 'ava.yaml': yaml(1, 'Ava') });
    const before = await open();
    await recordAll(widgets, before);
    await before.close();
    const moved = join(root, 'moved');
    await rename(widgets, moved);
    const state = await open(moved);
    expect(state.rootOf(widgetId(1))).toBe(widgets);
    const record = state.records.get(widgetId(1));
    const { spied, saved } = saves(state);
    for (let looks = 0; looks < 2; looks += 1) {
      const sight = { tree: openWidgetDirectory(moved, { clock }).load(), live };
      const plan = planFrom(sight, policy, state);
      await recordFindings(plan, { state: spied, isBusy: () => false }, now);
    }
    expect(state.rootOf(widgetId(1))).toBe(moved);
    expect(state.records.get(widgetId(1))).toEqual(record);
    expect(saved).toEqual(['ava.yaml']);
  });
});

describe('recording what was adopted', () => {
  const adopt = async (live: string, isBusy: (id: WidgetId) => boolean = () => false) => {
    const { widgets, open } = await places({ 'ava.yaml': yaml(1, 'Ava') });
    const state = await open();
    const sight = {
      tree: openWidgetDirectory(widgets, { clock }).load(),
      live: liveView({ 1: live }),
    };
    const plan = planFrom(sight, changed, state);
    await recordFindings(plan, { state, isBusy }, now);
    return { plan, record: state.records.get(widgetId(1)) };
  };

  test('leaves a record as of a write, dated now', async () => {
    const { plan, record } = await adopt('Ava');
    const [document] = plan.adopted.map((adoption) => adoption.document);
    const unwritten = { trail: certain, corrections: 0 };
    expect(record).toEqual({
      ...document,
      ...unwritten,
      echo: null,
      revision: null,
      appliedAt: now,
    });
  });

  test('is not done for what has to be written', async () => {
    const { plan, record } = await adopt('Someone else');
    expect(plan.adopted).toEqual([]);
    expect(record).toBeUndefined();
  });

  test('meets a bug of one widget, and records the others', async () => {
    const { widgets, open } = await places({
      'ava.yaml': yaml(1, 'Ava'),
      'ben.yaml': yaml(2, 'Ben'),
    });
    const state = await open();
    const sight = {
      tree: openWidgetDirectory(widgets, { clock }).load(),
      live: liveView({ 1: 'Ava', 2: 'Ben' }),
    };
    const plan = planFrom(sight, changed, state);
    const bug = new RangeError('Maximum call stack size exceeded');
    const saveUnlessMoved: StateStore['saveUnlessMoved'] = async (record, found) => {
      if (record.file === 'ava.yaml') throw bug;
      return state.saveUnlessMoved(record, found);
    };
    const place = { records: state.records, saveUnlessMoved };
    const findable = {
      ...place,
      isFromElsewhere: (id: WidgetId) => state.isFromElsewhere(id),
      knownContent: (digest: string) => state.knownContent(digest),
    };
    const unsaved = await recordFindings(plan, { state: findable, isBusy: () => false }, now);
    expect(unsaved).toMatchObject([{ file: 'ava.yaml', error: { cause: bug } }]);
    expect([...state.records.keys()]).toEqual([widgetId(2)]);
  });

  test('is not done while a write is in flight, whose end decides', async () => {
    const { plan, record } = await adopt('Ava', (id) => id === widgetId(1));
    expect(plan.adopted).toHaveLength(1);
    expect(record).toBeUndefined();
  });
});
