// Many accounts as one value: each in exactly one state, the worst first, with totals.
import { type StateCounts, widgetStates } from '../widget-status.ts';
import { type AccountState, type AccountSummary, accountStates } from './account-summary.ts';

export type AccountCounts = { readonly [state in AccountState]: number };

export interface AccountsStatus {
  /** Sorted by state, worst first, then by how many widgets are to be mended, then by name. */
  readonly accounts: readonly AccountSummary[];
  /** They add up to the number of accounts. */
  readonly states: AccountCounts;
  /** Of all widgets of all accounts. */
  readonly counts: StateCounts;
  readonly widgets: number;
}

export function accountsStatus(summaries: Iterable<AccountSummary>): AccountsStatus {
  const accounts = [...summaries].sort(worstFirst);
  const states = tally(accountStates);
  const counts = tally(widgetStates);
  let widgets = 0;
  for (const one of accounts) {
    states[one.state] += 1;
    widgets += one.widgets;
    for (const state of widgetStates) counts[state] += one.counts[state];
  }
  return { accounts, states, counts, widgets };
}

function tally<State extends string>(states: readonly State[]): Record<State, number> {
  return Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
}

function worstFirst(a: AccountSummary, b: AccountSummary): number {
  const byState = accountStates.indexOf(a.state) - accountStates.indexOf(b.state);
  if (byState !== 0) return byState;
  const byWidgets = toMend(b) - toMend(a);
  if (byWidgets !== 0) return byWidgets;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function toMend({ counts }: AccountSummary): number {
  return counts.failed + counts.held;
}
