// The road that every command takes, whatever its ports are.
import { describe, expect, test } from 'vitest';
import type { LoadedTree } from '../../../src/model/document.ts';
import { nothingLive } from '../../../src/model/plan.ts';
import { UnexpectedError } from '../../../src/model/send-failure.ts';
import type { Refusal, SyncEvent } from '../../../src/sync/events.ts';
import {
  type NoSight,
  type PassPorts,
  runPass,
  type Sight,
} from '../../../src/sync/loop/run-pass.ts';
import { named, planOf } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { widgetId } from '../../support/sandbox.ts';

const emptyTree: LoadedTree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map() },
  source: 'plain',
};
const sight: Sight = { tree: emptyTree, live: nothingLive };
const edit = planOf({ changes: [named(1, 'Ava', 'edited')] });
const all = planOf({ changes: [named(1, 'Ava', 'edited'), named(2, 'Ben', 'forced')] });
const refusal: Refusal = { code: 'too-many-changes', checksum: 'x', changes: 9, most: 1 };
const asked = { trigger: 'files', force: false } as const;

/** Ports that note in which order they are called. */
function world(change: Partial<PassPorts> = {}) {
  const called: string[] = [];
  const events: SyncEvent[] = [];
  const clock = new FakeClock();
  const ports: PassPorts = {
    clock,
    emit: (event) => {
      called.push(event.kind);
      events.push(event);
    },
    async look(scope) {
      called.push(`look at ${scope}`);
      return sight;
    },
    plan(_sight, send) {
      called.push(`plan ${send}`);
      return send === 'all' ? all : edit;
    },
    check() {
      called.push('check');
      return null;
    },
    async send(plan) {
      called.push(`send ${plan.changes.length}`);
    },
    async record({ refusal: why }) {
      called.push(why === null ? 'record' : 'record what is not sent');
      return [];
    },
    ...change,
  };
  return { ports, called, events, clock };
}

test('a pass looks, plans, checks, sends and records', async () => {
  const { ports, called, events } = world();
  expect(await runPass(ports, asked)).toEqual({ ...sight, plan: edit, refusal: null, unsaved: [] });
  const steps = ['look at pending', 'plan changed', 'check', 'plan-made', 'send 1', 'record'];
  expect(called).toEqual(steps);
  expect(events).toEqual([
    {
      kind: 'plan-made',
      tree: emptyTree,
      plan: edit,
      refusal: null,
      trigger: 'files',
      durationMs: 0,
    },
  ]);
});

test('from the plan to its sending nothing else has its turn', async () => {
  const { ports, called } = world({
    plan: () => {
      void Promise.resolve().then(() => called.push('somebody else'));
      return edit;
    },
  });
  await runPass(ports, asked);
  expect(called.indexOf('somebody else')).toBeGreaterThan(called.indexOf('send 1'));
});

test.each<[string, NoSight]>([
  ['files cannot be believed', { unsettled: { code: 'git', message: 'x', retryInMs: 1 } }],
  ['it was told to stop', { unsettled: null }],
])('a pass that sees nothing, since %s, does nothing', async (_, seen) => {
  const { ports, called } = world({ look: async () => seen });
  expect(await runPass(ports, asked)).toBe(seen);
  expect(called).toEqual([]);
});

test('a plan that is refused is told and not sent', async () => {
  const { ports, called, events } = world({ check: () => refusal });
  expect(await runPass(ports, { ...asked, force: true })).toMatchObject({ plan: edit, refusal });
  expect(called).not.toContain('send 1');
  expect(called).not.toContain('plan all');
  expect(called.at(-1)).toBe('record what is not sent');
  expect(events).toMatchObject([{ kind: 'plan-made', refusal }]);
});

test('all is looked at where a person has to see all of it, in the time of one pass', async () => {
  const { ports, called, events, clock } = world();
  const pass = runPass(
    {
      ...ports,
      async look(scope) {
        await clock.sleep(1000);
        return ports.look(scope);
      },
      check: (_plan, scope) => (scope === 'pending' ? 'look at all' : refusal),
    },
    asked,
  );
  await clock.advance(5000);
  await pass;
  expect(called.filter((step) => step.startsWith('look'))).toEqual([
    'look at pending',
    'look at all',
  ]);
  expect(events).toMatchObject([{ kind: 'plan-made', durationMs: 2000 }]);
});

test('what is sent by force is checked without what is only sent again', async () => {
  const checked: number[] = [];
  const { ports, called } = world({
    check(plan) {
      checked.push(plan.changes.length);
      return null;
    },
  });
  expect(await runPass(ports, { ...asked, force: true })).toMatchObject({ plan: all });
  expect(checked).toEqual([1]);
  expect(called).toContain('send 2');
});

describe('a pass that fails', () => {
  const full = new Error('the disk is full');

  test.each<[string, Partial<PassPorts>]>([
    ['while it sends', { send: () => Promise.reject(full) }],
    ['while it records', { record: () => Promise.reject(full) }],
  ])('%s leaves nothing of itself under way', async (_, change) => {
    let isOver = false;
    const slow = async () => {
      await settle();
      isOver = true;
    };
    const { ports } = world({
      send: slow,
      async record() {
        await slow();
        return [];
      },
      ...change,
    });
    await expect(runPass(ports, asked)).rejects.toThrow(full);
    expect(isOver).toBe(true);
  });

  test('to look has planned nothing', async () => {
    const { ports, called } = world({ look: () => Promise.reject(full) });
    await expect(runPass(ports, asked)).rejects.toThrow(full);
    expect(called).toEqual([]);
  });
});

test('what could not be recorded is told widget by widget', async () => {
  const widget = { widgetId: widgetId(1), file: 'ava.yaml' };
  const error = new UnexpectedError('a bug');
  const { ports, events } = world({ record: async () => [{ ...widget, error }] });
  expect(await runPass(ports, asked)).toMatchObject({ unsaved: [{ ...widget, error }] });
  expect(events.at(-1)).toEqual({ kind: 'finding-unsaved', widget, error });
});
