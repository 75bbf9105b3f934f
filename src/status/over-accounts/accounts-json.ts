// Several accounts as JSON: what `status --accounts --json` prints and `/status.json` of many answers.
import type { AccountSummary } from './account-summary.ts';
import type { AccountsStatus } from './accounts-status.ts';

/** What stands before the keys that an account has where it is the only one. */
export function summaryJson({ name, state, reason, since }: AccountSummary) {
  return {
    account: name,
    account_state: state,
    account_reason: reason,
    account_since: since?.toISOString() ?? null,
  };
}

/** Of all that were asked for. */
export function totalsJson({ accounts, states, counts, widgets }: AccountsStatus) {
  return {
    summary: { accounts: accounts.length, widgets, account_states: states, states: counts },
  };
}

/** What is wrong with the file of accounts, and holds no account of its own. */
export function problemsJson(
  problems: readonly { readonly place: string; readonly message: string }[],
) {
  return { problems: problems.map(({ place, message }) => ({ place, message })) };
}
