import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { FieldChange, Policy } from '../../../src/model/plan.ts';
import { compareWidget } from '../../../src/plan/compare/compare-widget.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import { changed, documentOf, ignoring, liveOf, recordOf } from '../fixtures.ts';

interface Case {
  readonly desired: JsonObject;
  /** Null: never applied. */
  readonly applied: JsonObject | null;
  /** Null: unknown. */
  readonly live: JsonObject | null;
  readonly ignore?: readonly string[];
  readonly record?: Partial<AppliedRecord>;
  readonly readAfterMs?: number;
  readonly policy?: Partial<Policy>;
}

function compare({ desired, applied, live, record, ...given }: Case) {
  const { ignore = [], readAfterMs = 3_600_000, policy } = given;
  const past = applied === null ? null : { ...recordOf(documentOf(1, applied)), ...record };
  const readAtMs = recordOf(documentOf(1, {})).appliedAt.getTime() + readAfterMs;
  return compareWidget(
    {
      document: ignoring(documentOf(1, desired), ...ignore),
      applied: past,
      live: live === null ? null : liveOf(live, readAtMs),
    },
    { ...changed, ...policy },
  );
}

/** `path by` of every change, in order. */
function verdicts(given: Case): string[] {
  return compare(given).fields.map(
    ({ path, by, released }) => `${path} ${by}${released ? ' released' : ''}`,
  );
}

describe('a field that differs was changed by', () => {
  test.each<[string, Case, string[]]>([
    [
      'nobody but git, when never applied',
      { desired: { name: 'a' }, applied: null, live: { name: 'b' } },
      ['/name git'],
    ],
    ['git', { desired: { name: 'b' }, applied: { name: 'a' }, live: { name: 'a' } }, ['/name git']],
    [
      'the dashboard',
      { desired: { name: 'a' }, applied: { name: 'a' }, live: { name: 'b' } },
      ['/name dashboard'],
    ],
    [
      'both',
      { desired: { name: 'c' }, applied: { name: 'a' }, live: { name: 'b' } },
      ['/name both'],
    ],
    [
      'neither, when both came to the same',
      { desired: { name: 'b' }, applied: { name: 'a' }, live: { name: 'b' } },
      [],
    ],
    [
      'git, when it declares what was not its own before',
      { desired: { name: 'a' }, applied: {}, live: { name: 'b' } },
      ['/name git'],
    ],
    [
      'git, also where the dashboard owns a part of what it declares anew',
      {
        desired: { style_params: { a: 1 } },
        applied: {},
        live: { style_params: { a: 2, b: 3 } },
        ignore: ['/style_params/b'],
      },
      ['/style_params/a git'],
    ],
    [
      'each on its own inside an object',
      {
        desired: { style_params: { a: 1, b: 2, c: 3 } },
        applied: { style_params: { a: 0, b: 2, c: 0 } },
        live: { style_params: { a: 0, b: 9, c: 9, d: 4 } },
      },
      [
        '/style_params/a git',
        '/style_params/b dashboard',
        '/style_params/c both',
        '/style_params/d dashboard',
      ],
    ],
    [
      'the dashboard, which removed it',
      {
        desired: { style_params: { a: 1 } },
        applied: { style_params: { a: 1 } },
        live: { style_params: {} },
      },
      ['/style_params/a dashboard'],
    ],
  ])('%s', (_, given, expected) => {
    expect(verdicts(given)).toEqual(expected);
  });
});

describe('what the API made of exactly what was sent', () => {
  const sent = { header_color: '#FFF', bubble_text: null, style_params: { w: 'A' } };
  const given = { header_color: '#fff', bubble_text: '', style_params: { w: 'a', extra: 0 } };

  test('is no change', () => {
    expect(
      verdicts({ desired: sent, applied: sent, live: given, record: { echo: given } }),
    ).toEqual([]);
  });

  test('is one when it gave back what was sent', () => {
    expect(verdicts({ desired: sent, applied: sent, live: given })).toHaveLength(4);
  });

  const untold: Case = {
    desired: sent,
    applied: sent,
    live: { ...given, style_params: { w: 'a' } },
    record: { trail: confirmed({ isEchoKnown: false, replaced: { header_color: '#000' } }) },
  };

  test.each<[string, Case, string[]]>([
    ['no change, when it gave nothing back and only the spelling differs', untold, []],
    [
      'no change, when it gave nothing back and shows what was to be replaced',
      { ...untold, live: { ...sent, header_color: '#000' } },
      [],
    ],
    [
      'one when it gave nothing back and shows anything else',
      { ...untold, live: { ...sent, header_color: '#123' } },
      ['/header_color dashboard'],
    ],
  ])('is %s', (_, one, expected) => {
    expect(verdicts(one)).toEqual(expected);
  });

  test('is left behind by an edit, in the edited field only', () => {
    const desired = { ...sent, header_color: '#EEE' };
    expect(verdicts({ desired, applied: sent, live: given, record: { echo: given } })).toEqual([
      '/header_color git',
    ]);
  });
});

