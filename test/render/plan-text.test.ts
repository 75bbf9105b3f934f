import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { printable } from '../../src/base/text.ts';
import type { Policy, Views } from '../../src/model/plan.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { renderPlan } from '../../src/render/plan-text.ts';
import {
  accountOf,
  changed,
  documentOf,
  heldOf,
  ignoring,
  recordOf,
  viewsOf,
} from '../plan/fixtures.ts';
import { unconfirmed } from '../support/trails.ts';

const rate = { limit: 5, windowMs: 1000 };

function plain(views: Views, policy: Policy = changed): string {
  return renderPlan(makePlan(views, policy), { colour: false, directory: 'widgets', rate });
}

/** An edit of one widget, without the line of its file and the summary. */
function fieldLines(before: JsonObject, after: JsonObject): string {
  const records = [recordOf(documentOf(1, before))];
  return plain(viewsOf({ desired: [documentOf(1, after)], records }))
    .split('\n')
    .slice(1, -4)
    .join('\n');
}

const everything = viewsOf({
  desired: [
    documentOf(
      1,
      { widget_type: 'chat', display_name: 'Ava', attributes: { lang: 'en' } },
      'acme/chat.yaml',
    ),
    documentOf(
      2,
      { display_name: 'Ben', bubble_text: 'Hello', style_params: { size: 2 } },
      'acme/sms.yaml',
    ),
    documentOf(3, { name: 'sent twice' }, 'phone.yaml'),
    documentOf(4, { name: 'as it was' }, 'web.yaml'),
  ],
  held: [
    heldOf(5, 'broken.yaml'),
    { ...heldOf(null, 'worse.yaml'), message: 'line 1\n\u001b[2Jgone' },
  ],
  records: [
    recordOf(
      documentOf(2, { display_name: 'Benno', header_color: '#fff', style_params: { size: 1 } }),
    ),
    { ...recordOf(documentOf(3, { name: 'sent twice' })), trail: unconfirmed() },
    recordOf(documentOf(4, { name: 'as it was' })),
    recordOf(documentOf(6, {}, 'acme/old.yaml')),
  ],
});

/** A widget of every fate that only what is live can give it. */
const liveWorld: Views = viewsOf({
  desired: [
    documentOf(1, { header_color: '#222', name: 'Ava', display_name: 'A\nB\n' }, 'edited.yaml'),
    documentOf(2, { header_color: '#222', style_params: { size: 1 } }, 'drifted.yaml'),
    documentOf(3, { name: 'same' }, 'adopted.yaml'),
    ignoring(documentOf(4, { name: 'x', style_params: { w: 1 } }), '/name', '/style_params/w'),
    documentOf(5, { name: 'gone' }, 'gone.yaml'),
    documentOf(6, { name: 'ours' }, 'fought.yaml'),
  ],
  records: [
    recordOf(
      documentOf(1, { header_color: '#111', name: 'Eva', bubble_text: 'Hi', description: 'd' }),
    ),
    recordOf(documentOf(2, { header_color: '#222', style_params: { size: 1 } })),
    recordOf(documentOf(4, { name: 'x', style_params: { w: 1 } })),
    { ...recordOf(documentOf(6, { name: 'ours' })), corrections: 5 },
  ],
  live: {
    ...accountOf([
      [
        1,
        {
          header_color: '#111',
          name: 'Eve',
          display_name: 'A\nC\n',
          bubble_text: 'Hi',
          description: 'e',
        },
      ],
      [2, { header_color: '#333', style_params: { dark: true } }],
      [3, { name: 'same' }],
      [4, { name: 'y', style_params: { w: 2 } }],
      [5, 'absent'],
      [6, { name: 'theirs' }],
    ]),
    total: 12,
  },
});

