import { expect, test } from 'vitest';
import { type Asked, type DaemonState, daemonState } from '../../src/status/daemon-state.ts';
import type { Lifetime } from '../../src/status/status-record.ts';
import { statusOf, unknownLifetime } from '../state/fixtures/state-options.ts';

const now = new Date('2026-03-01T09:15:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const began = { pid: 7, host: 'here', startedAt: ago(3600) };
const alive = { ...began, heartbeat: ago(15) };
const silent = { ...began, heartbeat: ago(61) };
const ended = { ...alive, endedAt: ago(10) };
const run = { command: 'run', since: ago(3600).toISOString() };
const anew = { command: 'run', since: ago(2).toISOString() };
const apply = { command: 'apply', since: ago(2).toISOString() };
const unknown = { command: null, since: null };

type Case = [
  expected: DaemonState,
  when: string,
  lifetime: Partial<Lifetime> | null,
  asked?: Partial<Asked>,
];

const cases: Case[] = [
  ['none', 'where nothing was recorded', null],
  ['running', 'where nothing was recorded yet', null, { holder: run }],
  ['none', 'where an earlier version has left, and nobody is there', {}],
  ['running', 'where an earlier version runs', {}, { holder: run }],
  ['running', 'while it beats', alive, { holder: run }],
  ['running', 'while it beats and cannot be seen', alive, { host: 'elsewhere' }],
  ['running', 'before its first beat', { ...began, startedAt: ago(5) }, { holder: run }],
  ['gone', 'where it has not beaten for long', silent, { holder: run }],
  ['running', 'where that is not too long', silent, { holder: run, maxAgeMs: 120_000 }],
  ['gone', 'where it has not beaten for long, seen from elsewhere', silent, { host: 'elsewhere' }],
  ['gone', 'where it was killed a moment ago', alive],
  ['gone', 'where it was killed, while apply is at work', alive, { holder: apply }],
  ['gone', 'where it is stopped by a debugger', silent, { holder: unknown }],
  ['ended', 'where it ended in good order', ended],
  ['ended', 'where it ended, seen from elsewhere', ended, { host: 'elsewhere' }],
  ['ended', 'where it ended, and apply is at work', ended, { holder: apply }],
  ['running', 'where another one has begun', { ...silent, endedAt: ago(60) }, { holder: anew }],
  ['running', 'where another one has begun after a kill', silent, { holder: anew }],
  ['running', 'where the clock was set back', { ...began, heartbeat: ago(-300) }, { holder: run }],
];

test.each(cases)('the daemon is %s %s', (expected, _, lifetime, asked = {}) => {
  const record = lifetime && statusOf({ lifetime: { ...unknownLifetime, ...lifetime } });
  const from = { now, holder: null, host: 'here', maxAgeMs: 60_000, ...asked };
  expect(daemonState(record, from)).toBe(expected);
});

test('after apply no daemon is missed, and one that runs is seen', () => {
  const record = statusOf({ command: 'apply', lifetime: { ...unknownLifetime, ...alive } });
  const from = { now, holder: null, host: 'here', maxAgeMs: 60_000 };
  expect(daemonState(record, from)).toBe('none');
  expect(daemonState(record, { ...from, holder: run })).toBe('running');
});
