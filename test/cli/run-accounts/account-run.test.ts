import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountEntry } from '../../../src/accounts/account-entry.ts';
import { StateError, TenureLostError, UsageError } from '../../../src/base/errors.ts';
import {
  AccountRun,
  type Failure,
  type Following,
  type RunEvent,
  type Wanted,
} from '../../../src/cli/run-accounts/account-run.ts';
import type { FollowedAccount } from '../../../src/cli/run-accounts/running-accounts.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

function entryWith(directory: string): AccountEntry {
  const settings = readSettings({}, {});
  const key = { kind: 'env', name: 'KEY' } as const;
  return { name: 'ada', directory, key, settings, suspend: null, isSpread: true };
}

const wanting = (directory: string): Wanted => ({ kind: 'entry', entry: entryWith(directory) });

/** What one try to follow the account comes to. */
type Try = 'fine' | 'unclosed' | Error | { readonly slowly: Promise<void> };

/** An account of which each try goes as told; the last goes on for ever. */
function runOf(wanted: Wanted, tries: readonly Try[]) {
  const opened: string[] = [];
  const stops: number[] = [];
  const sweeps: string[] = [];
  const events: RunEvent[] = [];
  let breaking = (_: Failure) => {};
  let open = 0;
  let mostOpen = 0;
  const follow = async (entry: AccountEntry, signal: AbortSignal): Promise<Following | null> => {
    const outcome = tries[Math.min(opened.length, tries.length - 1)] ?? 'fine';
    opened.push(entry.directory);
    if (outcome instanceof Error) throw outcome;
    if (typeof outcome === 'object') await outcome.slowly;
    if (signal.aborted) return null;
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    return {
      shown: { name: entry.name } as FollowedAccount,
      broken: new Promise((resolve) => {
        breaking = resolve;
      }),
      sweep: (trigger) => void sweeps.push(trigger),
      async stop({ deadlineMs }) {
        stops.push(deadlineMs);
        // What is in flight takes its time.
        await clock.sleep(300);
        open -= 1;
        if (outcome === 'unclosed') throw new StateError('no space is left');
      },
    };
  };
  const run = new AccountRun('ada', wanted, {
    ...{ clock, follow, stopDeadlineMs: 10_000, random: () => 0.999 },
    onChange: () => {},
    onEvent: (event) => void events.push(event),
  });
  return {
    ...{ run, opened, stops, sweeps },
    kinds: () => events.map(({ kind }) => kind),
    events,
    breaks: (error: unknown) => breaking({ error }),
    mostOpen: () => mostOpen,
    state: () => run.shown.state,
  };
}

test('is opened, followed, and left in good order once it is gone', async () => {
  const { run, state, stops, kinds } = runOf(wanting('one'), ['fine']);
  expect(state()).toBe('opening');
  await clock.advance(0);
  expect(run.shown).toMatchObject({ state: 'running', message: null, followed: { name: 'ada' } });
  run.want({ kind: 'gone' });
  await clock.advance(0);
  expect(run.shown).toMatchObject({ state: 'stopping', followed: { name: 'ada' } });
  await clock.advance(300);
  await run.ended;
  expect(stops).toEqual([10_000]);
  expect(kinds()).toEqual(['followed', 'leaving', 'left', 'gone']);
  expect(clock.sleeping).toBe(0);
});

test('says what has changed in an entry, also where the entry itself is gone', async () => {
  const entry = entryWith('one');
  const before = { ...entry, suspend: { reason: 'on holiday' } };
  const { run, events } = runOf({ kind: 'entry', entry: before }, ['fine']);
  await clock.advance(0);
  const settings = { ...entry.settings, drift: 'report' as const, keepHistory: null };
  run.want({ kind: 'entry', entry: { ...entry, settings } });
  await clock.advance(0);
  expect(events.at(-1)).toEqual({
    ...{ kind: 'leaving', why: 'changed' },
    changed: ['suspend is gone', 'drift is report now', 'keep_history is another'],
  });
});

test('a state that cannot be closed as the process stops is told as that, and not tried again', async () => {
  const { run, kinds } = runOf(wanting('one'), ['unclosed']);
  await clock.advance(0);
  void run.stop({ deadlineMs: 10_000 });
  await clock.advance(300);
  await run.ended;
  expect(kinds()).toEqual(['followed', 'leaving', 'unclosed', 'left']);
});

test('an entry that changes is followed anew only once what was in flight has ended', async () => {
  const { run, opened, mostOpen, state } = runOf(wanting('one'), ['fine']);
  await clock.advance(0);
  run.want(wanting('two'));
  run.want(wanting('three'));
  await clock.advance(299);
  expect(state()).toBe('stopping');
  expect(opened).toEqual(['one']);
  await clock.advance(1);
  expect(state()).toBe('running');
  expect(opened).toEqual(['one', 'three']);
  expect(mostOpen()).toBe(1);
});