describe('a plan for people', () => {
  test('in a log', () => {
    expect(plain(everything)).toMatchInlineSnapshot(`
      "~ widgets/acme/chat.yaml  00000001  new: nothing recorded of it yet, 3 fields
          + attributes    {"lang":"en"}
          + display_name  "Ava"
          + widget_type   "chat"

      ~ widgets/acme/sms.yaml   00000002  edited: 4 fields changed
          + bubble_text        "Hello"
          ~ display_name       "Benno" → "Ben"
          × header_color       "#fff" → null  (released)
          ~ style_params.size  1 → 2

      ≠ widgets/phone.yaml      00000003  drifted: the widget may not be as declared

      ! widgets/broken.yaml     00000005  held (yaml-syntax): not YAML
      ! widgets/worse.yaml      unknown   held (yaml-syntax): line 1\\u000a\\u001b[2Jgone

      ? widgets/acme/old.yaml   00000006  orphaned: applied once, no file now
        Nothing is deleted: an orphaned widget stays as it is.

      Plan: 3 to update, 2 held, 1 orphaned, 1 unchanged (7 widgets)
      Visible to visitors: 2 widgets, 3 parts (header, bubble card)
      Cost: 3 put requests, less than 1 s at 5/s"
    `);
  });

  test('on a terminal', () => {
    const text = renderPlan(makePlan(everything, changed), {
      colour: true,
      directory: './widgets/',
      rate,
    });
    expect(text.replaceAll('\u001b', '␛')).toMatchInlineSnapshot(`
      "␛[33m~␛[39m ␛[1m./widgets/acme/chat.yaml␛[22m  ␛[2m00000001␛[22m  new: nothing recorded of it yet, 3 fields
          ␛[32m+␛[39m attributes    ␛[32m{"lang":"en"}␛[39m
          ␛[32m+␛[39m display_name  ␛[32m"Ava"␛[39m
          ␛[32m+␛[39m widget_type   ␛[32m"chat"␛[39m

      ␛[33m~␛[39m ␛[1m./widgets/acme/sms.yaml␛[22m   ␛[2m00000002␛[22m  edited: 4 fields changed
          ␛[32m+␛[39m bubble_text        ␛[32m"Hello"␛[39m
          ␛[33m~␛[39m display_name       ␛[31m"Benno"␛[39m ␛[2m→␛[22m ␛[32m"Ben"␛[39m
          ␛[35m×␛[39m header_color       ␛[31m"#fff"␛[39m ␛[2m→␛[22m ␛[32mnull␛[39m  ␛[2m(released)␛[22m
          ␛[33m~␛[39m style_params.size  ␛[31m1␛[39m ␛[2m→␛[22m ␛[32m2␛[39m

      ␛[33m≠␛[39m ␛[1m./widgets/phone.yaml␛[22m      ␛[2m00000003␛[22m  drifted: the widget may not be as declared

      ␛[33m!␛[39m ␛[1m./widgets/broken.yaml␛[22m     ␛[2m00000005␛[22m  held (yaml-syntax): not YAML
      ␛[33m!␛[39m ␛[1m./widgets/worse.yaml␛[22m      ␛[2munknown ␛[22m  held (yaml-syntax): line 1\\u000a\\u001b[2Jgone

      ␛[35m?␛[39m ␛[1m./widgets/acme/old.yaml␛[22m   ␛[2m00000006␛[22m  orphaned: applied once, no file now
      ␛[2m  Nothing is deleted: an orphaned widget stays as it is.␛[22m

      ␛[1mPlan:␛[22m 3 to update, 2 held, 1 orphaned, 1 unchanged (7 widgets)
      Visible to visitors: 2 widgets, 3 parts (header, bubble card)
      ␛[2mCost: 3 put requests, less than 1 s at 5/s␛[22m"
    `);
  });

  test('with what is live says who changed what, and what stays as it is', () => {
    expect(plain(liveWorld)).toMatchInlineSnapshot(`
      "≠ widgets/drifted.yaml  00000002  drifted: 3 fields to set back
          ~ header_color       "#333" → "#222"  (changed in the dashboard)
          - style_params.dark  true  (added in the dashboard)
          + style_params.size  1  (removed in the dashboard)

      ~ widgets/edited.yaml   00000001  edited: 5 fields changed, 2 of them in the dashboard too
          × bubble_text   "Hi" → null  (released)
          × description   "e" → null  (released; changed in the dashboard too)
          ~ display_name
                A
              - C
              + B
          ~ header_color  "#111" → "#222"
          ~ name          "Eve" → "Ava"  (changed in git and in the dashboard; git wins)

      = widgets/adopted.yaml  00000003  adopt: is as git declares

      ≠ widgets/fought.yaml   00000006  fought over: 1 field changed in the dashboard again, not corrected before 2026-03-01T09:20:00Z
          ~ name  "theirs" → "ours"  (changed in the dashboard)

      · widgets/w4.yaml       00000004  ignored as the file says: name, style_params.w

      ! widgets/gone.yaml     00000005  held (not-in-account): the account has no widget with this id: check widget_id and the API key, or create the widget in the dashboard

      Plan: 2 to update, 1 to adopt, 1 drifted (left so), 1 held, 1 unchanged, 7 more unmanaged (6 widgets)
      Visible to visitors: 2 widgets, 3 parts (header, bubble card)
      Cost: 1 list and 2 put requests, less than 1 s at 5/s"
    `);
  });

  test('says what the API keeps otherwise, and does not count it as git declares it', () => {
    const spec = { name: 'Ava', header_color: '#FFF', style_params: { dark: true } };
    const desired = [documentOf(1, spec), documentOf(2, { name: 'Ben' })];
    const [ava, ben] = desired.map(recordOf);
    if (ava === undefined || ben === undefined) throw new Error('there are two');
    const echo = { name: 'ava', header_color: 'red', style_params: {} };
    const views = viewsOf({ desired, records: [{ ...ava, echo, spelling: 'read' }, ben] });
    expect(plain(views)).toMatchInlineSnapshot(`
      "≈ widgets/w1.yaml  00000001  the API keeps 3 fields otherwise than sent, since 2026-03-01T08:00:00Z
          ~ header_color       "#FFF" → "red"
          ~ name               "Ava" → "ava"  (another spelling, as two reads have shown)
          - style_params.dark  true

      No changes. 1 widget is as git declares it, 1 kept otherwise by the API.
      Cost: no requests"
    `);
    expect(planJson(makePlan(views, changed), rate).kept).toEqual([
      {
        widget_id: ava.widgetId,
        file: 'w1.yaml',
        since: '2026-03-01T08:00:00.000Z',
        fields: [
          { path: '/header_color', sent: '#FFF', kept: 'red' },
          { path: '/name', sent: 'Ava', kept: 'ava', spelling: true },
          { path: '/style_params/dark', sent: true },
        ],
      },
    ]);
    expect(plain({ ...views, desired: desired.slice(0, 1) })).toContain(
      'No changes. 1 kept otherwise by the API, 1 orphaned.',
    );
  });

  test('with drift to report says so, and writes none of it', () => {
    const text = plain(liveWorld, { ...changed, drift: 'report' });
    expect(text.split('\n\n').slice(2, 3)).toMatchInlineSnapshot(`
      [
        "≠ widgets/drifted.yaml  00000002  drifted: 3 fields changed in the dashboard, only reported
          ~ header_color       "#333" → "#222"  (changed in the dashboard)
          - style_params.dark  true  (added in the dashboard)
          + style_params.size  1  (removed in the dashboard)
      ≠ widgets/fought.yaml   00000006  drifted: 1 field changed in the dashboard, only reported
          ~ name  "theirs" → "ours"  (changed in the dashboard)",
      ]
    `);
  });

  test('says of what no file ever declared that it is set in the dashboard, and goes', () => {
    const desired = [documentOf(1, { name: 'Ava', attributes: { k: 'v' } })];
    const live = accountOf([[1, { name: 'Ava', attributes: { x: 1 } }]]);
    const theirs = 'set in the dashboard; removed, git declares the whole object';
    const never = viewsOf({ desired, live });
    expect(plain(never)).toContain(`    - attributes.x  1  (${theirs})\n`);
    const otherwise = recordOf(documentOf(1, { name: 'Ava' }));
    expect(plain({ ...never, applied: new Map([[otherwise.widgetId, otherwise]]) })).toContain(
      `    - attributes.x  1  (${theirs})\n`,
    );
    const fields = planJson(makePlan(never, changed), rate).changes[0]?.fields;
    expect(fields).toEqual([
      { path: '/attributes/k', to: 'v', by: 'git' },
      { path: '/attributes/x', from: 1, by: 'git', never_declared: true },
    ]);
    const declared = recordOf(documentOf(1, { name: 'Ava', attributes: { x: 1 } }));
    expect(plain({ ...never, applied: new Map([[declared.widgetId, declared]]) })).toContain(
      '    - attributes.x  1  (no longer declared)\n',
    );
  });

  test('says of a write in which no field differs why it is made', () => {
    const records = [recordOf(documentOf(1, { name: 'Eva' }))];
    const plan = makePlan(viewsOf({ desired: [documentOf(1, { name: 'Ava' })], records }), changed);
    const changes = plan.changes.map((change) => ({ ...change, fields: [] }));
    const text = renderPlan({ ...plan, changes }, { colour: false, directory: 'widgets', rate });
    expect(text).toMatch(/ edited: sent again, the last write may not be visible yet\n/);
  });

  test('of a full resync has one line a widget', () => {
    const desired = Array.from({ length: 1_000 }, (_, n) => documentOf(n, { name: 'x' }));
    const lines = plain(viewsOf({ desired, records: desired.map(recordOf) }), {
      ...changed,
      send: 'all',
    }).split('\n');
    expect(lines).toHaveLength(1_004);
    expect(lines[7]).toBe('↻ widgets/w104.yaml  00000104  forced: unchanged, sent again');
    expect(lines.at(-3)).toBe('Plan: 1000 to update');
    expect(lines.at(-2)).toBe('Visible to visitors: nothing');
  });

  test.each<[string, Partial<Parameters<typeof viewsOf>[0]>, string]>([
    ['no widgets', {}, 'No changes. 0 widgets are as git declares them.'],
    [
      'one widget',
      { desired: [documentOf(1, {})], records: [recordOf(documentOf(1, {}))] },
      'No changes. 1 widget is as git declares it.',
    ],
    [
      'nothing to do beside what is held and orphaned',
      { held: [heldOf(3)], records: [recordOf(documentOf(1, {}))] },
      'No changes. 1 held, 1 orphaned.',
    ],
  ])('ends with a summary: %s', (_, parts, line) => {
    expect(plain(viewsOf(parts)).split('\n').at(-2)).toBe(line);
  });
});

