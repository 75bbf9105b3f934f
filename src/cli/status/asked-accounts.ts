// The accounts that a command is about, of those in the file of accounts.
import type { AccountsLook } from '../../accounts/account-entry.ts';

export interface AskedAccounts extends Pick<AccountsLook, 'accounts' | 'held'> {
  /** By one name that was given: it is shown as where it is the only one. */
  readonly isOne: boolean;
}
