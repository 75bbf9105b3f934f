// The checks of the chaos can fail: each is shown a past that it must complain about.
import { expect, test } from 'vitest';
import { checkEndings, checkHistory } from './daemon-checks.ts';
import type { Entry } from './journal.ts';
import { checkKeys } from './key-checks.ts';
import {
  afterFirst,
  files,
  first,
  id,
  past,
  read,
  releasing,
  second,
  seed,
  suffering,
  write,
} from './made-up-past.ts';
import { checkRequests } from './past-checks.ts';
import { checkBudget, overwrittenEdits } from './requests-checks.ts';
import { hashOf } from './settled-checks.ts';
import { longestStaleMs, stalestMs } from './stale-checks.ts';

test('an orderly past has nothing to complain about', () => {
  const orderly = past(
    read(900),
    write(1100, first.fields),
    write(2100, releasing, afterFirst),
    read(2200),
  );
  expect(checkRequests(orderly)).toEqual([]);
  expect(stalestMs(orderly)).toBe(0);
});

const person = (name: string) => ({ name });

test.each<[complaint: string, entries: Entry[]]>([
  ['4 requests in one second', [read(0), read(400), read(700), read(999)]],
  [
    'in flight together',
    [write(1100, first.fields), write(1105, first.fields, { ...seed, ...first.fields })],
  ],
  ['never in the tree', [write(1100, { ...first.fields, display_name: 'w0 v9' })]],
  ['never in the tree', [write(1100, { widget_type: 'chat' })]],
  ['not yet in the tree', [write(1900, second.fields)]],
  ['not as in the tree (bubble_text)', [write(1100, { ...first.fields, bubble_text: 'two' })]],
  [
    'an older body after a newer one',
    [write(2100, releasing), write(2200, first.fields, { ...seed, ...releasing })],
  ],
  // Nobody has read that name, or only another process, or only afterwards.
  ['set it: "named: seed 0" → "x"', [write(1100, { ...first.fields, ...person('x') })]],
  [
    'set it',
    [read(900, { ...seed, name: 'x' }, 7), write(1100, { ...first.fields, ...person('x') })],
  ],
  [
    'set it',
    [write(1100, { ...first.fields, ...person('x') }), read(1200, { ...seed, name: 'x' })],
  ],
  // A newer read of the same process has shown otherwise by then.
  [
    'set it',
    [
      read(900, { ...seed, name: 'x' }),
      read(1000),
      write(1100, { ...first.fields, ...person('x') }),
    ],
  ],
  // A read that was answered with half of its text has told nothing.
  [
    'set it',
    [
      suffering('truncated', read(1000, { ...seed, name: 'x' })),
      write(1100, { ...first.fields, ...person('x') }),
    ],
  ],
  // A field is emptied that no file had declared by then.
  ['does not declare intro_message', [write(1100, { ...first.fields, intro_message: null })]],
])('complains: %s', (complaint, entries) => {
  expect(checkRequests(past(...entries)).join('\n')).toContain(complaint);
});

test.each<[what: string, entries: Entry[]]>([
  ['a content that came back', [write(1100, first.fields), write(2100, releasing, afterFirst)]],
  [
    'a write that its client had given up',
    [write(2100, releasing), write(2200, first.fields, { ...seed, ...releasing }, true)],
  ],
  [
    'what was read before somebody changed it',
    [
      read(1000),
      write(1100, { ...first.fields, name: String(seed['name']) }, { ...seed, ...person('x') }),
    ],
  ],
])('does not complain of %s', (_, entries) => {
  expect(checkRequests(past(...entries))).toEqual([]);
});

test('an edit by hand that was overwritten is counted with its age', () => {
  const edited = { ...seed, ...person('x') };
  const overwriting = { ...first.fields, name: String(seed['name']) };
  const entries = [read(1000), write(1100, overwriting, edited)];
  const edits = [{ widgetId: id, fields: person('x'), atMs: 1070 }];
  expect(overwrittenEdits({ ...past(...entries), edits })).toEqual([30]);
});

test('a content that was sent after it had left the tree is measured, troubled time left out', () => {
  expect(stalestMs(past(write(2300, first.fields)))).toBe(300);
  const hanging = suffering('hang', { ...read(2100), shown: null });
  expect(stalestMs(past(hanging, write(2300, first.fields)))).toBe(100);
  const another = { ...hanging, daemon: 2 };
  expect(stalestMs(past(another, write(2300, first.fields)))).toBe(300);
});

test('a content that left the tree long ago is not sent any more', () => {
  const gone = [{ widgetId: id, spans: [...(files[0]?.spans ?? []).slice(0, 1), unusable] }];
  const late = { ...past(write(2001 + longestStaleMs, first.fields)), files: gone };
  expect(checkRequests(late)).toEqual([expect.stringContaining('gone from the tree')]);
  const prompt = { ...past(write(1999 + longestStaleMs, first.fields)), files: gone };
  expect(checkRequests(prompt)).toEqual([]);
});

const unusable = { content: null, fromMs: 2000, toMs: Number.POSITIVE_INFINITY };

