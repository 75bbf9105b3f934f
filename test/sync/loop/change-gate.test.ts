// What counts against the limit, and what has been let through already.
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { AllowedChanges } from '../../../src/state/state-store.ts';
import { ChangeGate, type ChangeGateDeps } from '../../../src/sync/loop/change-gate.ts';
import { named, planOf } from '../../support/changes.ts';
import { widgetId } from '../../support/sandbox.ts';

/** Gates that let one change through at a time, and the disk that they keep their word on. */
function world(limit: ChangeGateDeps['limit'] = { unit: 'widgets', most: 1 }) {
  const disk: { admitted: AllowedChanges; approved: string | null; isFull: boolean } = {
    admitted: new Map(),
    approved: null,
    isFull: false,
  };
  const trouble: string[] = [];
  const deps: ChangeGateDeps = {
    limit,
    approved: async () => disk.approved,
    forget: async () => {
      if (disk.isFull) throw new StateError('the approval stays');
      disk.approved = null;
    },
    allowed: {
      read: async () => {
        if (disk.isFull) throw new StateError('the disk cannot be read');
        return disk.admitted;
      },
      write: async (allowed) => {
        if (disk.isFull) throw new StateError('the disk is full');
        disk.admitted = allowed;
      },
    },
    onTrouble: ({ message }) => void trouble.push(message),
  };
  return { disk, trouble, start: () => new ChangeGate(deps) };
}

async function judge(gate: ChangeGate, plan: Plan): Promise<number | null> {
  await gate.prepare();
  const refusal = gate.check(plan);
  await gate.keep(plan, refusal);
  return refusal?.changes ?? null;
}

const plan = (...names: readonly string[]) =>
  planOf({
    checksum: names.join(),
    changes: names.flatMap((name, n) => (name === '' ? [] : [named(n, name, 'edited')])),
  });

test('what was let through one by one does not count again, though the API still refuses it', async () => {
  const gate = world().start();
  expect(await judge(gate, plan('a'))).toBeNull();
  expect(await judge(gate, plan('a', 'b'))).toBeNull();
  expect(await judge(gate, plan('a', 'b', 'c'))).toBeNull();
  expect(await judge(gate, plan('a', 'other', 'another'))).toBe(2);
});

test('nor does it after a restart', async () => {
  const { start } = world();
  const first = start();
  await judge(first, plan('a'));
  await judge(first, plan('a', 'b'));
  expect(await judge(start(), plan('a', 'b', 'c'))).toBeNull();
});

test('what a person has approved may be finished by the next process', async () => {
  const { disk, start } = world();
  const first = start();
  expect(await judge(first, plan('a', 'b', 'c'))).toBe(3);
  expect(disk.admitted.size).toBe(0);
  disk.approved = 'a,b,c';
  expect(await first.isApproved()).toBe(true);
  expect(await judge(first, plan('a', 'b', 'c'))).toBeNull();
  expect(disk.approved).toBeNull();
  // One of them is applied by now.
  expect(await judge(start(), plan('', 'b', 'c'))).toBeNull();
  expect(await judge(start(), plan('', 'b', 'c', 'd', 'e'))).toBe(2);
});

test('an approval is of one plan and of no other', async () => {
  const { disk, start } = world();
  const gate = start();
  await judge(gate, plan('a', 'b', 'c'));
  disk.approved = 'a,b,c';
  expect(await judge(gate, plan('a', 'b', 'x'))).toBe(3);
  expect(await judge(gate, plan('a'))).toBeNull();
});

test('what was applied counts again once it is asked for anew', async () => {
  const gate = world().start();
  const one = plan('a');
  await judge(gate, one);
  await judge(gate, plan('a', 'b'));
  for (const change of plan('a', 'b').changes) gate.applied(change);
  expect(await judge(gate, plan('a', 'b'))).toBe(2);
});

test('what is no longer asked for counts again when it comes back', async () => {
  const gate = world().start();
  await judge(gate, plan('a'));
  await judge(gate, plan());
  expect(await judge(gate, plan('a', 'b'))).toBe(2);
});

test('what could not be kept is kept with the next pass', async () => {
  const { disk, trouble, start } = world();
  const gate = start();
  await judge(gate, plan());
  disk.isFull = true;
  expect(await judge(gate, plan('a'))).toBeNull();
  expect(trouble).toEqual(['the disk is full']);
  disk.isFull = false;
  expect(await judge(gate, plan('a'))).toBeNull();
  expect([...disk.admitted.keys()]).toEqual([widgetId(0)]);
});

