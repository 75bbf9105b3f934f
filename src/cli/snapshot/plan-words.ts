// What `plan` takes beside its format: where it looks, and which values it may show.
import { UsageError } from '../../base/errors.ts';
import { oneOf, parseAge } from '../../config/option-values.ts';
import type { Settings } from '../../config/settings.ts';
import { readFlag } from '../read-flag.ts';
import type { SnapshotAsked } from './load-snapshot.ts';

export interface PlanWords {
  readonly snapshot?: string;
  readonly maxAge?: string;
  readonly values?: string;
  readonly full?: true;
  readonly sandbox?: true;
}

export interface PlanView {
  readonly snapshot: SnapshotAsked | null;
  readonly values: 'all' | 'git';
  readonly isFull: boolean;
}

/** Throws `UsageError` for the first word that cannot be used, or does not go together with another one. */
export function readPlanWords(
  { snapshot, maxAge, values = 'all', full, sandbox }: PlanWords,
  { given }: Pick<Settings, 'given'>,
): PlanView {
  const shown = {
    values: readFlag('--values', values, oneOf<'all' | 'git'>(['all', 'git'])),
    isFull: full === true,
  };
  const maxAgeMs = maxAge === undefined ? null : readFlag('--max-age', maxAge, parseAge);
  if (snapshot === undefined) {
    if (maxAge === undefined) return { ...shown, snapshot: null };
    throw new UsageError('--max-age is how old a snapshot may be: it needs --snapshot');
  }
  if (sandbox) throw new UsageError('--snapshot stands for an account: leave --sandbox away');
  if (given.get('live') === 'flag') {
    throw new UsageError('--snapshot says what is live: leave --live away');
  }
  if (given.get('state') === 'flag') {
    throw new UsageError('--snapshot says what was applied: leave --state away');
  }
  return { ...shown, snapshot: { from: snapshot, maxAgeMs } };
}
