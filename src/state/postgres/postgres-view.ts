// The state of an account for who only looks at it, beside the replica that holds it.
import { basename } from 'node:path';
import { StateError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { Rate } from '../../config/rate.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { apiUrlOf } from '../format/api-url-of.ts';
import { formatApproval, parseAllowedChanges } from '../format/decision-format.ts';
import { parseLearntLimit } from '../format/learnt-limit-format.ts';
import { formatForgetOrder, formatResyncOrder, parseForgetAnswer } from '../format/order-format.ts';
import { Applied, withoutConfirmed } from '../record-index.ts';
import type {
  AllowedChanges,
  AppliedState,
  ForgetAnswer,
  FoundStatus,
  History,
  HistoryRequest,
  LearntLimit,
  StateOptions,
  StateView,
} from '../state-store.ts';
import type { Database } from './database/database.ts';
import { readHistory } from './history.ts';
import { readKept } from './kept.ts';
import { leaveNote, noteOf, removeNotes } from './notes.ts';
import { readEarlierRequests } from './page.ts';
import { type RecordRow, readRecords, readRecordsOf, readRows, usableIn } from './records.ts';
import { findHolder } from './sessions/holder-of.ts';
import { statusIn } from './status-in.ts';

/** Its name in the file of accounts, which is the last part of the place that `--state` would give it. */
export function accountOf({ directory }: Pick<StateOptions, 'directory'>): string {
  return basename(directory);
}

export class PostgresView implements StateView {
  readonly #database: Database;
  readonly #options: StateOptions;
  readonly #account: string;
  #read: Promise<AppliedState> | null = null;

  constructor(database: Database, options: StateOptions) {
    this.#database = database;
    this.#options = options;
    this.#account = accountOf(options);
  }

  async requireState(): Promise<void> {
    const database = await this.#ready();
    const [row] = await database.ask({
      what: `cannot read the account ${this.#account}`,
      sql: 'select from widget_sync.account where name = $1',
      values: [this.#account],
    });
    if (row !== undefined) return;
    throw new StateError(
      `nothing is kept for the account ${this.#account} on PostgreSQL: nothing was applied yet, or PGDATABASE names another database`,
    );
  }

  async *apiUrls(): AsyncGenerator<string> {
    const database = await this.#ready();
    const status = await readKept(database, this.#account, 'status');
    yield* apiUrlsIn(database, this.#account, status);
  }

  applied(): Promise<AppliedState> {
    this.#read ??= this.#readAll();
    return this.#read;
  }

  async search(text: string): Promise<AppliedRecord[]> {
    const only = parseWidgetId(text.trim());
    // A whole id is that of one record.
    if (only !== null) return await this.recordsOf(new Set([only]));
    const wanted = stringifyJson(text.trim()).slice(1, -1).toLowerCase();
    const found: AppliedRecord[] = [];
    for await (const rows of readRows(await this.#ready(), this.#account)) {
      for (const row of rows) {
        if (!row.record.toLowerCase().includes(wanted)) continue;
        found.push(...usableIn(row, this.#options.apiUrl));
      }
    }
    return found;
  }

  async recordsOf(widgetIds: ReadonlySet<WidgetId>): Promise<AppliedRecord[]> {
    const { apiUrl } = this.#options;
    return await readRecordsOf(await this.#ready(), this.#account, { widgetIds, apiUrl });
  }

  async recordedIds(): Promise<WidgetId[]> {
    const database = await this.#ready();
    const rows = await database.ask<Pick<RecordRow, 'widget_id'>>({
      what: `cannot read the state records of the account ${this.#account}`,
      sql: `select widget_id from widget_sync.widget
            where account = $1 and record is not null order by widget_id`,
      values: [this.#account],
    });
    return rows.flatMap(({ widget_id }) => parseWidgetId(widget_id) ?? []);
  }

  async history(request: HistoryRequest): Promise<History> {
    return await readHistory(await this.#ready(), this.#account, request);
  }

  async status(): Promise<FoundStatus> {
    const text = await readKept(await this.#ready(), this.#account, 'status');
    return statusIn(text, this.#account, this.#options);
  }

  async holder() {
    return await findHolder(await this.#ready(), this.#account);
  }

  async allowedChanges(): Promise<AllowedChanges> {
    const text = await readKept(await this.#ready(), this.#account, 'allowed');
    const allowed = text === null ? new Map() : parseAllowedChanges(text, this.#options.apiUrl);
    return withoutConfirmed(allowed, await this.applied());
  }

  async earlierRequestsMs(rate: Rate): Promise<readonly number[]> {
    const { clock } = this.#options;
    return await readEarlierRequests(this.#database, this.#account, { rate, clock });
  }

  async learntLimit(): Promise<LearntLimit | null> {
    // It is learnt anew.
    const text = await readKept(this.#database, this.#account, 'learnt').catch(() => null);
    return text === null ? null : parseLearntLimit(text, this.#options.apiUrl);
  }

  async approve(checksum: string): Promise<void> {
    const database = await this.#ready();
    const content = formatApproval({ checksum, time: await this.#now(database) });
    await leaveNote(database, this.#account, { kind: 'approval', content, replaces: true });
  }

  async orderForget(widgetIds: readonly WidgetId[]): Promise<string> {
    const database = await this.#ready();
    const content = formatForgetOrder({ widgetIds, time: await this.#now(database) });
    return await leaveNote(database, this.#account, { kind: 'forget', content, replaces: false });
  }

  async forgetAnswer(id: string): Promise<ForgetAnswer | null> {
    const database = await this.#ready();
    if ((await noteOf(database, id, 'forget-answered')) === null) return null;
    const [text] = await removeNotes(database, [id], 'forget-answered');
    return text === undefined ? null : parseForgetAnswer(text);
  }

  async withdrawForget(id: string): Promise<boolean> {
    return (await removeNotes(await this.#ready(), [id], 'forget')).length > 0;
  }

  async orderResync(): Promise<string> {
    const database = await this.#ready();
    const content = formatResyncOrder(await this.#now(database));
    return await leaveNote(database, this.#account, { kind: 'resync', content, replaces: false });
  }

  async isResyncTaken(id: string): Promise<boolean> {
    return (await noteOf(await this.#ready(), id, 'resync')) === null;
  }

  async withdrawResync(id: string): Promise<boolean> {
    return (await removeNotes(await this.#ready(), [id], 'resync')).length > 0;
  }

  async #ready(): Promise<Database> {
    await this.#database.requireSchema();
    return this.#database;
  }

  async #readAll(): Promise<AppliedState> {
    const stored = await readRecords(await this.#ready(), this.#account, this.#options);
    return new Applied(stored, this.#options);
  }

  /** By the database: whoever answers may be on another machine. */
  async #now(database: Database): Promise<Date> {
    const time = await database.time(this.#options.clock);
    return new Date(time.latestMs());
  }
}

/** That of the last pass first, `status`, then of each record. Throws `StateError`. */
export async function* apiUrlsIn(
  database: Database,
  account: string,
  status: string | null,
): AsyncGenerator<string> {
  const ofLastPass = status === null ? null : apiUrlOf(status);
  if (ofLastPass !== null) yield ofLastPass;
  for await (const rows of readRows(database, account)) {
    for (const { record } of rows) {
      const apiUrl = apiUrlOf(record);
      if (apiUrl !== null) yield apiUrl;
    }
  }
}
