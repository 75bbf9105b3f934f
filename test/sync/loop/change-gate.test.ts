// What counts against the limit, and what has been let through already.
import { expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { AllowedChanges } from '../../../src/state/state-store.ts';
import { ChangeGuard, type ChangeGuardDeps } from '../../../src/sync/loop/change-gate.ts';
import { named, planOf } from '../../support/changes.ts';
import { widgetId } from '../../support/sandbox.ts';

/** Guards that let one change through at a time, and the disk that they keep their word on. */
function world() {
  const disk: { admitted: AllowedChanges; approved: string | null; isFull: boolean } = {
    admitted: new Map(),
    approved: null,
    isFull: false,
  };
  const trouble: string[] = [];
  const deps: ChangeGuardDeps = {
    limit: { unit: 'widgets', most: 1 },
    approved: async () => disk.approved,
    forget: async () => {
      if (disk.isFull) throw new StateError('the approval stays');
      disk.approved = null;
    },
    admitted: {
      read: async () => {
        if (disk.isFull) throw new StateError('the disk cannot be read');
        return disk.admitted;
      },
      write: async (admitted) => {
        if (disk.isFull) throw new StateError('the disk is full');
        disk.admitted = admitted;
      },
    },
    onTrouble: ({ message }) => void trouble.push(message),
  };
  return { disk, trouble, start: () => new ChangeGuard(deps) };
}

async function judge(guard: ChangeGuard, plan: Plan): Promise<number | null> {
  const approved = await guard.prepare();
  const excess = guard.excessOf(plan, approved);
  guard.decided(plan, excess);
  await guard.keep(approved);
  return excess?.changes ?? null;
}

const plan = (...names: readonly string[]) =>
  planOf({
    checksum: names.join(),
    changes: names.flatMap((name, n) => (name === '' ? [] : [named(n, name, 'edited')])),
  });

test('what was let through one by one does not count again, though the API still refuses it', async () => {
  const guard = world().start();
  expect(await judge(guard, plan('a'))).toBeNull();
  expect(await judge(guard, plan('a', 'b'))).toBeNull();
  expect(await judge(guard, plan('a', 'b', 'c'))).toBeNull();
  expect(await judge(guard, plan('a', 'other', 'another'))).toBe(2);
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
  const guard = start();
  await judge(guard, plan('a', 'b', 'c'));
  disk.approved = 'a,b,c';
  expect(await judge(guard, plan('a', 'b', 'x'))).toBe(3);
  expect(await judge(guard, plan('a'))).toBeNull();
});

test('what was applied counts again once it is asked for anew', async () => {
  const guard = world().start();
  const one = plan('a');
  await judge(guard, one);
  await judge(guard, plan('a', 'b'));
  for (const change of plan('a', 'b').changes) guard.applied(change);
  expect(await judge(guard, plan('a', 'b'))).toBe(2);
});

test('what is no longer asked for counts again when it comes back', async () => {
  const guard = world().start();
  await judge(guard, plan('a'));
  await judge(guard, plan());
  expect(await judge(guard, plan('a', 'b'))).toBe(2);
});

test('what could not be kept is kept with the next pass', async () => {
  const { disk, trouble, start } = world();
  const guard = start();
  await judge(guard, plan());
  disk.isFull = true;
  expect(await judge(guard, plan('a'))).toBeNull();
  expect(trouble).toEqual(['the disk is full']);
  disk.isFull = false;
  expect(await judge(guard, plan('a'))).toBeNull();
  expect([...disk.admitted.keys()]).toEqual([widgetId(0)]);
});

test('what cannot be read lets nothing through beyond the limit, and keeps nothing back within it', async () => {
  const { disk, trouble, start } = world();
  await judge(start(), plan('a'));
  disk.isFull = true;
  const guard = start();
  expect(await judge(guard, plan('a', 'b'))).toBe(2);
  expect(await judge(guard, plan('a'))).toBeNull();
  expect(trouble).toContain('the disk cannot be read');
});

test('an approval that was used and cannot be removed is used', async () => {
  const { disk, trouble, start } = world();
  const guard = start();
  await judge(guard, plan('a', 'b'));
  disk.approved = 'a,b';
  disk.isFull = true;
  expect(await judge(guard, plan('a', 'b'))).toBeNull();
  expect(trouble).toContain('the approval stays');
  for (const change of plan('a', 'b').changes) guard.applied(change);
  expect(await judge(guard, plan('a', 'b'))).toBe(2);
  expect(await guard.isApproved()).toBe(false);
  // It goes as soon as it can, and then the same may be approved anew.
  disk.isFull = false;
  expect(await guard.isApproved()).toBe(false);
  expect(disk.approved).toBeNull();
  disk.approved = 'a,b';
  expect(await guard.isApproved()).toBe(true);
});

test('an approval is told of once, however long nothing comes of it', async () => {
  const { disk, start } = world();
  const guard = start();
  await judge(guard, plan('a', 'b'));
  expect(await guard.isApproved()).toBe(false);
  disk.approved = 'a,b';
  expect(await guard.isApproved()).toBe(true);
  expect(await guard.isApproved()).toBe(false);
  disk.approved = null;
  expect(await guard.isApproved()).toBe(false);
  disk.approved = 'a,b';
  expect(await guard.isApproved()).toBe(true);
});

test('all is looked at once for a plan that a person is asked about', async () => {
  const guard = world().start();
  await guard.prepare();
  const asked = (...names: string[]) => {
    const excess = guard.excessOf(plan(...names), null);
    return excess !== null && guard.asksAnew(excess);
  };
  expect(asked('a', 'b')).toBe(true);
  expect(asked('a', 'b')).toBe(false);
  // What was seen then made another plan of it.
  await judge(guard, plan('a', 'b', 'c'));
  expect(asked('a', 'b', 'c')).toBe(false);
  expect(asked('a', 'b')).toBe(false);
  expect(asked('a', 'x')).toBe(true);
  await judge(guard, plan('a'));
  expect(asked('a', 'b', 'c')).toBe(true);
});

test('what is sent by force counts where it sets back what the dashboard says', async () => {
  const guard = world().start();
  const forced = [1, 2].map((n) => named(n, 'a', 'forced'));
  const again = forced.map((change) => ({ ...change, fields: [] }));
  expect(await judge(guard, planOf({ changes: again }))).toBeNull();
  expect(await judge(guard, planOf({ changes: forced }))).toBe(2);
});
