// The states of accounts as people say them.
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
