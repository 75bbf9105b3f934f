import { describe, expect, test } from 'vitest';
import type { AppliedView, Decision, DesiredView, WidgetViews } from '../../src/plan/decide.ts';
import { decide } from '../../src/plan/decide.ts';
import type { Policy } from '../../src/plan/types.ts';

const declared: DesiredView = { kind: 'declared', hash: 'h1' };
const held: DesiredView = { kind: 'held' };
const absent: DesiredView = { kind: 'absent' };
const same: AppliedView = { hash: 'h1', unconfirmedHash: null };
const unconfirmed: AppliedView = { hash: 'h1', unconfirmedHash: 'h2' };
const other: AppliedView = { hash: 'h0', unconfirmedHash: null };
const otherAndSent: AppliedView = { hash: 'h0', unconfirmedHash: 'h1' };

const update = (reason: 'new' | 'edited' | 'drifted' | 'forced'): Decision => ({
  outcome: 'update',
  reason,
});

type Row = readonly [string, DesiredView, AppliedView | null, Policy['send'], Decision];

const table: readonly Row[] = [
  ['never applied', declared, null, 'changed', update('new')],
  ['never applied, all sent', declared, null, 'all', update('new')],
  ['edited', declared, other, 'changed', update('edited')],
  ['edited, all sent', declared, other, 'all', update('edited')],
  [
    'edited to what was sent but never confirmed',
    declared,
    otherAndSent,
    'changed',
    update('edited'),
  ],
  ['as applied, another body unconfirmed', declared, unconfirmed, 'changed', update('drifted')],
  ['as applied, another unconfirmed, all sent', declared, unconfirmed, 'all', update('drifted')],
  ['as applied', declared, same, 'changed', { outcome: 'unchanged' }],
  ['as applied, all sent', declared, same, 'all', update('forced')],
  ['held, never applied', held, null, 'all', { outcome: 'held' }],
  ['held, applied', held, other, 'changed', { outcome: 'held' }],
  ['held, applied, all sent', held, same, 'all', { outcome: 'held' }],
  ['no file', absent, same, 'changed', { outcome: 'orphaned' }],
  ['no file, all sent', absent, unconfirmed, 'all', { outcome: 'orphaned' }],
];

describe('a widget that is', () => {
  test.each(table)('%s', (...row) => {
    const [, desired, applied, send, decision] = row;
    const views = { desired, applied, live: { kind: 'unknown' } } as WidgetViews;
    expect(decide(views, { send })).toEqual(decision);
  });
});
