// The states of accounts as people say them, and how much of a look they need.
import type { AccountState } from '../../status/over-accounts/account-summary.ts';

export const accountStateWords: { readonly [state in AccountState]: string } = {
  'not-running': 'not running',
  held: 'held',
  blocked: 'blocked',
  failing: 'failing',
  waiting: 'waiting',
  sending: 'sending',
  suspended: 'suspended',
  calm: 'calm',
};

/** `bad`: somebody has to mend something. `warn`: it ends by itself. */
export const accountTones: { readonly [state in AccountState]: 'bad' | 'warn' | 'plain' | 'good' } =
  {
    'not-running': 'bad',
    held: 'bad',
    blocked: 'bad',
    failing: 'bad',
    waiting: 'warn',
    sending: 'warn',
    suspended: 'plain',
    calm: 'good',
  };
