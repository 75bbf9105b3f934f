// What every page of the operator has around it: who runs since when, from which commit, and what stands in
// the way of everything.
import type { Commit } from '../../model/commit.ts';
import { behindCode, type ObstacleKind, type StatusRecord } from '../../status/status-record.ts';
import type { AccountStatus, WidgetState } from '../../status/widget-status.ts';
import { type Content, type Html, html, nothing } from '../page/html.ts';
import { utcTime } from '../time.ts';
import { awayHtml, roughText, timeHtml } from './ages.ts';
import { fact, pageShell } from './page-shell.ts';

/** Where the pages of an account are. */
export interface Place {
  /** Before each of their paths, without a slash at its end. */
  readonly base: string;
  /** The name of the account; null where it is the only one. */
  readonly account: string | null;
}

export const onlyPlace: Place = { base: '', account: null };

/** The account at one moment. */
export interface Moment {
  readonly place: Place;
  /** Of the program. */
  readonly version: string;
  /** Another one is another page. */
  readonly edition: string;
  readonly nowMs: number;
  readonly account: AccountStatus;
}

export interface Asked {
  /** Null: all of them. */
  readonly state: WidgetState | null;
  /** '' for nothing. */
  readonly query: string;
  /** From 1. */
  readonly page: number;
}

export const askedNothing: Asked = { state: null, query: '', page: 1 };

export interface PageParts {
  readonly title: string;
  readonly at: 'widgets' | 'plan' | 'history' | null;
  /** What stays in the search while its results are shown. */
  readonly asked: Asked;
  readonly main: Content;
}

export function operatorPage(moment: Moment, { title, at, asked, main }: PageParts): string {
  const { place, edition } = moment;
  const { base, account } = place;
  const { record, counts } = moment.account;
  const waiting = record?.queue.length ?? 0;
  const whose = account === null ? '' : `${account}: `;
  const failed = counts.failed > 0 ? `(${counts.failed} failed) ` : '';
  return pageShell({
    title: `${failed}${whose}${title}`,
    account,
    facts: facts(moment),
    links: [
      ...(account === null ? [] : [{ path: '/', words: 'Accounts', isHere: false }]),
      { path: `${base}/`, words: 'Widgets', isHere: at === 'widgets' },
      {
        path: `${base}/plan`,
        words: waiting === 0 ? 'Queue' : `Queue (${waiting})`,
        isHere: at === 'plan',
      },
      { path: `${base}/history`, words: 'History', isHere: at === 'history' },
    ],
    search: {
      ...asked,
      path: `${base}/`,
      label: 'Find a widget',
      placeholder: 'Name, file or id   ( / )',
    },
    edition,
    topic: account ?? '',
    main: html`${banner(moment)}
${main}`,
    data: { status: `${base}/status.json`, metrics: metricsOf(account) },
  });
}

function metricsOf(account: string | null): string {
  return account === null ? '/metrics' : `/metrics?account=${account}`;
}

function facts({ version, account, nowMs }: Moment): Content {
  const { record } = account;
  const ofProgram = fact(html`version ${version}`);
  if (record === null) return [ofProgram, fact(html`no pass yet`)];
  const { lifetime, revision, commit, time } = record;
  const { startedAt, nextResync } = lifetime;
  return [
    ofProgram,
    startedAt !== null &&
      fact(html`running since ${timeHtml(startedAt, roughText(nowMs - startedAt.getTime()))}`),
    revision !== null &&
      fact(html`revision ${revisionHtml(revision, { commit, isEdited: false })}`),
    fact(time === null ? html`no pass yet` : html`last pass ${awayHtml(time, nowMs)}`),
    nextResync !== null && fact(html`next resync ${awayHtml(nextResync, nowMs)}`),
  ];
}

interface CommitTold {
  /** Of that revision; null where it cannot be read. */
  readonly commit: Commit | null;
  /** The files were not as the commit has them: then they are not its author's. */
  readonly isEdited: boolean;
}

/** As `a1b2c3d “Winter colours”, Mia Berg`; the commit of another revision is not this one's. */
export function revisionHtml(revision: string, { commit, isEdited }: CommitTold): Html {
  const known = commit !== null && revision.startsWith(commit.id) ? commit : null;
  const author = known !== null && !isEdited && html`, <bdi>${known.author}</bdi>`;
  const told = known === null ? nothing : html` “<bdi>${known.subject}</bdi>”${author}`;
  return html`<code>${shortRevision(revision)}${isEdited && '+edited'}</code>${told}`;
}

export function shortRevision(revision: string): string {
  return revision.slice(0, 7);
}

const obstacleHeads: { readonly [by in ObstacleKind]: string } = {
  key: 'The key is refused.',
  service: 'The service is down.',
  limit: 'The service takes no more.',
  pass: 'Nothing can be looked at.',
  changes: 'A plan waits for a person.',
  sweep: 'What is live cannot be read.',
  'key-file': 'The key file cannot be used.',
};

function banner({ account, nowMs }: Moment): Content {
  const { record } = account;
  if (record === null) return null;
  return [
    ...record.obstacles.map((one) => obstacleNote(one, nowMs)),
    waitingNote(record),
    behindNote(record),
  ];
}

function obstacleNote({ by, says, since }: StatusRecord['obstacles'][number], nowMs: number): Html {
  const isBad = by === 'key' || by === 'pass';
  // No live region: it is swapped with the page, and the script tells of it when it says something else.
  return html`<p class="banner ${isBad ? 'bad' : 'warn'}"><span class="says"><strong>${obstacleHeads[by]}</strong> ${says}${/[.!?]$/.test(says) ? '' : '.'}</span> <span class="since">Since ${awayHtml(since, nowMs)}.</span></p>`;
}

/** What blocks says it itself. */
function behindNote({ files, obstacles }: StatusRecord): Html | null {
  const unsettled = files?.unsettled ?? null;
  if (unsettled?.code !== behindCode || obstacles.some(({ by }) => by === 'pass')) return null;
  return html`<p class="banner warn"><strong>Waiting for files.</strong> ${unsettled.says}.</p>`;
}

function waitingNote({ waiting, queue }: StatusRecord): Html | null {
  if (waiting === null) return null;
  const [waits, noun] = queue.length === 1 ? ['waits', 'change'] : ['wait', 'changes'];
  const many = queue.length > 0 && `. ${queue.length} ${noun} ${waits}; nothing is lost`;
  const until = timeHtml(waiting.until, utcTime(waiting.until.getTime()));
  return html`<p class="banner warn"><strong>Waiting.</strong> Nothing is sent until ${until}: ${waiting.why}${many}.</p>`;
}