describe('cannot be followed', () => {
  test.each([
    ['no key', new UsageError('there is no key: put one there')],
    ['a state in use', new StateError('the state is in use')],
  ])('%s: it says why, and is tried again by itself, ever more rarely', async (_, error) => {
    const { run, opened } = runOf(wanting('one'), [error, error, error, 'fine']);
    await clock.advance(0);
    const { state, message, retryAt } = run.shown;
    expect({ state, message }).toEqual({ state: 'waiting', message: error.message });
    const waitMs = Number(retryAt) - clock.now().getTime();
    expect(waitMs).toBeGreaterThan(1000);
    expect(waitMs).toBeLessThan(2000);
    await clock.advance(waitMs);
    expect(opened).toHaveLength(2);
    expect(Number(run.shown.retryAt) - clock.now().getTime()).toBeGreaterThan(waitMs);
    await clock.advance(60_000);
    expect(run.shown).toMatchObject({ state: 'running', message: null, retryAt: null });
  });

  test('for however long: half a minute later it is tried again', async () => {
    const { opened } = runOf(wanting('one'), [new UsageError('no')]);
    await clock.advance(3_600_000);
    const before = opened.length;
    await clock.advance(31_000);
    expect(opened.length).toBeGreaterThan(before);
  });

  test('somebody who asks for a resync has it tried at once', async () => {
    const { run, opened, sweeps } = runOf(wanting('one'), [new UsageError('no'), 'fine']);
    await clock.advance(0);
    run.sweep('signal');
    await clock.advance(0);
    expect(opened).toHaveLength(2);
    expect(run.shown.state).toBe('running');
    run.sweep('signal');
    expect(sweeps).toEqual(['signal']);
  });

  test('another entry is tried at once', async () => {
    const { run, opened } = runOf(wanting('one'), [new UsageError('no'), 'fine']);
    await clock.advance(0);
    run.want(wanting('two'));
    await clock.advance(0);
    expect(opened).toEqual(['one', 'two']);
    expect(run.shown.state).toBe('running');
  });

  test('a bug waits a minute, also one of what was followed, and is told with its error', async () => {
    const bug = new TypeError('x is not a function');
    const { run, breaks, opened, kinds, stops } = runOf(wanting('one'), ['fine']);
    await clock.advance(0);
    breaks(bug);
    await clock.advance(300);
    expect(stops).toHaveLength(1);
    expect(run.shown).toMatchObject({ state: 'waiting', message: expect.stringContaining('bug') });
    expect(kinds()).toEqual(['followed', 'leaving', 'left', 'bug']);
    await clock.advance(30_000);
    expect(opened).toHaveLength(1);
    await clock.advance(31_000);
    expect(run.shown.state).toBe('running');
  });
});

test('a tenure that is lost stops it at once; it is no bug, and it is tried again soon', async () => {
  const { run, breaks, stops, events, opened } = runOf(wanting('one'), ['fine']);
  await clock.advance(0);
  breaks(new TenureLostError());
  await clock.advance(300);
  expect(stops).toEqual([0]);
  expect(run.shown).toMatchObject({
    state: 'waiting',
    message: expect.stringContaining('no longer holds the account'),
  });
  expect(events).toMatchObject([
    { kind: 'followed' },
    { kind: 'leaving', why: 'lost' },
    { kind: 'left' },
    { kind: 'failed', message: expect.stringContaining('another replica') },
  ]);
  await clock.advance(2000);
  expect(opened).toHaveLength(2);
});

test('an entry that cannot be used stops it, and it goes on with the next one that can', async () => {
  const { run, opened } = runOf(wanting('one'), ['fine']);
  await clock.advance(0);
  run.want({ kind: 'held', message: 'accounts.yaml:7:3: no' });
  await clock.advance(300);
  const held = { state: 'held', message: 'accounts.yaml:7:3: no', retryAt: null };
  expect(run.shown).toMatchObject({ ...held, followed: null });
  await clock.advance(3_600_000);
  expect(opened).toHaveLength(1);
  run.want(wanting('one'));
  await clock.advance(0);
  expect(run.shown.state).toBe('running');
});

test('what opens slowly is not followed if it is gone by then', async () => {
  let open = () => {};
  const slowly = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { run, mostOpen } = runOf(wanting('one'), [{ slowly }]);
  await clock.advance(60_000);
  expect(run.shown.state).toBe('opening');
  run.want({ kind: 'gone' });
  open();
  await run.ended;
  expect(mostOpen()).toBe(0);
});

test.each([
  ['is followed', 'fine' as const],
  ['waits to be tried again', new UsageError('no')],
])('stops for good while it %s, within what is left of the deadline', async (_, outcome) => {
  const { run, stops, opened } = runOf(wanting('one'), [outcome]);
  await clock.advance(0);
  const stopped = run.stop({ deadlineMs: 4000 });
  await clock.advance(300);
  await stopped;
  expect(stops).toEqual(outcome === 'fine' ? [4000] : []);
  await clock.advance(600_000);
  expect(opened).toHaveLength(1);
  expect(clock.sleeping).toBe(0);
});
