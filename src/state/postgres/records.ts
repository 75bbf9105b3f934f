// The records of an account: the same texts as in files, and as little trusted.
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { hideOnDisk } from '../../base/secrets.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { type ParsedRecord, parseRecord } from '../format/record-format.ts';
import type { HistoryLine } from '../history-lines.ts';
import type { StoredRecord } from '../record-index.ts';
import type { StateOptions } from '../state-store.ts';
import type { Database } from './database/database.ts';
import { type HeldAccount, writeRow, writeTenured } from './tenured.ts';

export interface RecordRow {
  readonly widget_id: string;
  readonly record: string;
}

/** So many are read with one statement, and so many understood before anything else gets its turn. */
const rowsAtOnce = 500;
const parsedAtOnce = 64;

/** In the order of their ids, page by page. Throws `StateError`. */
export async function* readRows(
  database: Database,
  account: string,
): AsyncGenerator<readonly RecordRow[]> {
  let after = '';
  for (;;) {
    const rows = await database.ask<RecordRow>({
      what: `cannot read the state records of the account ${account}`,
      sql: `select widget_id, record from widget_sync.widget
            where account = $1 and widget_id > $2 and record is not null
            order by widget_id limit $3`,
      values: [account, after, rowsAtOnce],
    });
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)?.widget_id ?? '';
  }
}

type Reading = Pick<StateOptions, 'apiUrl' | 'warn'>;

/** Those that can be used; a warning says which cannot. Throws `StateError`. */
export async function readRecords(
  database: Database,
  account: string,
  reading: Reading,
): Promise<StoredRecord[]> {
  const stored: StoredRecord[] = [];
  const ignored = new Ignored(account, reading.warn);
  for await (const rows of readRows(database, account)) {
    for (let start = 0; start < rows.length; start += parsedAtOnce) {
      if (start > 0) await turnOfTheLoop();
      for (const row of rows.slice(start, start + parsedAtOnce)) {
        const parsed = parseRow(row, reading.apiUrl);
        if ('record' in parsed) stored.push(parsed);
        else ignored.note(row.widget_id, parsed);
      }
    }
  }
  ignored.warn();
  return stored;
}

/** Of these widgets alone, silently. Throws `StateError`. */
export async function readRecordsOf(
  database: Database,
  account: string,
  { widgetIds, apiUrl }: { readonly widgetIds: ReadonlySet<WidgetId>; readonly apiUrl: string },
): Promise<AppliedRecord[]> {
  const rows = await database.ask<RecordRow>({
    what: `cannot read the state records of the account ${account}`,
    sql: `select widget_id, record from widget_sync.widget
          where account = $1 and widget_id = any($2) and record is not null order by widget_id`,
    values: [account, [...widgetIds]],
  });
  return rows.flatMap((row) => usableIn(row, apiUrl));
}

export function usableIn(row: RecordRow, apiUrl: string): AppliedRecord[] {
  const parsed = parseRow(row, apiUrl);
  return 'record' in parsed ? [parsed.record] : [];
}

function parseRow({ widget_id, record }: RecordRow, apiUrl: string): ParsedRecord {
  const widgetId = parseWidgetId(widget_id);
  if (widgetId !== widget_id) return { damage: 'its name is not a widget id in lower case' };
  return parseRecord(record, widgetId, apiUrl);
}

type Damage = Exclude<ParsedRecord, StoredRecord>;

/**
 * Records that cannot be used, each with one warning; of another API one for all, for there may be
 * thousands.
 */
class Ignored {
  readonly #account: string;
  readonly #warn: StateOptions['warn'];
  readonly #foreign = new Map<
    string,
    { readonly widgetId: string; readonly damage: string; others: number }
  >();

  constructor(account: string, warn: StateOptions['warn']) {
    this.#account = account;
    this.#warn = warn;
  }

  note(widgetId: string, { damage, ofApi }: Damage): void {
    if (ofApi === undefined) return this.#say(widgetId, damage, 0);
    const first = this.#foreign.get(ofApi);
    if (first === undefined) this.#foreign.set(ofApi, { widgetId, damage, others: 0 });
    else first.others += 1;
  }

  warn(): void {
    for (const { widgetId, damage, others } of this.#foreign.values()) {
      this.#say(widgetId, damage, others);
    }
  }

  #say(widgetId: string, damage: string, others: number): void {
    const more = others === 0 ? {} : { others };
    const facts = { account: this.#account, record: widgetId, ...more, reason: damage };
    this.#warn('a state record is ignored; its widget counts as never applied', facts);
  }
}

/** A record, and lines of history with it: both or neither. Throws `TenureLostError` and `StateError`. */
export async function writeRecord(
  held: HeldAccount,
  { widgetId, text }: { readonly widgetId: WidgetId; readonly text: string },
  lines: readonly HistoryLine[] = [],
): Promise<void> {
  await writeRow(held, {
    what: `cannot write the state record ${widgetId} of the account ${held.name}`,
    parts: `written as (
              insert into widget_sync.widget as w (account, widget_id, token, seq, record)
              select name, $4, token, $5::bigint, $6 from mine
              on conflict (account, widget_id) do update set token = excluded.token,
                seq = excluded.seq, record = excluded.record
                where (w.token, w.seq) < (excluded.token, excluded.seq)
              returning 1
            ), ${linesPart(7)}`,
    values: [widgetId, held.nextSeq(), hideOnDisk(text), ...lineValues(lines)],
  });
}

/**
 * Leaves rows without a record, and lines of history with them. Throws `TenureLostError` and `StateError`.
 */
export async function removeRecords(
  held: HeldAccount,
  widgetIds: readonly WidgetId[],
  lines: readonly HistoryLine[],
): Promise<void> {
  await writeTenured(held, {
    what: `cannot remove state records of the account ${held.name}`,
    parts: `removed as (
              update widget_sync.widget w set record = null, token = mine.token, seq = $5::bigint
              from mine where w.account = mine.name and w.widget_id = any($4)
                and (w.token, w.seq) < (mine.token, $5::bigint)
            ), ${linesPart(6)}`,
    values: [[...widgetIds], held.nextSeq(), ...lineValues(lines)],
  });
}

/** Throws `TenureLostError` and `StateError`. */
export async function writeLines(held: HeldAccount, lines: readonly HistoryLine[]): Promise<void> {
  await writeTenured(held, {
    what: `cannot write the history of the account ${held.name}`,
    parts: linesPart(4),
    values: lineValues(lines),
  });
}

/** A line that was written before, by a statement without an answer, stands there once. */
function linesPart(first: number): string {
  return `told as (
            insert into widget_sync.history (account, token, seq, line)
            select mine.name, mine.token, l.seq, l.line
            from mine, unnest($${first}::bigint[], $${first + 1}::text[]) as l (seq, line)
            on conflict do nothing
          )`;
}

function lineValues(lines: readonly HistoryLine[]): [number[], string[]] {
  return [lines.map(({ seq }) => seq), lines.map(({ text }) => hideOnDisk(text))];
}
