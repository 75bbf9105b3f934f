import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { LiveState, Views } from '../../src/model/plan.ts';
import { blindView, nothingLive } from '../../src/model/plan.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { renderPlan } from '../../src/render/plan-text.ts';
import { summarizePlan } from '../../src/render/summarize-plan.ts';
import { law } from '../support/law.ts';
import {
  accountOf,
  all,
  anyViews,
  changed,
  documentOf,
  heldOf,
  idOf,
  ignoring,
  liveOf,
  nowMs,
  recordOf,
  viewsOf,
} from './fixtures.ts';

const rate = { limit: 5, windowMs: 1000 };
const one = documentOf(1, { name: 'one' });
const two = documentOf(2, { name: 'two' });

describe('a plan', () => {
  test('names what was, what will be and where it came from', () => {
    const records = [recordOf(documentOf(1, { name: 'old', bubble_text: 'Hi' }))];
    const plan = makePlan(viewsOf({ desired: [one], records, revision: 'abc' }), changed);
    expect(plan.changes).toEqual([
      {
        action: 'update',
        ...one,
        reason: 'edited',
        resets: { bubble_text: null },
        base: null,
        revision: 'abc',
        committedAtMs: null,
        fields: [
          { path: '/bubble_text', from: 'Hi', to: null, by: 'git', released: true },
          { path: '/name', from: 'old', to: 'one', by: 'git', released: false },
        ],
      },
    ]);
  });

  test('names the commit, but for what is not as the commit has it', () => {
    const commit = { id: 'abc', subject: 'Winter', author: 'Mia', time: new Date(1.79e12) };
    const asked: string[] = [];
    const isEdited = ({ file }: { readonly file: string }) => {
      asked.push(file);
      return file === two.file;
    };
    const three = documentOf(3, { name: 'three' });
    const views = {
      ...viewsOf({ desired: [one, two, three], records: [recordOf(three)], revision: 'abc' }),
      ...{ commit, committedAtMs: commit.time.getTime(), isEdited },
    };
    const { changes } = makePlan(views, changed);
    expect(changes.map(({ file, ...change }) => [file, change.commit, change.isEdited])).toEqual([
      [one.file, commit, undefined],
      [two.file, commit, true],
    ]);
    // The age of a commit says nothing of an edit that it has not brought.
    expect(changes.map(({ committedAtMs }) => committedAtMs)).toEqual([1.79e12, null]);
    // Of a file that is not written nobody asks, since that reads it.
    expect(asked).toEqual([one.file, two.file]);
  });

  test('is sorted by file, whatever the ids', () => {
    const desired = [
      documentOf(1, {}, 'b.yaml'),
      documentOf(2, {}, 'a.yaml'),
      documentOf(3, {}, 'B.yaml'),
    ];
    const { changes } = makePlan(viewsOf({ desired }), changed);
    expect(changes.map(({ file }) => file)).toEqual(['B.yaml', 'a.yaml', 'b.yaml']);
  });

  test('takes a renamed file for the same widget', () => {
    const moved = { ...one, file: 'elsewhere/one.yaml' };
    const plan = makePlan(viewsOf({ desired: [moved], records: [recordOf(one)] }), changed);
    expect(plan).toMatchObject({ changes: [], orphaned: [], unchanged: [moved] });
  });

  test('sends every document when asked to, with the reason it would have anyway', () => {
    const records = [recordOf(one), recordOf(documentOf(2, {}))];
    const views = viewsOf({ desired: [one, two, documentOf(3, {})], held: [heldOf(4)], records });
    const { changes } = makePlan(views, all);
    expect(changes.map(({ reason }) => reason)).toEqual(['forced', 'edited', 'new']);
    expect(changes[0]?.fields).toEqual([]);
  });
});