test('what cannot be read lets nothing through beyond the limit, and keeps nothing back within it', async () => {
  const { disk, trouble, start } = world();
  await judge(start(), plan('a'));
  disk.isFull = true;
  const gate = start();
  expect(await judge(gate, plan('a', 'b'))).toBe(2);
  expect(await judge(gate, plan('a'))).toBeNull();
  expect(trouble).toContain('the disk cannot be read');
});

test('an approval that was used and cannot be removed is used', async () => {
  const { disk, trouble, start } = world();
  const gate = start();
  await judge(gate, plan('a', 'b'));
  disk.approved = 'a,b';
  disk.isFull = true;
  expect(await judge(gate, plan('a', 'b'))).toBeNull();
  expect(trouble).toContain('the approval stays');
  for (const change of plan('a', 'b').changes) gate.applied(change);
  expect(await judge(gate, plan('a', 'b'))).toBe(2);
  expect(await gate.isApproved()).toBe(false);
  // It goes as soon as it can, and then the same may be approved anew.
  disk.isFull = false;
  expect(await gate.isApproved()).toBe(false);
  expect(disk.approved).toBeNull();
  disk.approved = 'a,b';
  expect(await gate.isApproved()).toBe(true);
});

test('an approval is told of once, however long nothing comes of it', async () => {
  const { disk, start } = world();
  const gate = start();
  await judge(gate, plan('a', 'b'));
  expect(await gate.isApproved()).toBe(false);
  disk.approved = 'a,b';
  expect(await gate.isApproved()).toBe(true);
  expect(await gate.isApproved()).toBe(false);
  disk.approved = null;
  expect(await gate.isApproved()).toBe(false);
  disk.approved = 'a,b';
  expect(await gate.isApproved()).toBe(true);
});

test('all is looked at once for a plan that a person is asked about', async () => {
  const gate = world().start();
  await gate.prepare();
  const asked = (...names: string[]) => {
    const refusal = gate.check(plan(...names));
    return refusal !== null && gate.asksAnew(refusal);
  };
  expect(asked('a', 'b')).toBe(true);
  expect(asked('a', 'b')).toBe(false);
  // What was seen then made another plan of it.
  await judge(gate, plan('a', 'b', 'c'));
  expect(asked('a', 'b', 'c')).toBe(false);
  expect(asked('a', 'b')).toBe(false);
  expect(asked('a', 'x')).toBe(true);
  await judge(gate, plan('a'));
  expect(asked('a', 'b', 'c')).toBe(true);
});

test('what is sent by force counts where it sets back what the dashboard says', async () => {
  const gate = world().start();
  const forced = [1, 2].map((n) => named(n, 'a', 'forced'));
  const again = forced.map((change) => ({ ...change, fields: [] }));
  expect(await judge(gate, planOf({ changes: again }))).toBeNull();
  expect(await judge(gate, planOf({ changes: forced }))).toBe(2);
});

describe('where nobody said a limit', () => {
  const auto = { unit: 'auto' } as const;
  const fragments = [{ file: '_brand.yaml', widgets: [] }];
  const many = (count: number) => {
    const changes = Array.from({ length: count }, (_, n) => named(n, 'Edited'));
    return planOf({ checksum: `edit of ${count}`, changes });
  };

  test('any number goes through a tree without fragments, and nothing is kept of it', async () => {
    const { disk, start } = world(auto);
    expect(await judge(start(), many(40))).toBeNull();
    expect(disk.admitted.size).toBe(0);
  });

  test('a tree with fragments waits for a person, also from the pass on that brings the first one', async () => {
    const { disk, start } = world(auto);
    const gate = start();
    expect(await judge(gate, many(40))).toBeNull();
    const composed = { ...many(40), fragments };
    expect(await judge(gate, composed)).toBe(40);
    expect(gate.check(composed)).toMatchObject({ most: 10, limit: 'auto' });
    disk.approved = composed.checksum;
    expect(await judge(gate, composed)).toBeNull();
    expect(disk.admitted.size).toBe(40);
  });

  test('files that all leave their fragments at once wait for a person, too', async () => {
    const { disk, start } = world(auto);
    const gate = start();
    const leaving: Plan = { ...many(40), leavesFragments: true };
    expect(await judge(gate, leaving)).toBe(40);
    disk.approved = leaving.checksum;
    expect(await judge(gate, leaving)).toBeNull();
    expect(await judge(start(), leaving)).toBeNull();
  });

  test('nine are never too many', async () => {
    expect(await judge(world(auto).start(), { ...many(9), fragments })).toBeNull();
    expect(await judge(world(auto).start(), { ...many(10), fragments })).toBe(10);
  });
});