describe('a field that the API leaves out', () => {
  test.each<[string, Json]>([
    ['bubble_text', null],
    ['bubble_text', ''],
    ['attributes', {}],
    ['user_opening_messages', []],
    ['remove_branding', false],
  ])('is as declared where %s is %j (it was sent again for ever)', (name, nothing) => {
    const declared = { [name]: nothing };
    expect(verdicts({ desired: declared, applied: null, live: {} })).toEqual([]);
    expect(verdicts({ desired: declared, applied: declared, live: {} })).toEqual([]);
  });

  test.each<[string, Case, string[]]>([
    [
      'the dashboard has emptied where it was something',
      { desired: { name: 'a' }, applied: { name: 'a' }, live: {} },
      ['/name dashboard'],
    ],
    [
      'git alone has changed where it was nothing',
      { desired: { name: 'a' }, applied: { name: null }, live: {} },
      ['/name git'],
    ],
    [
      'is not one within an object, where absence is a value',
      { desired: { attributes: { a: null } }, applied: null, live: { attributes: {} } },
      ['/attributes/a git'],
    ],
  ])('%s', (_, given, expected) => {
    expect(verdicts(given)).toEqual(expected);
  });
});

describe('a read shortly after a write', () => {
  const given: Case = {
    desired: { name: 'a' },
    applied: { name: 'a' },
    live: { name: 'old' },
    record: { trail: confirmed({ replaced: { name: 'old' } }) },
  };

  test.each<[string, Partial<Case>, string[]]>([
    ['may show what the write replaced', { readAfterMs: 14_999 }, []],
    ['may be of before the write', { readAfterMs: -1_000 }, []],
    [
      'hides nothing where the clock was set back since the write: it is no read of before it',
      { readAfterMs: -10 * 60_000 },
      ['/name dashboard'],
    ],
    ['may not show it for ever', { readAfterMs: 15_000 }, ['/name dashboard']],
    ['may not show a third value', { readAfterMs: 1, live: { name: 'x' } }, ['/name dashboard']],
    ['blames git alone for an edit', { readAfterMs: 1, desired: { name: 'b' } }, ['/name git']],
    [
      'proves nothing when a later body may have landed',
      {
        readAfterMs: 1,
        record: { trail: unconfirmed({ replaced: { name: 'old' }, sent: { name: ['old'] } }) },
      },
      ['/name dashboard'],
    ],
  ])('%s', (_, parts, expected) => {
    expect(verdicts({ ...given, ...parts })).toEqual(expected);
  });

  test('does not bring back what the write had reset', () => {
    const { fields, live } = compare({
      desired: { name: 'b' },
      applied: { name: 'a' },
      live: { name: 'a', bubble_text: 'Hi' },
      record: {
        trail: confirmed({ replaced: { bubble_text: 'Hi' }, beside: { bubble_text: null } }),
      },
      readAfterMs: 1,
    });
    expect(fields.map(({ path }) => path)).toEqual(['/name']);
    expect(live?.body).toEqual({ name: 'a', bubble_text: null });
  });
});