describe('with what is live, a plan', () => {
  const three = documentOf(3, { name: 'three' });

  test('adopts what is as declared already, and writes nothing', () => {
    const live = accountOf([
      [1, { name: 'one', bubble_text: 'Hi' }],
      [2, { name: 'two' }],
    ]);
    const plan = makePlan(viewsOf({ desired: [one, two], live }), changed);
    expect(plan).toMatchObject({ changes: [], unchanged: [], requests: { list: 1, put: 0 } });
    const unrecorded = { echo: null, applied: null };
    const [first, second] = [idOf(1), idOf(2)].map((id) => live.widgets.get(id));
    expect(plan.adopted).toEqual([
      { widgetId: idOf(1), file: 'w1.yaml', document: one, ...unrecorded, live: first },
      { widgetId: idOf(2), file: 'w2.yaml', document: two, ...unrecorded, live: second },
    ]);
  });

  test('carries what a write needs: what is live, what is reset, what is ignored', () => {
    const document = ignoring(one, '/bubble_text');
    const body = { name: 'other', bubble_text: 'Hi', header_color: '#fff' };
    const views = viewsOf({
      desired: [document],
      records: [recordOf(documentOf(1, { name: 'was', header_color: '#fff' }))],
      live: accountOf([[1, body]]),
    });
    expect(makePlan(views, changed).changes).toMatchObject([
      { base: { body }, resets: { header_color: null }, sync: { ignore: ['/bubble_text'] } },
    ]);
  });

  test('holds a widget that the account does not have, also when everything is sent', () => {
    const live = accountOf([[1, 'absent']]);
    const plan = makePlan(viewsOf({ desired: [one], records: [recordOf(one)], live }), all);
    expect(plan).toMatchObject({ changes: [], orphaned: [], unmanaged: 0 });
    expect(plan.held).toMatchObject([
      { widgetId: idOf(1), file: 'w1.yaml', code: 'not-in-account' },
    ]);
    expect(plan.held[0]?.message).toContain('check widget_id');
  });

  interface Ignored {
    readonly declares: JsonObject;
    readonly declared?: JsonObject;
    readonly ignore: readonly string[];
    /** Not known where it is not said; where the account cannot be read, unless it is `unread`. */
    readonly live?: JsonObject | 'unread';
    readonly held: boolean;
  }

  const mood = { style_params: { mood: 'calm' } };
  test.each<[string, Ignored]>([
    [
      'holds it',
      { declares: { style_params: { mood: 'gay' } }, ignore: ['/style_params/theirs'], held: true },
    ],
    [
      'holds it where the whole field would be set back',
      { declares: {}, ignore: ['/style_params/theirs'], held: true },
    ],
    [
      'holds it where nothing was ever applied',
      { declared: {}, declares: mood, ignore: ['/style_params/theirs'], held: true },
    ],
    [
      'writes it where that is known',
      {
        declares: { style_params: { mood: 'gay' } },
        ignore: ['/style_params/theirs'],
        live: { style_params: { mood: 'calm', theirs: 1 } },
        held: false,
      },
    ],
    [
      'writes it where only this read failed: it is read again first',
      {
        declares: { style_params: { mood: 'gay' } },
        ignore: ['/style_params/theirs'],
        live: 'unread',
        held: false,
      },
    ],
    [
      'writes it where the whole field is ignored, and not sent',
      {
        declares: { style_params: {}, name: 'x' },
        ignore: ['/style_params', '/style_params/theirs'],
        held: false,
      },
    ],
    [
      'writes it where the field is not sent',
      { declares: { ...mood, name: 'x' }, ignore: ['/attributes/theirs'], held: false },
    ],
    [
      'leaves it where there is nothing to write',
      { declares: mood, ignore: ['/style_params/theirs'], held: false },
    ],
  ])('that would write over what is ignored within a field %s', (_, ignored) => {
    const { declares, declared = mood, ignore, live, held } = ignored;
    const document = ignoring(documentOf(1, declares), ...ignore);
    const records = Object.keys(declared).length === 0 ? [] : [recordOf(documentOf(1, declared))];
    const unknown = live === 'unread' ? nothingLive : blindView;
    const account = typeof live === 'object' ? accountOf([[1, live]]) : unknown;
    const plan = makePlan(viewsOf({ desired: [document], records, live: account }), changed);
    expect(plan.held.map(({ code }) => code)).toEqual(held ? ['ignored-unread'] : []);
    expect(plan.changes).toHaveLength(held || declares === mood ? 0 : 1);
    if (held) expect(plan.held[0]?.message).toContain(`leaves ${ignore[0]} to the dashboard`);
  });

  interface InList {
    readonly declares: JsonObject;
    readonly declared?: JsonObject | null;
    /** Not read where it is not said. */
    readonly live?: JsonObject;
    readonly pointer: string;
    /** What is to be ignored whole; absent where nothing is held. */
    readonly held?: string;
  }

  const messages = { user_opening_messages: ['a', 'b'] };
  test.each<[string, InList]>([
    [
      'of the file that differs',
      {
        declares: messages,
        declared: null,
        live: { user_opening_messages: ['x', 'b'] },
        pointer: '/user_opening_messages/0',
        held: '/user_opening_messages',
      },
    ],
    [
      'of the file that the live widget lacks',
      {
        declares: messages,
        declared: null,
        live: {},
        pointer: '/user_opening_messages/0',
        held: '/user_opening_messages',
      },
    ],
    [
      'of the file that was edited, live unknown',
      {
        declares: messages,
        declared: { user_opening_messages: ['a'] },
        pointer: '/user_opening_messages/-',
        held: '/user_opening_messages',
      },
    ],
    [
      'of the live widget where git declares something else',
      {
        declares: { style_params: { l: { 0: 'x', b: 2 } } },
        live: { style_params: { l: ['y'] } },
        pointer: '/style_params/l/0',
        held: '/style_params/l',
      },
    ],
    [
      'within a field that is null in the live widget',
      {
        declares: { style_params: { l: ['y'] } },
        declared: null,
        live: { style_params: null },
        pointer: '/style_params/l/0',
        held: '/style_params/l',
      },
    ],
    [
      'that is as git declares',
      { declares: messages, declared: null, live: messages, pointer: '/user_opening_messages/0' },
    ],
    [
      'of the live widget that git says nothing of',
      {
        declares: { style_params: { a: 2 } },
        live: { style_params: { a: 1, l: ['y'] } },
        pointer: '/style_params/l/0',
      },
    ],
  ])('holds what would write over a place in a list %s', (_, given) => {
    const { declares, declared = declares, live, pointer, held } = given;
    const document = ignoring(documentOf(1, declares), pointer);
    const records = declared === null ? [] : [recordOf(documentOf(1, declared))];
    const account = live === undefined ? nothingLive : accountOf([[1, live]]);
    const plan = makePlan(viewsOf({ desired: [document], records, live: account }), changed);
    expect(plan.held.map(({ code }) => code)).toEqual(
      held === undefined ? [] : ['ignored-in-list'],
    );
    if (held === undefined) return;
    expect(plan).toMatchObject({ changes: [], adopted: [] });
    expect(plan.held[0]?.message).toContain(`leaves ${pointer} to the dashboard`);
    expect(plan.held[0]?.message).toContain(`ignore it whole (${held})`);
  });

  test('reports drift that is not to be corrected, beside what is unchanged', () => {
    const live = accountOf([
      [1, { name: 'elsewhere' }],
      [2, { name: 'two' }],
    ]);
    const views = viewsOf({ desired: [one, two], records: [one, two].map(recordOf), live });
    const plan = makePlan(views, { ...changed, drift: 'report' });
    expect(plan).toMatchObject({ changes: [], unchanged: [two] });
    expect(plan.drifted).toEqual([
      {
        widgetId: idOf(1),
        file: 'w1.yaml',
        why: 'policy',
        untilMs: null,
        fields: [{ path: '/name', from: 'elsewhere', to: 'one', by: 'dashboard', released: false }],
      },
    ]);
  });

  test('names what is ignored only where it differs', () => {
    const live = accountOf([
      [1, { name: 'elsewhere' }],
      [2, { name: 'two' }],
    ]);
    const desired = [one, two].map((document) => ignoring(document, '/name'));
    const plan = makePlan(viewsOf({ desired, records: desired.map(recordOf), live }), changed);
    expect(plan.changes).toEqual([]);
    expect(plan.ignored).toEqual([{ widgetId: idOf(1), file: 'w1.yaml', paths: ['/name'] }]);
  });

  test('counts the live widgets that neither a file nor a record knows', () => {
    const live = { ...accountOf([1, 2, 3, 4].map((n) => [n, {}])), total: 9 };
    const views = viewsOf({ desired: [one], held: [heldOf(2)], records: [recordOf(three)], live });
    expect(makePlan(views, changed).unmanaged).toBe(6);
    expect(makePlan({ ...views, live: { ...live, total: 2 } }, changed).unmanaged).toBe(0);
    expect(makePlan({ ...views, live: { ...live, total: null } }, changed).unmanaged).toBeNull();
  });
});