describe('a field', () => {
  const long = `${'Welcome to the shop. '.repeat(8)}We open at nine. ${'See you soon. '.repeat(8)}`;

  test('with a long text shows each difference and how much is equal', () => {
    const edited = long.replace('nine', 'ten').replace(/soon\. $/, 'today.');
    expect(fieldLines({ intro_message: long }, { intro_message: edited })).toMatchInlineSnapshot(`
      "    ~ intro_message
              … 155 equal characters …
              - to the shop. We open at nine. See you soon. See you soon
              + to the shop. We open at ten. See you soon. See you soon
              … 52 equal characters …
              - "soon. See you soon. See you soon. "
              + "soon. See you soon. See you today.""
    `);
  });

  test('with a text of several lines shows the lines that differ', () => {
    const before = 'Ask for:\n- the order\n- the name\n\nBe kind.\n';
    const after = 'Ask for:\n- the number\n- the name\n- the date\n\nBe kind.\n';
    expect(fieldLines({ description: before }, { description: after })).toMatchInlineSnapshot(`
      "    ~ description
                Ask for:
              - - the order
              + - the number
                - the name
              + - the date
              
                Be kind."
    `);
  });

  test('declared with very many lines is shown whole', () => {
    const description = Array.from({ length: 12 }, (_, n) => `line ${n + 1}`).join('\n');
    expect(fieldLines({}, { description })).toMatchInlineSnapshot(`
      "    + description
                line 1
                line 2
                line 3
                line 4
                line 5
                line 6
                line 7
                line 8
                line 9
                line 10
                line 11
                line 12"
    `);
  });

  test('that differs only by a newline at its end shows it', () => {
    expect(fieldLines({ name: 'Ava' }, { name: 'Ava\n' })).toBe('    ~ name  "Ava" → "Ava\\n"');
  });

  test('under keys that are no words is quoted', () => {
    expect(fieldLines({}, { attributes: { 'a/b': 1 } })).toBe('    + attributes  {"a/b":1}');
    expect(
      fieldLines({ attributes: { 'a.b': 1, c: 1 } }, { attributes: { 'a.b': null, c: 1 } }),
    ).toBe('    ~ attributes["a.b"]  1 → null');
  });

  test('cannot speak to the terminal or turn the text around', () => {
    const text = fieldLines({}, { 'k\u202e': 'v\u009b2J\nnext\u001b[2J' });
    for (const line of text.split('\n')) expect(printable(line)).toBe(line);
    expect(text).toContain('\\u001b[2J');
  });
});

