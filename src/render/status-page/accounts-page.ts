// All accounts of a process, the worst first: 200 on a page, found by state or name.
import type { AccountState, AccountSummary } from '../../status/over-accounts/account-summary.ts';
import type { AccountsStatus } from '../../status/over-accounts/accounts-status.ts';
import { type WidgetState, widgetStates } from '../../status/widget-status.ts';
import { type Html, html } from '../page/html.ts';
import { accountStateWords, accountTones } from '../status/account-state-words.ts';
import { roughText, timeHtml } from './ages.ts';
import { pageLinks, pageOf } from './page-links.ts';
import { fact, pageShell } from './page-shell.ts';
import { stateWords } from './state-words.ts';

export interface AccountsMoment {
  /** Of the program. */
  readonly version: string;
  readonly edition: string;
  readonly nowMs: number;
  readonly startedAt: AccountSummary['since'];
  readonly all: AccountsStatus;
  /** What is wrong with the file of accounts, each with its place. */
  readonly problems: readonly string[];
}

export interface AccountsAsked {
  /** Null: all of them. */
  readonly state: AccountState | null;
  /** '' for nothing. */
  readonly query: string;
  /** From 1. */
  readonly page: number;
}

/** In the order of the filters: the usual ones first. */
const filterStates = [
  'calm',
  'sending',
  'waiting',
  'failing',
  'blocked',
  'held',
  'not-running',
  'suspended',
] as const satisfies readonly AccountState[];

export function accountStateFrom(text: string): AccountState | null {
  return filterStates.find((state) => state === text) ?? null;
}

/** Where the pages of an account begin. Names are plain. */
export function accountBase(name: string): string {
  return `/accounts/${name}`;
}

export function accountsPage(moment: AccountsMoment, asked: AccountsAsked): string {
  const { all, edition } = moment;
  const shown = pageOf(accountsFound(all.accounts, asked), asked.page);
  const title = asked.state === null ? 'Accounts' : `Accounts: ${accountStateWords[asked.state]}`;
  const worse = all.states['not-running'] + all.states.blocked + all.states.failing;
  return pageShell({
    title: `${worse > 0 ? `(${worse} need a look) ` : ''}${title} – widget-sync`,
    account: null,
    facts: facts(moment),
    links: [],
    search: {
      ...{ path: '/', label: 'Find an account', placeholder: 'Name   ( / )' },
      ...{ query: asked.query, state: asked.state },
    },
    edition,
    topic: '',
    main: html`${moment.problems.map(problem)}
<h1 class="sr">${title}</h1>
${filters(all, asked)}
${shown.items.length === 0 ? emptyNote(all, asked) : table(shown.items, moment.nowMs)}
${pageLinks('/', asked, shown)}`,
    data: { status: '/status.json', metrics: '/metrics' },
  });
}

function facts({ version, startedAt, all, nowMs }: AccountsMoment): Html[] {
  const since = startedAt?.getTime() ?? nowMs;
  const widgets = html`${all.widgets} ${all.widgets === 1 ? 'widget' : 'widgets'}`;
  return [
    fact(html`version ${version}`),
    ...(startedAt === null
      ? []
      : [fact(html`running since ${timeHtml(startedAt, roughText(nowMs - since))}`)]),
    fact(widgets),
    ...widgetStates
      .filter((state) => state !== 'applied' && all.counts[state] > 0)
      .map((state) => fact(html`${all.counts[state]} ${stateWords[state]}`)),
  ];
}

function problem(says: string): Html {
  return html`<p class="banner warn"><span class="says"><strong>The file of accounts.</strong> ${says}</span></p>`;
}

function accountsFound(
  accounts: readonly AccountSummary[],
  { state, query }: AccountsAsked,
): readonly AccountSummary[] {
  const wanted = query.trim().toLowerCase();
  const ofState = state === null ? accounts : accounts.filter((one) => one.state === state);
  return wanted === '' ? ofState : ofState.filter(({ name }) => name.includes(wanted));
}

function filters({ accounts, states }: AccountsStatus, { state, query }: AccountsAsked): Html {
  const link = (to: AccountState | null, count: number, words: string) => {
    const target = new URLSearchParams({
      ...(to !== null && { state: to }),
      ...(query !== '' && { q: query }),
    }).toString();
    const kind = to === null || count === 0 ? '' : accountTones[to];
    return html`<li><a id="f-${to ?? 'all'}" class="${kind}" href="/${target !== '' && `?${target}`}"${to === state && html` aria-current="true"`}><strong>${count}</strong> ${words}</a></li>`;
  };
  return html`<ul class="filters" aria-label="Filter by state">${[
    link(null, accounts.length, accounts.length === 1 ? 'account' : 'accounts'),
    ...filterStates.map((one) => link(one, states[one], accountStateWords[one])),
  ]}</ul>`;
}

function emptyNote({ accounts }: AccountsStatus, { query, state }: AccountsAsked): Html {
  if (accounts.length === 0) {
    return html`<div class="empty"><p>The file of accounts names none. Accounts appear here once it does.</p></div>`;
  }
  const ofState = state === null ? '' : ` that is ${accountStateWords[state]}`;
  const named = query === '' ? '' : ` with “${query}” in its name`;
  return html`<p class="empty">There is no account${ofState}${named}. <a href="/">Show all</a></p>`;
}

function table(accounts: readonly AccountSummary[], nowMs: number): Html {
  return html`<table class="accounts"><thead><tr><th scope="col">Account</th><th scope="col">State</th><th scope="col">Widgets</th></tr></thead>
<tbody>${accounts.map((account) => row(account, nowMs))}</tbody></table>`;
}

function row(account: AccountSummary, nowMs: number): Html {
  const { name, state, reason, since, widgets, counts, replica } = account;
  const lasts =
    since !== null &&
    html` <span class="since">(for ${timeHtml(since, roughText(nowMs - since.getTime()))})</span>`;
  const why = reason !== null && html`<p class="reason">${reason}${lasts}</p>`;
  const where = replica !== undefined && html`<p class="soft">on ${replica}</p>`;
  const many = `${widgets} ${widgets === 1 ? 'widget' : 'widgets'}`;
  return html`<tr><th scope="row"><a id="a-${name}" href="${accountBase(name)}/">${name}</a></th>
<td class="state">${accountPill(state)}${why}${where}</td>
<td class="amount">${many}${widgetStates.map((one) => chip(one, counts[one]))}</td></tr>
`;
}

export function accountPill(state: AccountState): Html {
  return html`<span class="pill ${accountTones[state]}">${accountStateWords[state]}</span>`;
}

/** What is applied is the rest. */
function chip(state: WidgetState, count: number): Html | null {
  if (state === 'applied' || count === 0) return null;
  return html` <span class="pill ${state}">${count} ${stateWords[state]}</span>`;
}