describe('a widget without a usable file', () => {
  test('is orphaned when there is no file at all', () => {
    const plan = makePlan(viewsOf({ records: [recordOf(one)] }), all);
    expect(plan).toMatchObject({ changes: [], orphaned: [{ widgetId: idOf(1), file: 'w1.yaml' }] });
  });

  test('is said to be gone once where the account lacks it too, and then no longer', () => {
    const lacking = accountOf([[1, 'absent']]);
    const found = makePlan(viewsOf({ records: [recordOf(one)], live: lacking }), changed);
    expect(found).toMatchObject({ orphaned: [], gone: [{ widgetId: idOf(1), file: 'w1.yaml' }] });
    const records = [{ ...recordOf(one), isGone: true } as const];
    for (const live of [lacking, nothingLive]) {
      expect(makePlan(viewsOf({ records, live }), changed)).toMatchObject({
        orphaned: [],
        gone: [],
      });
    }
    const back = accountOf([[1, { widget_type: 'chat' }]]);
    expect(makePlan(viewsOf({ records, live: back }), changed)).toMatchObject({
      orphaned: [{ widgetId: idOf(1) }],
      gone: [],
    });
  });

  test('is held, not orphaned, when its file is', () => {
    const plan = makePlan(
      viewsOf({ held: [heldOf(1, 'moved.yaml')], records: [recordOf(one)] }),
      all,
    );
    expect(plan).toMatchObject({ changes: [], orphaned: [], held: [{ widgetId: idOf(1) }] });
  });

  test('is held when the file it was applied from is too broken to say its id', () => {
    const plan = makePlan(
      viewsOf({ held: [heldOf(null, 'w1.yaml')], records: [recordOf(one)] }),
      all,
    );
    expect(plan).toMatchObject({ orphaned: [], held: [{ file: 'w1.yaml', widgetId: idOf(1) }] });
  });

  test('is not mistaken for one that moved to another file', () => {
    const moved = { ...one, file: 'moved.yaml' };
    const views = viewsOf({
      desired: [moved],
      held: [heldOf(null, 'w1.yaml')],
      records: [recordOf(one)],
    });
    const plan = makePlan(views, changed);
    expect(plan.held).toEqual([heldOf(null, 'w1.yaml')]);
    expect(plan.unchanged).toEqual([moved]);
  });

  test('of several applied from one broken file, the last is held and the others orphaned', () => {
    const records = [1, 2, 3].map((n) => ({
      ...recordOf(documentOf(n, {}, 'shared.yaml')),
      appliedAt: new Date(`2026-03-0${n === 2 ? 9 : n}`),
    }));
    const plan = makePlan(viewsOf({ held: [heldOf(null, 'shared.yaml')], records }), changed);
    expect(plan.held.map(({ widgetId }) => widgetId)).toEqual([idOf(2)]);
    expect(plan.orphaned.map(({ widgetId }) => widgetId)).toEqual([idOf(1), idOf(3)]);
  });
});