test('a plan for programs', () => {
  const plan = makePlan({ ...everything, revision: 'abc123' }, changed);
  expect(JSON.stringify(planJson(plan, rate), null, 2)).toMatchInlineSnapshot(`
    "{
      "format_version": "1.0",
      "revision": "abc123",
      "checksum": "de637977750af57479e9373711ab81574fa19a02aee266ca10bb3284b36ba295",
      "changes": [
        {
          "widget_id": "00000001-0d44-4b50-8888-8dd25736052a",
          "file": "acme/chat.yaml",
          "action": "update",
          "reason": "new",
          "parts": [
            "header"
          ],
          "fields": [
            {
              "path": "/attributes",
              "to": {
                "lang": "en"
              },
              "by": "git"
            },
            {
              "path": "/display_name",
              "to": "Ava",
              "by": "git"
            },
            {
              "path": "/widget_type",
              "to": "chat",
              "by": "git"
            }
          ]
        },
        {
          "widget_id": "00000002-0d44-4b50-8888-8dd25736052a",
          "file": "acme/sms.yaml",
          "action": "update",
          "reason": "edited",
          "parts": [
            "bubble-card",
            "header"
          ],
          "fields": [
            {
              "path": "/bubble_text",
              "to": "Hello",
              "by": "git"
            },
            {
              "path": "/display_name",
              "from": "Benno",
              "to": "Ben",
              "by": "git"
            },
            {
              "path": "/header_color",
              "from": "#fff",
              "to": null,
              "by": "git",
              "released": true
            },
            {
              "path": "/style_params/size",
              "from": 1,
              "to": 2,
              "by": "git"
            }
          ]
        },
        {
          "widget_id": "00000003-0d44-4b50-8888-8dd25736052a",
          "file": "phone.yaml",
          "action": "update",
          "reason": "drifted",
          "parts": [],
          "fields": []
        }
      ],
      "adopted": [],
      "held": [
        {
          "widget_id": "00000005-0d44-4b50-8888-8dd25736052a",
          "file": "broken.yaml",
          "code": "yaml-syntax",
          "message": "not YAML"
        },
        {
          "widget_id": null,
          "file": "worse.yaml",
          "code": "yaml-syntax",
          "message": "line 1\\n\\u001b[2Jgone"
        }
      ],
      "orphaned": [
        {
          "widget_id": "00000006-0d44-4b50-8888-8dd25736052a",
          "file": "acme/old.yaml"
        }
      ],
      "gone": [],
      "drifted": [],
      "ignored": [],
      "vanished": [],
      "nothing_recorded": false,
      "kept": [],
      "unmanaged": null,
      "cost": {
        "list": 0,
        "get": 0,
        "put": 3,
        "seconds": 0
      },
      "visible": {
        "widgets": 2,
        "parts": 3
      },
      "summary": {
        "update": 3,
        "adopt": 0,
        "unchanged": 1,
        "held": 2,
        "orphaned": 1,
        "drifted": 0,
        "kept": 0,
        "total": 7
      }
    }"
  `);
});