describe('an ignored place', () => {
  test.each<[string, Partial<Case>, string[], string[]]>([
    ['differs without being a change', { ignore: ['/name'], live: { name: 'b' } }, [], ['/name']],
    ['that does not differ is not named', { ignore: ['/name'], live: { name: 'a' } }, [], []],
    [
      'is not named where nothing is declared',
      { ignore: ['/bubble_text'], live: { name: 'a', bubble_text: 'x' } },
      [],
      [],
    ],
    ['may be everything', { ignore: [''], live: { name: 'b' } }, [], ['/name']],
  ])('%s', (_, parts, fields, ignored) => {
    const given = { desired: { name: 'a' }, applied: { name: 'a' }, live: {}, ...parts };
    expect(verdicts(given)).toEqual(fields);
    expect(compare(given).ignored).toEqual(ignored);
  });

  const inside = { desired: { style_params: { a: 1, w: 1 } }, ignore: ['/style_params/w'] };

  test.each<[string, JsonObject, FieldChange[]]>([
    ['as live has it', { style_params: { a: 1, w: 2 } }, []],
    [
      'left out where live has no such object',
      { style_params: null },
      [{ path: '/style_params', from: null, to: { a: 1 }, by: 'dashboard', released: false }],
    ],
    [
      'left out where live has no such value',
      { style_params: { a: 2 } },
      [{ path: '/style_params/a', from: 2, to: 1, by: 'dashboard', released: false }],
    ],
  ])('inside a declared object is %s', (_, live, fields) => {
    expect(compare({ ...inside, applied: inside.desired, live }).fields).toEqual(fields);
  });

  test('stays when git sets the object around it to null', () => {
    const given = { desired: { style_params: null }, applied: { style_params: { a: 1, w: 1 } } };
    const { fields, ignored } = compare({
      ...given,
      live: { style_params: { a: 1, w: 7 } },
      ignore: ['/style_params/w'],
    });
    expect(fields).toEqual([{ path: '/style_params/a', from: 1, by: 'git', released: false }]);
    expect(ignored).toEqual(['/style_params']);
  });

  test('in a list is none (an edit of another entry was taken for equal)', () => {
    const given = { desired: { action_buttons: [1, 2] }, applied: { action_buttons: [1, 3] } };
    const live = { action_buttons: [1, 3] };
    expect(verdicts({ ...given, live, ignore: ['/action_buttons/0'] })).toEqual([
      '/action_buttons git',
    ]);
  });

  test('in a list that git says nothing of keeps the list', () => {
    const given = {
      desired: { style_params: { a: 1 } },
      applied: null,
      ignore: ['/style_params/l/0'],
    };
    expect(verdicts({ ...given, live: { style_params: { a: 1, l: [1] } } })).toEqual([]);
  });
});

describe('a released field', () => {
  test.each<[string, JsonObject, Partial<Case>, Partial<FieldChange>[]]>([
    ['text', { bubble_text: 'Hi' }, {}, [{ from: 'Hi', to: null, by: 'git', released: true }]],
    ['flag', { remove_branding: true }, {}, [{ from: true, to: false }]],
    ['list', { user_opening_messages: ['a'] }, {}, [{ from: ['a'], to: [] }]],
    ['settings', { attributes: { a: 1 } }, {}, [{ from: { a: 1 }, to: {} }]],
    ['style', { style_params: { a: 1 } }, {}, [{ from: { a: 1 }, to: null }]],
    [
      'changed elsewhere',
      { bubble_text: 'Hi' },
      { live: { bubble_text: 'Hey' } },
      [{ from: 'Hey', by: 'both' }],
    ],
    ['empty already', { bubble_text: 'Hi' }, { live: { bubble_text: null } }, []],
    ['empty as the API spells it', { bubble_text: 'Hi' }, { live: { bubble_text: '' } }, []],
    ['left out where it is empty', { bubble_text: 'Hi' }, { live: {} }, []],
    ['null in place of a default', { remove_branding: null }, {}, []],
    ['null in place of settings', { attributes: {} }, { live: { attributes: null } }, []],
    [
      'null in place of a list',
      { user_opening_messages: [] },
      { live: { user_opening_messages: null } },
      [],
    ],
    ['ignored', { bubble_text: 'Hi' }, { ignore: ['/bubble_text'] }, []],
    [
      'ignored in part',
      { style_params: { a: 1, w: 2 } },
      { ignore: ['/style_params/w'] },
      [{ to: { w: 2 } }],
    ],
    ['left', { bubble_text: 'Hi' }, { policy: { released: 'leave' } }, []],
    [
      'of which live is unknown',
      { bubble_text: 'Hi' },
      { live: null },
      [{ from: 'Hi', to: null, by: 'git' }],
    ],
    ['ignored, live unknown', { bubble_text: 'Hi' }, { live: null, ignore: ['/bubble_text'] }, []],
    ['that the schema no longer has', { gone: 'Hi' }, {}, []],
  ])('%s', (_, applied, parts, fields) => {
    const given: Case = { desired: {}, applied, live: applied, ...parts };
    expect(compare(given).fields).toMatchObject(fields);
    expect(compare(given).fields).toHaveLength(fields.length);
  });

  test('that is left where live is unknown is named all the same', () => {
    const given: Case = { desired: {}, applied: { name: 'a' }, live: null };
    expect(compare({ ...given, policy: { released: 'leave' } })).toMatchObject({
      resets: {},
      fields: [{ path: '/name', from: 'a', released: false }],
    });
  });
});