describe('the checksum', () => {
  const base = viewsOf({
    desired: [one],
    held: [heldOf(2)],
    records: [recordOf(documentOf(3, {}))],
  });
  const otherwise = accountOf([[1, { name: 'other' }]]);
  const checksumOf = (views: Views) => makePlan(views, changed).checksum;

  test('does not depend on the revision', () => {
    expect(checksumOf({ ...base, revision: 'abc' })).toBe(checksumOf(base));
  });

  test('does not depend on when and at what cost live was read', () => {
    const live = accountOf([[1, { name: 'other' }]]);
    const widgets = new Map([[idOf(1), liveOf({ name: 'other' }, nowMs - 5)]]);
    const later = { widgets, total: 7, requests: { list: 0, get: 1 } };
    expect(checksumOf({ ...base, live: later })).toBe(checksumOf({ ...base, live }));
  });

  test('tells drift that is reported from none', () => {
    const views = { ...base, applied: new Map([[idOf(1), recordOf(one)]]) };
    const report = (live: Views['live']) =>
      makePlan({ ...views, live }, { ...changed, drift: 'report' }).checksum;
    expect(report(otherwise)).not.toBe(report(accountOf([[1, { name: 'one' }]])));
  });

  test.each<[string, Partial<Views>]>([
    ['another body', { desired: [documentOf(1, { name: 'other' })] }],
    ['another file', { desired: [{ ...one, file: 'x.yaml' }] }],
    ['nothing held', { held: [] }],
    ['held for another reason', { held: [{ ...heldOf(2), code: 'suspended' }] }],
    ['nothing orphaned', { applied: new Map() }],
    ['that something is adopted', { live: accountOf([[1, { name: 'one' }]]) }],
    ['who changed a field', { applied: new Map([[idOf(1), recordOf(one)]]), live: otherwise }],
    ['that a value is ignored', { desired: [ignoring(one, '/name')], live: otherwise }],
    ['other fields changed', { applied: new Map([[idOf(1), recordOf(documentOf(1, {}))]]) }],
  ])('tells %s', (_, parts) => {
    expect(checksumOf({ ...base, ...parts })).not.toBe(checksumOf(base));
  });
});

