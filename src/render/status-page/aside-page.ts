// An account that is not followed now: that it is not, and why.
import { type AccountSummary, noReplica } from '../../status/over-accounts/account-summary.ts';
import { html } from '../page/html.ts';
import { accountPill } from './accounts-page.ts';
import { fact, pageShell } from './page-shell.ts';

export interface AsideMoment {
  /** Of the program. */
  readonly version: string;
  readonly edition: string;
  readonly summary: AccountSummary;
}

const notFollowed =
  'It is not followed now: nothing of it is sent, and its widgets stay as they are. Its pages come back by themselves.';

export function asidePage({ version, edition, summary }: AsideMoment): string {
  const { name, state, reason, replica } = summary;
  const isElsewhere = replica !== undefined && replica !== noReplica;
  return pageShell({
    title: `${name} – widget-sync`,
    account: name,
    facts: fact(html`version ${version}`),
    links: [{ path: '/', words: 'Accounts', isHere: false }],
    search: null,
    edition,
    topic: name,
    main: html`<h1>${name}</h1>
<div class="verdict">${accountPill(state)}${(reason ?? '').split('\n').map((line) => html`<p class="reason">${line}</p>`)}</div>
<p class="soft">${isElsewhere ? html`It is followed by ${replica}, whose server has its pages.` : notFollowed}</p>`,
    data: { status: '/status.json', metrics: '/metrics' },
  });
}
