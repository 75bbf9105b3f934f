// A short run of the chaos over several accounts that `npm run soak -- --only accounts` makes for hours, and what its
// checks find.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { SandboxRequest } from '../../../src/sandbox/request-log.ts';
import { few } from '../../support/soak.ts';
import type { Entry as Exchange } from '../journal.ts';
import { checkAccount, checkLog, differencesIn } from './agency-checks.ts';
import { describeAgency, runAgencyRounds } from './agency-rounds.ts';
import {
  composedOf,
  type Entry,
  idOf,
  type Model,
  type Place,
  type Revision,
} from './agency-tree.ts';

test('whatever goes wrong in one account, the others are as the tree says once it is calm', {
  timeout: 240_000,
}, async () => {
  const seed = Number(process.env['TEST_SEED'] ?? 1);
  const report = await runAgencyRounds({ seed, rounds: few(2, { soak: 6 }) });
  const violations = report.rounds.flatMap((round) => round.violations);
  expect(violations, describeAgency(report)).toEqual([]);
  expect(Math.min(...Object.values(report.writes)), 'writes of each').toBeGreaterThan(0);
});

describe('the checks', () => {
  const ava: Place = { account: 'fernwood', widget: 0 };
  const model = (brand: string, own: string, entry: Entry = 'as usual'): Model => ({
    widgets: new Map([
      [
        'clients/fernwood/widgets/w0.yaml',
        { marker: own, fragment: '_brand.yaml' as const, flaw: null },
      ],
    ]),
    fragments: {
      '_brand.yaml': { marker: brand, flaw: null },
      '_holiday.yaml': { marker: '_holiday.yaml v1', flaw: null },
    },
    entries: { fernwood: entry, harbor: 'as usual', juniper: 'as usual' },
    accountsFile: 'there',
  });
  const at = (fromMs: number, of: Model): Revision => ({ fromMs, wholeMs: fromMs, model: of });
  const revisions = [
    at(0, model('b1', 'w1')),
    at(100, model('b2', 'w1')),
    at(200, model('b2', 'w2')),
  ];
  const body = (brand: string, own: string, more: JsonObject = {}): JsonObject => ({
    ...{ display_name: own, bubble_text: brand, style_params: { brand, own } },
    ...more,
  });
  const put = (startedAtMs: number, said: JsonObject, place = ava): Exchange => ({
    request: {
      ...{ method: 'PUT', path: '', status: 200, fault: null, startedAtMs },
      ...{ widgetId: idOf(place), body: said, endedAtMs: startedAtMs + 1 },
    } satisfies SandboxRequest,
    daemon: 1,
    stored: null,
    shown: null,
  });
  const read = (startedAtMs: number): Exchange => {
    const { request, ...rest } = put(startedAtMs, {});
    return { ...rest, request: { ...request, method: 'GET', widgetId: null, body: null } };
  };
  const check = (...exchanges: Exchange[]) =>
    checkAccount({ account: 'fernwood', exchanges, revisions });

  test.each<[string, Exchange[], readonly string[]]>([
    ['what the tree said', [put(50, body('b1', 'w1')), put(250, body('b2', 'w2'))], []],
    ['a state late', [put(50, body('b1', 'w1')), put(210, body('b2', 'w1'))], []],
    [
      'a mixture of two states',
      [put(250, body('b1', 'w2'))],
      ['in no state of the tree: ["w2","b1",{"brand":"b1","own":"w2"},null] sent at 250 ms'],
    ],
    ['a state to come', [put(150, body('b2', 'w2'))], [expect.stringMatching(/in no state/)]],
    [
      'an older one after a newer one',
      [put(250, body('b2', 'w2')), put(300, body('b1', 'w1'))],
      [expect.stringMatching(/an older body after a newer one/)],
    ],
    [
      'a field of a fragment that it does not extend',
      [put(250, body('b2', 'w2', { intro_message: '_holiday.yaml v1' }))],
      [expect.stringMatching(/in no state/)],
    ],
    ['a field that is set back', [put(250, body('b2', 'w2', { intro_message: null }))], []],
    [
      "another account's widget",
      [put(250, body('b2', 'w2'), { account: 'harbor', widget: 0 })],
      [expect.stringMatching(/a request for .*, which is another account's/)],
    ],
    [
      'more than the budget allows',
      Array.from({ length: 11 }, (_, n) => read(300 + 10 * n)),
      [expect.stringMatching(/11 requests in one second, 10 allowed/)],
    ],
  ])('of %s', (_, exchanges, found) => {
    const wanted = found.map((one) =>
      typeof one === 'string' ? `fernwood: ${one}` : (one as unknown),
    );
    expect(check(...exchanges)).toEqual(wanted);
  });

  test.each<[Entry, number, boolean]>([
    ['gone', 9000, true],
    ['gone', 3000, false],
    ['suspended', 9000, true],
    ['broken', 9000, false],
  ])('of a write for an account that is %s, %d ms after that', (entry, afterMs, isFound) => {
    const past = [...revisions, at(1000, model('b2', 'w2', entry))];
    const exchanges = [put(1000 + afterMs, body('b2', 'w2'))];
    const found = checkAccount({ account: 'fernwood', exchanges, revisions: past });
    expect(found).toHaveLength(isFound ? 1 : 0);
    const back = [...past, at(5000, model('b2', 'w2'))];
    expect(checkAccount({ account: 'fernwood', exchanges, revisions: back })).toEqual([]);
  });

  test('of what is left over once all is calm', () => {
    const last = at(200, model('b2', 'w2'));
    const id = idOf(ava);
    const kept = (live: JsonObject, spec: JsonObject, of = id) =>
      differencesIn(
        {
          account: 'fernwood',
          widgets: new Map([[id, live]]),
          records: new Map([[of, { spec }]]),
        },
        last,
      );
    expect(composedOf(last.model, ava)).toEqual(body('b2', 'w2'));
    expect(kept(body('b2', 'w2'), body('b2', 'w2'))).toEqual([]);
    expect(kept(body('b1', 'w2'), body('b1', 'w2'))).toHaveLength(1);
    expect(kept(body('b2', 'w2'), body('b2', 'w1'))).toHaveLength(1);
    const other = idOf({ account: 'harbor', widget: 0 });
    expect(kept(body('b2', 'w2'), body('b2', 'w2'), other)).toHaveLength(2);
  });

  test('of lines of the log', () => {
    const line = (account: string) => `{"account":"${account}","widget":"${idOf(ava)}"}`;
    expect(checkLog([line('fernwood'), '{"msg":"started"}'])).toEqual([]);
    expect(checkLog([line('harbor')])).toHaveLength(1);
  });
});
