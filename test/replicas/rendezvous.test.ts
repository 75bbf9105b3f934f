import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownerOf } from '../../src/replicas/rendezvous.ts';
import { law } from '../support/law.ts';

const replicas = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });

law.prop([fc.string(), replicas, fc.integer()])(
  'whoever knows the same replicas finds the same owner, in whatever order',
  (account, known, turn) => {
    const turned = known.map((_, at) => known[(at + Math.abs(turn)) % known.length] ?? '');
    expect(ownerOf(account, turned)).toBe(ownerOf(account, known));
    expect(known).toContain(ownerOf(account, known));
  },
);

law.prop([fc.string(), replicas, fc.nat()])(
  'where a replica goes, only its own accounts move',
  (account, known, which) => {
    const gone = known[which % known.length] ?? '';
    const owner = ownerOf(account, known);
    const left = known.filter((one) => one !== gone);
    if (owner !== gone) expect(ownerOf(account, left)).toBe(owner);
  },
);

test('nobody owns anything where there is no replica', () => {
  expect(ownerOf('fernwood', [])).toBeNull();
});

test.each([2, 3, 5])('%i replicas get about as many accounts each', (count) => {
  const known = Array.from({ length: count }, (_, at) => `replica-${at}`);
  const counts = new Map(known.map((one) => [one, 0]));
  for (let n = 0; n < 3000; n += 1) {
    const owner = ownerOf(`account-${n}`, known) ?? '';
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const even = 3000 / count;
  for (const had of counts.values()) expect(Math.abs(had - even)).toBeLessThan(even * 0.15);
});
