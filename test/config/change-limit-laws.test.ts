import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { type ChangeLimit, mostChanges, parseChangeLimit } from '../../src/config/change-limit.ts';
import type { Change } from '../../src/model/plan.ts';
import { describeRefusal, findExcess } from '../../src/sync/loop/change-gate.ts';
import { named, planOf } from '../support/changes.ts';
import { law } from '../support/law.ts';

const widgets = fc.nat({ max: 20_000 });
/** Hundredths of a percent, how a person writes them, and a number of widgets: often one that divides evenly. */
const shares = fc
  .record({
    hundredths: fc.integer({ min: 1, max: 10_000 }),
    total: widgets,
    isEven: fc.boolean(),
  })
  .map(({ hundredths, total, isEven }) => ({
    hundredths,
    text: `${hundredths / 100}%`,
    total: isEven ? Math.ceil(total / evenStep(hundredths)) * evenStep(hundredths) : total,
  }));

function evenStep(hundredths: number): number {
  return 10_000 / greatestDivisor(hundredths, 10_000);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Text that is nearly a limit. */
const nearly = fc
  .array(fc.constantFrom('0', '1', '9', '25', '.', '%', '-', '+', ' ', 'e', 'off', '\n'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

describe('a limit of changes', () => {
  law.prop([fc.integer({ min: 1, max: 9_999_999 }), widgets])(
    'in widgets is that number, however many there are',
    (most, total) => {
      expect(mostChanges(limitOf(`${most}`), total)).toBe(most);
    },
  );

  law.prop([shares], { numRuns: 2000 })(
    'in percent is the whole part of that share, and one at least',
    ({ hundredths, text, total }) => {
      // In whole numbers, which are exact: 1.14% of 5000 was once 56.
      const exact = Number((BigInt(total) * BigInt(hundredths)) / 10_000n);
      expect(mostChanges(limitOf(text), total)).toBe(Math.max(1, exact));
    },
  );

  law.prop([shares, widgets])(
    'in percent never falls when there are more widgets',
    ({ text, total }, more) => {
      const limit = limitOf(text);
      expect(mostChanges(limit, total + more)).toBeGreaterThanOrEqual(mostChanges(limit, total));
    },
  );

  law.prop([fc.oneof(nearly, fc.string()), widgets], { numRuns: 1000 })(
    'is a number above nothing, or none at all, for every text',
    (text, total) => {
      const limit = parseChangeLimit(text);
      if (limit === null) return;
      expect(text).toMatch(/^\d+(\.\d+)?%?$/);
      expect(mostChanges(limit, total)).toBeGreaterThanOrEqual(1);
      expect(limit.unit).toBe(text.endsWith('%') ? 'percent' : 'widgets');
      if (limit.unit === 'percent') expect(limit.most).toBeLessThanOrEqual(100);
      else expect(Number.isInteger(limit.most)).toBe(true);
    },
  );
});

const reasons = fc.constantFrom<Change['reason']>('new', 'edited', 'drifted', 'forced');
const worlds = fc.record({
  changes: fc.array(fc.record({ reason: reasons, isNews: fc.boolean() }), { maxLength: 30 }),
  held: fc.nat({ max: 30 }),
  limit: fc.oneof(
    fc.integer({ min: 1, max: 30 }).map((most) => `${most}`),
    fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
  ),
});

describe('a plan', () => {
  law.prop([worlds], { numRuns: 500 })(
    'is refused exactly where more than the limit would change that nobody asked for before',
    ({ changes, held, limit }) => {
      const plan = planWith(changes, held);
      const admitted = new Map(
        plan.changes
          .filter((_, at) => changes[at]?.isNews === false)
          .map(({ widgetId, hash }) => [widgetId, hash]),
      );
      const counted = changes.filter(({ reason, isNews }) => reason !== 'forced' && isNews).length;
      const most = mostChanges(limitOf(limit), changes.length + held);
      const excess = findExcess(plan, limitOf(limit), admitted);
      const { checksum } = plan;
      expect(excess).toEqual(
        counted > most ? { code: 'too-many-changes', checksum, changes: counted, most } : null,
      );
      if (excess !== null) {
        expect(describeRefusal(excess)).toContain(`apply --checksum ${checksum}`);
      }
    },
  );

  law.prop([worlds])(
    'without a limit is never refused, and what is only sent again never counts',
    ({ changes, held, limit }) => {
      expect(findExcess(planWith(changes, held), null, new Map())).toBeNull();
      const forced = changes.map((change) => ({ ...change, reason: 'forced' as const }));
      expect(findExcess(planWith(forced, held), limitOf(limit), new Map())).toBeNull();
    },
  );
});

function planWith(changes: readonly Pick<Change, 'reason'>[], held: number) {
  return planOf({
    checksum: 'c'.repeat(64),
    changes: changes.map(({ reason }, n) => {
      const change = named(n, `name ${n}`, reason);
      return reason === 'forced' ? { ...change, fields: [] } : change;
    }),
    held: Array.from({ length: held }, (_, n) => ({
      file: `held ${n}.yaml`,
      widgetId: null,
      code: 'suspended',
      message: 'suspended',
    })),
  });
}

function limitOf(text: string): ChangeLimit {
  const limit = parseChangeLimit(text);
  if (limit === null) throw new Error(`${text} is no limit`);
  return limit;
}
