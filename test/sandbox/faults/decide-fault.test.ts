import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/sandbox/faults/carry-out-fault.ts';
import {
  decideFault,
  type Progress,
  type RequestFacts,
} from '../../../src/sandbox/faults/decide-fault.ts';
import type { FaultPlan, FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import { law } from '../../support/law.ts';
import { widgetId } from '../../support/sandbox.ts';

const put = (n: number): RequestFacts => ({
  method: 'PUT',
  widgetId: widgetId(n),
  acceptsGzip: false,
  atMs: 0,
});
const get = (n: number): RequestFacts => ({ ...put(n), method: 'GET' });
const list: RequestFacts = { ...put(0), method: 'GET', widgetId: null };

function faultsOf(plan: FaultPlan, requests: readonly RequestFacts[]): (Fault | null)[] {
  let progress: Progress = [];
  return requests.map((request) => {
    const decision = decideFault(plan, progress, request);
    progress = decision.progress;
    return decision.fault;
  });
}

/** R for a reset, H for a hang, another kind's first letter; a dot for none. */
function drawn(rules: readonly FaultRule[], requests: readonly RequestFacts[]): string {
  const faults = faultsOf({ rules }, requests);
  return faults.map((fault) => fault?.kind.charAt(0).toUpperCase() ?? '.').join('');
}

const fivePuts = [put(1), put(1), put(1), put(1), put(1)];
const mixed = [put(1), get(1), put(2), list, get(2)];

describe('rules fire for the requests that they concern', () => {
  test.each<[string, FaultRule[], RequestFacts[], string]>([
    ['no rule', [], fivePuts, '.....'],
    ['no condition', [{ kind: 'reset' }], mixed, 'RRRRR'],
    ['a method', [{ kind: 'reset', method: 'GET' }], mixed, '.R.RR'],
    ['a widget', [{ kind: 'reset', widgetId: widgetId(2) }], mixed, '..R.R'],
    ['both', [{ kind: 'reset', method: 'PUT', widgetId: widgetId(2) }], mixed, '..R..'],
    ['after', [{ kind: 'reset', after: 3 }], fivePuts, '...RR'],
    ['times', [{ kind: 'reset', times: 2 }], fivePuts, 'RR...'],
    ['after and times', [{ kind: 'reset', after: 1, times: 2 }], fivePuts, '.RR..'],
    ['after counts those concerned', [{ kind: 'reset', method: 'GET', after: 1 }], mixed, '...RR'],
    ['a limit', [{ kind: 'limit', requests: 3 }], fivePuts, '...LL'],
    [
      'a limit, which those that it turned away do not use up',
      [{ kind: 'limit', requests: 2, perMs: 100 }],
      [0, 50, 60, 99, 100, 110, 150, 199].map((atMs) => ({ ...put(1), atMs })),
      '..LL.L.L',
    ],
    ['the first that fires', [{ kind: 'reset', times: 2 }, { kind: 'hang' }], fivePuts, 'RRHHH'],
    [
      'after counts what earlier rules took',
      [
        { kind: 'reset', times: 2 },
        { kind: 'hang', after: 3 },
      ],
      fivePuts,
      'RR.HH',
    ],
    [
      'times does not count what earlier rules took',
      [
        { kind: 'reset', times: 2 },
        { kind: 'hang', times: 2 },
      ],
      fivePuts,
      'RRHH.',
    ],
    ['never', [{ kind: 'reset', probability: 0 }, { kind: 'hang' }], fivePuts, 'HHHHH'],
    ['reads can be stale', [{ kind: 'stale' }], mixed, '.S.SS'],
    ['reads can be respelled', [{ kind: 'respell', times: 2 }], mixed, '.R.R.'],
    ['writes can be lost', [{ kind: 'lost-answer' }], mixed, 'L.L..'],
    ['writes can be not stored', [{ kind: 'not-stored' }], mixed, 'N.N..'],
    ['a list is no other widget', [{ kind: 'other-widget' }], mixed, 'OOO.O'],
    ['gzip, unasked', [{ kind: 'gzip' }], [list, { ...list, acceptsGzip: true }], 'GG'],
    [
      'gzip, when asked',
      [{ kind: 'gzip', when: 'asked' }],
      [list, { ...list, acceptsGzip: true }],
      '.G',
    ],
  ])('%s', (_what, rules, requests, expected) => {
    expect(drawn(rules, requests)).toBe(expected);
  });
});

const anyRequest = fc.constantFrom(put(1), put(2), get(1), get(2), list);
const anyRule: fc.Arbitrary<FaultRule> = fc
  .record(
    {
      fault: fc.constantFrom<FaultRule>(
        { kind: 'reset' },
        { kind: 'stale' },
        { kind: 'not-stored' },
        { kind: 'delay', delayMs: [10, 500] },
      ),
      conditions: fc.record(
        {
          method: fc.constantFrom('GET' as const, 'PUT' as const),
          widgetId: fc.constantFrom(widgetId(1), widgetId(2)),
          probability: fc.double({ min: 0, max: 1, noNaN: true }),
          after: fc.nat(5),
          times: fc.integer({ min: 1, max: 5 }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['fault', 'conditions'] },
  )
  .map(({ fault, conditions }) => ({ ...fault, ...conditions }));
const anyPlan: fc.Arbitrary<FaultPlan> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  rules: fc.array(anyRule, { maxLength: 5 }),
});
const anyRequests = fc.array(anyRequest, { maxLength: 60 });

describe('the law of faults', () => {
  law.prop([anyPlan, anyRequests])(
    'the same plan and requests give the same faults',
    (plan, requests) => {
      expect(faultsOf(structuredClone(plan), requests)).toEqual(faultsOf(plan, requests));
    },
  );

  law.prop([anyPlan, anyRequests])(
    'what is decided for a request does not depend on later ones',
    (plan, requests) => {
      const half = requests.slice(0, requests.length / 2);
      expect(faultsOf(plan, requests).slice(0, half.length)).toEqual(faultsOf(plan, half));
    },
  );

  law.prop([anyRule, fc.nat(), anyRequests])(
    'a rule that concerns one method has the same luck whatever the other method does',
    (rule, seed, requests) => {
      const plan: FaultPlan = { seed, rules: [{ ...rule, method: 'PUT' }] };
      const all = faultsOf(plan, requests).filter((_, at) => requests[at]?.method === 'PUT');
      const alone = requests.filter(({ method }) => method === 'PUT');
      expect(all).toEqual(faultsOf(plan, alone));
    },
  );

  law.prop([anyRule, fc.nat(), anyRequests])(
    'a rule never fires too early, too often, or for what it does not concern',
    (rule, seed, requests) => {
      const faults = faultsOf({ seed, rules: [rule] }, requests);
      const fired = requests.filter((_, at) => faults[at] !== null);
      expect(fired.length).toBeLessThanOrEqual(rule.times ?? Infinity);
      for (const { method, widgetId: id } of fired) {
        expect([method, undefined]).toContain(rule.method);
        expect([id, undefined]).toContain(rule.widgetId);
      }
      expect(fired.length).toBeLessThanOrEqual(Math.max(0, requests.length - (rule.after ?? 0)));
    },
  );

  law.prop([fc.nat(), fc.nat(1000), fc.nat(1000), fc.integer({ min: 1, max: 50 })])(
    'a random delay is a whole number within its bounds',
    (seed, least, width, requests) => {
      const plan: FaultPlan = {
        seed,
        rules: [{ kind: 'delay', delayMs: [least, least + width] }],
      };
      for (const fault of faultsOf(plan, Array(requests).fill(list))) {
        if (fault?.kind !== 'delay') throw new Error('a rule without conditions always fires');
        expect(Number.isInteger(fault.delayMs)).toBe(true);
        expect(fault.delayMs).toBeGreaterThanOrEqual(least);
        expect(fault.delayMs).toBeLessThanOrEqual(least + width);
      }
    },
  );
});

describe('chance', () => {
  const many = Array<RequestFacts>(5000).fill(list);

  test.each([0, 1, 42, 4_294_967_295])('with the seed %i is as likely as it says', (seed) => {
    for (const probability of [0.05, 0.2, 0.5, 0.95]) {
      const rules: FaultRule[] = [
        { kind: 'reset', probability },
        { kind: 'hang', probability },
      ];
      const faults = faultsOf({ seed, rules }, many);
      const share = (kind: string) => faults.filter((fault) => fault?.kind === kind).length / 5000;
      expect(share('reset')).toBeCloseTo(probability, 1);
      // Two rules with one luck would never leave anything to the second.
      expect(share('hang')).toBeCloseTo(probability * (1 - probability), 1);
    }
  });

  test('differs between seeds, and reaches both ends of a range', () => {
    const rules: FaultRule[] = [{ kind: 'delay', delayMs: [1, 6] }];
    const series = [1, 2].map((seed) => faultsOf({ seed, rules }, many.slice(0, 100)));
    expect(series[0]).not.toEqual(series[1]);
    const delays = new Set(
      series[0]?.map((fault) => (fault?.kind === 'delay' ? fault.delayMs : 0)),
    );
    expect([...delays].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is the same on every machine and in every release', () => {
    const rules: FaultRule[] = [{ kind: 'reset', probability: 0.3 }];
    const faults = faultsOf({ seed: 42, rules }, many.slice(0, 20));
    expect(faults.map((fault) => (fault === null ? '.' : 'R')).join('')).toBe(
      'R.RR.RR......R...RRR',
    );
  });
});