test('a plan for programs names drift, what is ignored, what is unmanaged, and the cost', () => {
  const { drifted, ignored, unmanaged, cost, summary } = planJson(
    makePlan(liveWorld, changed),
    rate,
  );
  const seen = { drifted, ignored, unmanaged, cost, summary };
  expect(JSON.stringify(seen, null, 2)).toMatchInlineSnapshot(`
    "{
      "drifted": [
        {
          "widget_id": "00000006-0d44-4b50-8888-8dd25736052a",
          "file": "fought.yaml",
          "why": "fought-over",
          "until": "2026-03-01T09:20:00.000Z",
          "fields": [
            {
              "path": "/name",
              "from": "theirs",
              "to": "ours",
              "by": "dashboard"
            }
          ]
        }
      ],
      "ignored": [
        {
          "widget_id": "00000004-0d44-4b50-8888-8dd25736052a",
          "file": "w4.yaml",
          "paths": [
            "/name",
            "/style_params/w"
          ]
        }
      ],
      "unmanaged": 7,
      "cost": {
        "list": 1,
        "get": 0,
        "put": 2,
        "seconds": 0
      },
      "summary": {
        "update": 2,
        "adopt": 1,
        "unchanged": 1,
        "held": 1,
        "orphaned": 0,
        "drifted": 1,
        "kept": 0,
        "total": 6
      }
    }"
  `);
});
