// A folder that cannot be read says of no widget what becomes of it: those below it stay as they are.
import { describe, expect, test } from 'vitest';
import type { Views } from '../../src/model/plan.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { summarizePlan } from '../../src/render/summarize-plan.ts';
import { all, changed, documentOf, heldOf, idOf, recordOf, viewsOf } from './fixtures.ts';

const applied = (n: number, file: string, appliedAt = '2026-03-01T08:00:00Z') => ({
  ...recordOf(documentOf(n, { name: `${n}` }, file)),
  appliedAt: new Date(appliedAt),
});

/** Which widgets are held, as what, and which are orphaned. */
function fates(parts: Parameters<typeof viewsOf>[0]) {
  const { held, orphaned, changes } = makePlan(viewsOf(parts), changed);
  return {
    held: held.map(({ file, widgetId }) => [file, widgetId]),
    orphaned: orphaned.map(({ file }) => file),
    changes: changes.map(({ file }) => file),
  };
}

const folder = heldOf(null, 'team');

describe('a folder that cannot be read', () => {
  test('holds the widgets that were applied from below it, at any depth, for its own reason', () => {
    const records = [applied(1, 'team/ava.yaml'), applied(2, 'team/deep/er/ben.yml')];
    const { held, orphaned } = makePlan(viewsOf({ held: [folder], records }), all);
    expect(held).toEqual([
      folder,
      { ...folder, file: 'team/ava.yaml', widgetId: idOf(1) },
      { ...folder, file: 'team/deep/er/ben.yml', widgetId: idOf(2) },
    ]);
    expect(orphaned).toEqual([]);
  });

  test.each([
    ['at the top', 'ava.yaml'],
    ['in another folder', 'shop/ava.yaml'],
    ['in a folder whose name begins the same', 'teams/ava.yaml'],
    ['in a folder of that name elsewhere', 'shop/team/ava.yaml'],
    ['in a file whose name begins the same', 'team.yaml'],
    ['in a folder of that name in other letters', 'Team/ava.yaml'],
  ])('holds no widget whose file was %s', (_, file) => {
    expect(fates({ held: [folder], records: [applied(1, file)] })).toEqual({
      held: [['team', null]],
      orphaned: [file],
      changes: [],
    });
  });

  test('holds what is below it, not what is beside it', () => {
    const held = [heldOf(null, 'team/deep')];
    const records = [applied(1, 'team/ava.yaml'), applied(2, 'team/deep/ben.yaml')];
    expect(fates({ held, records })).toEqual({
      held: [
        ['team/deep', null],
        ['team/deep/ben.yaml', idOf(2)],
      ],
      orphaned: ['team/ava.yaml'],
      changes: [],
    });
  });

  test('holds no widget that another file declares by now', () => {
    const moved = documentOf(1, { name: 'moved' }, 'ava.yaml');
    const records = [applied(1, 'team/ava.yaml'), applied(2, 'team/ben.yaml')];
    expect(fates({ desired: [moved], held: [folder], records })).toEqual({
      held: [
        ['team', null],
        ['team/ben.yaml', idOf(2)],
      ],
      orphaned: [],
      changes: ['ava.yaml'],
    });
  });

  test('holds no widget that another held file names', () => {
    const held = [folder, heldOf(1, 'ava.yaml')];
    expect(fates({ held, records: [applied(1, 'team/ava.yaml')] }).held).toEqual([
      ['ava.yaml', idOf(1)],
      ['team', null],
    ]);
  });

  test('of several widgets that were applied from one file below it holds the last', () => {
    const records = [
      applied(1, 'team/ava.yaml', '2026-03-02'),
      applied(2, 'team/ava.yaml', '2026-03-01'),
    ];
    const { held, orphaned } = makePlan(viewsOf({ held: [folder], records }), changed);
    expect(held.map(({ widgetId }) => widgetId)).toEqual([null, idOf(1)]);
    expect(orphaned).toEqual([{ file: 'team/ava.yaml', widgetId: idOf(2) }]);
  });

  test('holds nothing where nothing was applied from it', () => {
    expect(fates({ held: [folder] })).toEqual({
      held: [['team', null]],
      orphaned: [],
      changes: [],
    });
  });
});

test('a held file that names its widget holds nobody else’s, whatever it is called', () => {
  const views = { held: [heldOf(1, 'team')], records: [applied(2, 'team/ben.yaml')] };
  expect(fates(views)).toMatchObject({ held: [['team', idOf(1)]], orphaned: ['team/ben.yaml'] });
});

test('several folders hold their own, and each widget is held once', () => {
  const files = ['a/1.yaml', 'a/b/2.yaml', 'c/3.yaml', 'c/d/4.yaml', 'e/5.yaml'];
  const records = files.map((file, n) => applied(n, file));
  const held = ['c', 'a'].map((name) => heldOf(null, name));
  const plan = makePlan(viewsOf({ held, records }), changed);
  const ids = plan.held.flatMap(({ widgetId }) => widgetId ?? []);
  expect(ids).toEqual([0, 1, 2, 3].map(idOf));
  expect(plan.orphaned).toEqual([{ file: 'e/5.yaml', widgetId: idOf(4) }]);
  expect(summarizePlan(plan)).toMatchObject({ held: 6, orphaned: 1, total: 7 });
});

test('the checksum tells a folder that cannot be read from one that is gone', () => {
  const records = [applied(1, 'team/ava.yaml')];
  const checksumOf = (held: Views['held']) =>
    makePlan(viewsOf({ held, records }), changed).checksum;
  expect(checksumOf([folder])).not.toBe(checksumOf([]));
});
