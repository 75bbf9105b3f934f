// Many accounts for people: those that need a look, the worst first, and the totals.
import type { Colors } from 'picocolors/types.js';
import { count } from '../../base/text.ts';
import {
  type AccountState,
  type AccountSummary,
  accountStates,
} from '../../status/over-accounts/account-summary.ts';
import type { AccountsStatus } from '../../status/over-accounts/accounts-status.ts';
import type { ReplicasStatus } from '../../status/over-accounts/replicas-status.ts';
import { widgetStates } from '../../status/widget-status.ts';
import { type Cell, type Row, renderTableWhole } from '../table.ts';
import { durationText } from '../time.ts';
import { accountStateWords, accountTones } from './account-state-words.ts';
import { replicasText, replicaWords } from './replicas-text.ts';

export interface AccountsTextOptions {
  readonly colours: Colors;
  /** Columns of the terminal; null: nothing is broken to fit. */
  readonly width: number | null;
  readonly nowMs: number;
  /** Among replicas: who holds which account. */
  readonly replicas?: ReplicasStatus | null;
}

/** So many accounts are all listed, whether they need a look or not. */
const mostListed = 20;

/** Lines without newlines. */
export function accountsText(all: AccountsStatus, options: AccountsTextOptions): string[] {
  const { colours, width, nowMs, replicas = null } = options;
  const isListed = ({ state }: AccountSummary) =>
    all.accounts.length <= mostListed || !quiet(state);
  const listed = all.accounts.filter(isListed);
  const rows = listed.map((one) => rowOf(one, { colours, nowMs, replicas }));
  const shared = replicas === null ? [] : ['REPLICA'];
  const heads = ['STATE', 'ACCOUNT', ...shared, 'WIDGETS', 'FOR', 'LAST PASS', 'WHY'].map(
    (text): Cell => ({ text, paint: colours.dim }),
  );
  const left = all.accounts.length - listed.length;
  return [
    ...(rows.length === 0 ? [] : [...renderTableWhole([heads, ...rows], width), '']),
    ...(left === 0
      ? []
      : [
          `${count(left, 'account')} that need no look are not listed; --account <name> shows one.`,
        ]),
    ...(replicas === null ? [] : [...replicasText(replicas.replicas, options), '']),
    `Of ${count(all.widgets, 'widget')}: ${countsText(widgetStates, all.counts)}.`,
    colours.bold(
      `Of ${count(all.accounts.length, 'account')}: ${countsText(accountStates, all.states)}.`,
    ),
  ];
}

function quiet(state: AccountState): boolean {
  return state === 'sending' || accountTones[state] === 'plain' || accountTones[state] === 'good';
}

const paints = { bad: 'red', warn: 'yellow', plain: 'dim', good: 'green' } as const;

function rowOf(
  { name, state, reason, since, widgets, counts, lastPass }: AccountSummary,
  { colours, nowMs, replicas }: Pick<AccountsTextOptions, 'colours' | 'nowMs' | 'replicas'>,
): Row {
  const others = widgetStates.filter((one) => one !== 'applied' && counts[one] > 0);
  const differing = others.map((one) => `${counts[one]} ${one}`).join(', ');
  return [
    { text: accountStateWords[state], paint: colours[paints[accountTones[state]]] },
    { text: name, paint: colours.bold },
    ...(replicas ? [holderText(name, replicas)] : []),
    differing === '' ? String(widgets) : `${widgets}: ${differing}`,
    sinceText(since, nowMs),
    lastPass === null ? '-' : agoText(lastPass, nowMs),
    reason ?? '',
  ];
}

function holderText(name: string, { holders }: ReplicasStatus): string {
  const holder = holders.get(name);
  return holder === undefined ? 'nobody' : replicaWords(holder);
}

type Time = AccountSummary['since'];

function sinceText(since: Time, nowMs: number): string {
  return since === null ? '-' : durationText(secondsTo(nowMs, since));
}

function agoText(time: NonNullable<Time>, nowMs: number): string {
  const seconds = secondsTo(nowMs, time);
  return seconds < 1 ? 'just now' : `${durationText(seconds)} ago`;
}

function secondsTo(nowMs: number, time: NonNullable<Time>): number {
  return Math.max(0, Math.floor((nowMs - time.getTime()) / 1000));
}

/** Those that there are, the best first: the worst stands at the end, as in the sum of one account. */
function countsText<State extends string>(
  states: readonly State[],
  counts: { readonly [state in State]: number },
): string {
  const some = [...states].reverse().filter((state) => counts[state] > 0);
  return some.map((state) => `${counts[state]} ${state.replace('-', ' ')}`).join(', ') || 'none';
}