test('a write that is sent again though nothing was wrong was given up, and arrives when it may', () => {
  const again = [write(1100, first.fields), write(1600, first.fields)];
  const others = [read(1200), read(1300)];
  expect(checkBudget(past(...again, ...others))).toEqual([]);
  const answered = [write(1100, first.fields), write(1600, releasing)];
  expect(checkBudget(past(...answered, ...others))).toHaveLength(1);
  const failed = again.map((entry) => suffering('reset', entry));
  expect(checkBudget(past(...failed, ...others))).toHaveLength(1);
});

test('the budget may be that of one run or of all', () => {
  const entries = [read(0), read(400), read(700), read(999, seed, 2)];
  expect(checkBudget(past(...entries), 'run')).toEqual([]);
  expect(checkBudget(past(...entries), 'state directory')).toEqual([
    'all runs started 4 requests in one second, 3 allowed',
  ]);
});

test('the budget is another one for runs that begin after a leap of the clock, and for no others', () => {
  const entries = [read(0), read(400), read(700), read(999, seed, 2)];
  const leap = (atMs: number, run: number) => ({ ...past(...entries), leaps: [{ atMs, run }] });
  expect(checkBudget(leap(800, 2))).toEqual([]);
  expect(checkBudget(leap(800, 1))).toHaveLength(1);
  const within = { ...leap(950, 2), entries: [...entries, read(900, seed, 2)] };
  expect(checkBudget(within)).toHaveLength(1);
});

const slow = (startedAtMs: number) => {
  const entry = read(startedAtMs);
  return { ...entry, request: { ...entry.request, endedAtMs: startedAtMs + 600 } };
};
const outage = { run: 1, fromMs: 10_000, toMs: 20_000 };

test.each<[what: string, entries: Entry[], complaints: number]>([
  ['two at a time', [slow(11_000), slow(11_300)], 1],
  ['one after the other', [slow(11_000), slow(11_700)], 0],
  ['one that was under way, and a try', [slow(9900), slow(10_300), slow(10_600)], 0],
  ['two of which one came once it was over', [slow(19_800), slow(20_100)], 0],
  ['two of another run', [slow(11_000), slow(11_300)].map((one) => ({ ...one, daemon: 2 })), 0],
])('while the service is down: %s', (_, entries, complaints) => {
  const found = checkRequests({ ...past(...entries), outages: [outage] });
  expect(found.filter((one) => one.includes('the service was down'))).toHaveLength(complaints);
});

test.each([
  ['as it is', 'refused key in-a/1+b'],
  ['in a URL', 'GET /widget?api_key=in-a%2F1%2Bb'],
  ['packed', `Basic ${Buffer.from('in-a/1+b: x').toString('base64')}`],
])('a key that stands anywhere is complained of: %s', (_, text) => {
  const traces = [
    { name: 'status.json', text: 'nothing' },
    { name: 'the log', text },
  ];
  expect(checkKeys(['in-a/0+b', 'in-a/1+b'], traces)).toEqual([
    'the key in-a/1+b stands in the log',
  ]);
});

const ending = { code: null, asked: 'kill', tookMs: 5, hasSpoken: true, stderr: '' } as const;

test.each([
  [{ ...ending, asked: null, code: 1, stderr: 'this is a bug' }, 'ended by itself with 1'],
  [{ ...ending, asked: null }, 'ended by itself with null'],
  [{ ...ending, asked: 'terminate', code: 1 } as const, 'ended with 1 on SIGTERM'],
  [{ ...ending, asked: 'terminate', code: 0, tookMs: 13_000 } as const, 'took 13000 ms to end'],
  [{ ...ending, stderr: 'oops' }, 'wrote to stderr: oops'],
])('complains of an end: %o', (one, complaint) => {
  expect(checkEndings([one], []).join('\n')).toContain(complaint);
});

test('ends that were asked for, or that a full disk explains, are none to complain about', () => {
  const full = { ...ending, asked: null, code: 1, stderr: 'no space is left (ENOSPC)' };
  const stopped = { ...ending, asked: 'terminate', code: 0 } as const;
  expect(checkEndings([ending, full, stopped], [])).toEqual([]);
  expect(checkEndings([], ['this is a bug'])).toHaveLength(1);
});

const line = `${JSON.stringify({ widget_id: id, hash: hashOf(first) })}\n`;

test('history tells each confirmed write once, and no other', () => {
  const entries = [write(1100, first.fields)];
  expect(checkHistory(line, entries, files)).toEqual([]);
  expect(checkHistory(line + line, entries, files)[0]).toContain('2 times, confirmed 1 times');
  expect(checkHistory(line, [], files)[0]).toContain('1 times, confirmed 0 times');
  expect(checkHistory(line.slice(0, 20), entries, files)[0]).toContain('torn');
  const answered = (status: number | null, fault: string) => {
    const { request, ...rest } = write(1100, first.fields);
    return [{ ...rest, request: { ...request, status, fault } }];
  };
  expect(checkHistory(line, answered(null, 'cut-body'), files)).toEqual([]);
  expect(checkHistory(line, answered(503, 'lost-answer'), files)).toHaveLength(1);
});