describe('whatever the views', () => {
  const policies = fc.constantFrom(changed, all, { ...changed, drift: 'report' } as const);

  law.prop([anyViews])(
    'after everything is recorded there is nothing to change while live is unknown',
    (views) => {
      const unread = { ...views, live: nothingLive };
      const applied = new Map(views.applied);
      for (const change of makePlan(unread, changed).changes) {
        applied.set(change.widgetId, recordOf(change));
      }
      expect(makePlan({ ...unread, applied }, changed).changes).toEqual([]);
    },
  );

  law.prop([anyViews, policies])('their order does not matter', (views, policy) => {
    const reversed: Views = {
      ...views,
      desired: views.desired.toReversed(),
      held: views.held.toReversed(),
      applied: new Map([...views.applied].toReversed()),
      live: { ...views.live, widgets: new Map([...views.live.widgets].toReversed()) },
    };
    expect(makePlan(reversed, policy)).toEqual(makePlan(views, policy));
  });

  law.prop([anyViews, policies])(
    'every widget has one fate, and is counted once',
    (views, policy) => {
      const plan = makePlan(views, policy);
      const { update, adopt, unchanged, held, orphaned, drifted, total } = summarizePlan(plan);
      expect(update + adopt + unchanged + held + orphaned + drifted).toBe(total);
      const missing = plan.held.filter(({ code }) => code === 'not-in-account').length;
      expect(update + adopt + unchanged + drifted + missing).toBe(views.desired.length);
      expect(held).toBe(views.held.length + missing);
      expect(plan.requests.put).toBe(update);
    },
  );
});

describe('what cannot be handled of one widget', () => {
  const desired = [1, 2, 3].map((n) => documentOf(n, { widget_type: 'chat', name: `is ${n}` }));

  test('holds it where too little can be read of it, whatever the file says', () => {
    const { live } = viewsOf({
      live: accountOf([
        [1, {}],
        [3, {}],
      ]),
    });
    const widgets = new Map<WidgetId, LiveState>([
      ...live.widgets,
      [idOf(2), { unusable: 'it nests too deeply', readAtMs: nowMs }],
    ]);
    const document = desired[1];
    const records = document === undefined ? [] : [recordOf(document)];
    for (const policy of [changed, all]) {
      const plan = makePlan(viewsOf({ desired, records, live: { ...live, widgets } }), policy);
      expect(plan.changes.map(({ file }) => file)).toEqual(['w1.yaml', 'w3.yaml']);
      expect(plan.held).toEqual([
        {
          widgetId: idOf(2),
          file: 'w2.yaml',
          code: 'live-too-deep',
          message: 'it nests too deeply',
        },
      ]);
      expect(plan.bugs).toEqual([]);
    }
  });

  test('holds it where planning it meets a bug, which is told', () => {
    const bug = new RangeError('Maximum call stack size exceeded');
    const body: JsonObject = {
      get name(): string {
        throw bug;
      },
    };
    const account = accountOf([
      [1, {}],
      [2, body],
      [3, {}],
    ]);
    const plan = makePlan(viewsOf({ desired, live: account }), changed);
    expect(plan.changes.map(({ file }) => file)).toEqual(['w1.yaml', 'w3.yaml']);
    expect(plan.held).toMatchObject([
      {
        widgetId: idOf(2),
        code: 'unexpected-error',
        message: expect.stringContaining(bug.message),
      },
    ]);
    expect(plan.bugs).toEqual([{ widgetId: idOf(2), file: 'w2.yaml', error: bug }]);
  });
});

test('ten thousand widgets are planned and rendered without quadratic work', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => n);
  const records = ids.map((n) => recordOf(documentOf(n, { name: `was ${n}` })));
  const desired = ids.slice(0, 5_000).map((n) => documentOf(n, { name: `is ${n}` }));
  const held = ids.slice(5_000, 7_500).map((n) => heldOf(null, `w${n}.yaml`));
  const plan = makePlan(viewsOf({ desired, held, records }), changed);
  expect(summarizePlan(plan)).toMatchObject({
    update: 5_000,
    held: 2_500,
    orphaned: 2_500,
  });
  expect(
    renderPlan(plan, { colour: false, directory: 'widgets', rate }).split('\n').length,
  ).toBeGreaterThan(15_000);
}, 20_000);
