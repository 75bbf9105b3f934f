import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { kindFields } from '../../../src/sandbox/faults/fault-fields.ts';
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import { parseFaults, readFaults } from '../../../src/sandbox/faults/read-faults.ts';
import { temporaryDirectory } from '../../support/command.ts';
import { widgetId } from '../../support/sandbox.ts';

function parse(...lines: string[]) {
  return parseFaults(lines.join('\n'), 'faults.yaml');
}

/** The rule of a file with one. */
function parseOne(rule: string) {
  return parse('faults:', `  - ${rule}`).rules[0];
}

function refusalOf(...lines: string[]): string {
  try {
    parse(...lines);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('the file was taken');
}

const every: [string, FaultRule][] = [
  ['{kind: delay, delay_ms: 200}', { kind: 'delay', delayMs: 200 }],
  ['{kind: delay, delay_ms: [0, 2000]}', { kind: 'delay', delayMs: [0, 2000] }],
  ['{kind: drip, byte_ms: 5}', { kind: 'drip', byteMs: 5 }],
  ['{kind: refuse, for_ms: 2000}', { kind: 'refuse', forMs: 2000 }],
  ['{kind: reset}', { kind: 'reset' }],
  ['{kind: cut-body}', { kind: 'cut-body' }],
  ['{kind: hang}', { kind: 'hang' }],
  ['{kind: status, status: 503}', { kind: 'status', status: 503 }],
  [
    '{kind: status, status: 429, retry_after_date: -60, body: empty}',
    { kind: 'status', status: 429, retryAfterDate: -60, body: 'empty' },
  ],
  ['{kind: limit, requests: 100, per_ms: 60000}', { kind: 'limit', requests: 100, perMs: 60_000 }],
  [
    '{kind: redirect, status: 307, to: "https://x.example"}',
    { kind: 'redirect', status: 307, to: 'https://x.example' },
  ],
  ['{kind: lost-answer}', { kind: 'lost-answer' }],
  ['{kind: lost-answer, status: 504}', { kind: 'lost-answer', status: 504 }],
  ['{kind: not-stored, echo: unchanged}', { kind: 'not-stored', echo: 'unchanged' }],
  ['{kind: stale}', { kind: 'stale' }],
  ['{kind: respell}', { kind: 'respell' }],
  ['{kind: other-widget}', { kind: 'other-widget' }],
  ['{kind: empty}', { kind: 'empty' }],
  ['{kind: empty, status: 204}', { kind: 'empty', status: 204 }],
  ['{kind: omit, field: bubble_text}', { kind: 'omit', field: 'bubble_text' }],
  ['{kind: truncated}', { kind: 'truncated' }],
  [
    '{kind: content-type, content_type: text/plain}',
    { kind: 'content-type', contentType: 'text/plain' },
  ],
  ['{kind: gzip, stream: broken, when: asked}', { kind: 'gzip', stream: 'broken', when: 'asked' }],
  ['{kind: huge, bytes: 1000}', { kind: 'huge', bytes: 1000 }],
];

describe('a fault file', () => {
  test.each(every)('states %s', (text, rule) => {
    expect(parseOne(text)).toEqual(rule);
  });

  test('may state every kind that there is', () => {
    const stated = new Set<string>(every.map(([, { kind }]) => kind));
    expect(Object.keys(kindFields).filter((kind) => !stated.has(kind))).toEqual([]);
  });

  test('holds a seed, and conditions for each rule', () => {
    const id = widgetId(1);
    const plan = parse(
      'seed: 42',
      'faults:',
      '  - kind: status      # a comment',
      '    status: 503',
      '    method: PUT',
      `    widget_id: ${id.toUpperCase()}`,
      '    probability: 0.2',
      '    after: 10',
      '    times: 3',
    );
    const conditions = { method: 'PUT', widgetId: id, probability: 0.2, after: 10, times: 3 };
    expect(plan).toEqual({ seed: 42, rules: [{ kind: 'status', status: 503, ...conditions }] });
  });

  test.each([
    ['2', '2'],
    ['-5', '-5'],
    ['1e99', '1e99'],
    ['007', '007'],
    ['soon', 'soon'],
    ['""', ''],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 'Wed, 21 Oct 2015 07:28:00 GMT'],
  ])('sends retry_after: %s as it is written', (written, retryAfter) => {
    const rule = parse('faults:', '- kind: status', '  status: 429', `  retry_after: ${written}`);
    expect(rule.rules).toEqual([{ kind: 'status', status: 429, retryAfter }]);
  });

  test('may be JSON, with tabs, and may ask for nothing', () => {
    const text = JSON.stringify({ seed: 7, faults: [{ kind: 'reset', times: 1 }] }, null, '\t');
    expect(parse(text)).toEqual({ seed: 7, rules: [{ kind: 'reset', times: 1 }] });
    expect(parse('faults: []')).toEqual({ rules: [] });
  });
});

describe('a mistake is told with its place and what was expected', () => {
  test.each<[string, string, RegExp | string]>([
    ['an empty file', '', '1:1: the file: expected seed and faults, found null'],
    [
      'a list',
      '- kind: reset',
      '1:1: the file: expected seed and faults, found [{"kind":"reset"}]',
    ],
    ['no faults', 'seed: 1', '1:1: faults: expected a list of faults, found none'],
    ['faults that are no list', 'faults: {}', '1:1: faults: expected a list of faults, found {}'],
    [
      'an unknown field',
      'sed: 1\nfaults: []',
      '1:1: unknown field "sed" of the file; did you mean seed?',
    ],
    [
      'a seed that is none',
      'seed: -1\nfaults: []',
      '1:1: seed: expected a whole number from 0 to 4294967295, found -1',
    ],
    ['no kind', 'faults: [{times: 1}]', /^1:10: kind is missing: expected one of delay, drip, /],
    [
      'a kind that is near another',
      'faults:\n  - kind: resett',
      '2:5: kind: unknown kind "resett"; did you mean reset?',
    ],
    [
      'a rule that is a word',
      'faults: [reset]',
      '1:10: expected a fault such as {kind: reset}, found "reset"',
    ],
    ['an inherited name', 'faults: [{kind: toString}]', /^1:11: kind: unknown kind "toString"; /],
    [
      'a misspelt field',
      'faults:\n- kind: reset\n  probabilty: 0.5',
      '3:3: unknown field "probabilty" of a fault of the kind reset; did you mean probability?',
    ],
    [
      "another kind's field",
      'faults:\n- kind: reset\n  status: 500',
      /^3:3: unknown field "status" of a fault of the kind reset; /,
    ],
    [
      'a field that is missing',
      'faults:\n- kind: status\n  times: 1',
      '2:3: status is missing: a fault of the kind status needs a whole number from 200 to 599',
    ],
    [
      'a status that none is',
      'faults:\n- kind: status\n  status: 999',
      '3:3: status: expected a whole number from 200 to 599, found 999',
    ],
    [
      'a text in place of a number',
      'faults:\n- kind: status\n  status: "503"',
      '3:3: status: expected a whole number from 200 to 599, found "503"',
    ],
    [
      'bounds the wrong way round',
      'faults: [{kind: delay, delay_ms: [5, 1]}]',
      '1:24: delay_ms: expected milliseconds from 0 to 3600000, or two of them, [least, most], found [5,1]',
    ],
    [
      'half a range',
      'faults: [{kind: delay, delay_ms: [5]}]',
      /^1:24: delay_ms: expected .* found \[5\]$/,
    ],
    [
      'a probability in per cent',
      'faults: [{kind: hang, probability: 20}]',
      '1:23: probability: expected a number from 0 to 1, found 20',
    ],
    ['never', 'faults: [{kind: hang, times: 0}]', /^1:23: times: expected a whole number from 1 /],
    ['an empty value', 'faults: [{kind: hang, times: }]', /^1:23: times: expected .* found null$/],
    [
      'another method',
      'faults: [{kind: hang, method: POST}]',
      /expected one of GET, PUT, found "POST"/,
    ],
    ['no UUID', 'faults: [{kind: hang, widget_id: abc}]', /a widget id \(a UUID\), found "abc"/],
    [
      'a header that would split',
      'faults: [{kind: status, status: 429, retry_after: "1\\r\\nX: y"}]',
      /^1:38: retry_after: expected .*printable ASCII, found "1\\r\\nX: y"$/,
    ],
    [
      'two waits',
      'faults: [{kind: status, status: 429, retry_after: 1, retry_after_date: 1}]',
      '1:10: expected retry_after or retry_after_date, found both',
    ],
    [
      'a rule that could never fire',
      'faults: [{kind: stale, method: PUT}]',
      '1:10: method: expected GET or nothing, as stale concerns no other, found PUT',
    ],
    ['a key twice', 'faults: []\nfaults: []', /^2:1: Map keys must be unique/],
    ['two documents', 'faults: []\n---\nfaults: []', /multiple documents/],
    ['broken YAML', 'faults: [', /^1:10: /],
    ['an unknown tag', 'faults: !x []', /^1:9: Unresolved tag: !x/],
    ['YAML 1.1', '%YAML 1.1\n---\nfaults: []', '1:1: expected YAML 1.2: remove the %YAML line'],
    [
      'an alias',
      'seed: &a 1\nfaults: [{kind: hang, times: *a}]',
      '2:30: expected the value itself, found the alias *a',
    ],
    [
      'nesting without end',
      `seed: 1\nfaults: ${'['.repeat(100_000)}`,
      /^2:2\d: expected nothing that nests so deeply$/,
    ],
    ['a key that is a number', '1: 2\nfaults: []', '1:1: expected a text as the key'],
  ])('%s', (_what, text, expected) => {
    const [place, ...rest] = refusalOf(text).split('faults.yaml:');
    expect(place).toBe('');
    expect(rest).toHaveLength(1);
    if (typeof expected === 'string') expect(rest[0]).toBe(expected);
    else expect(rest[0]).toMatch(expected);
  });

  test('all of them at once, in the order of the file', () => {
    const told = refusalOf('seed: x', 'faults:', '- kind: rest', '- kind: hang', '  times: no');
    expect(told.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'faults.yaml:1:1:',
      'faults.yaml:3:3:',
      'faults.yaml:5:3:',
    ]);
  });

  test('without anything that a terminal would obey', () => {
    expect(refusalOf('"\\e[31m\\u202e": 1', 'faults: []')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe('a file that cannot be read', () => {
  const at = (name: string, content?: string | Uint8Array) => {
    const path = join(temporaryDirectory(), name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
  test.each([
    ['is not there', () => at('none.yaml'), 'there is none'],
    ['is a directory', () => temporaryDirectory(), 'it is a directory'],
    ['is not UTF-8', () => at('x', Uint8Array.of(0xff, 0xfe)), 'it is not UTF-8 text'],
    ['is far too long', () => at('x', ' '.repeat(300_000)), 'it is larger than 256 KiB'],
  ])('because it %s', (_what, path, reason) => {
    const file = path();
    expect(() => readFaults(file)).toThrow(UsageError);
    expect(() => readFaults(file)).toThrow(
      `--faults ${file}: expected a file of faults, but ${reason}`,
    );
  });

  test('is no matter where it can', () => {
    expect(readFaults(at('faults.yaml', 'faults: [{kind: reset}]')).rules).toEqual([
      { kind: 'reset' },
    ]);
  });
});
