// The history of an account, read from its end, and kept within the room that it has.
import { messageOf } from '../../base/errors.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { byteFilter, isAskedFor, needlesOf } from '../history-filter.ts';
import { parseHistoryEntry } from '../history-format.ts';
import type { HistoryLine } from '../history-lines.ts';
import type { History, HistoryRequest, OpenOptions } from '../state-store.ts';
import type { Database } from './database/database.ts';
import { type HeldAccount, writeTenured } from './tenured.ts';

/** Read with one statement. A line may be long. */
const linesAtOnce = 200;

interface LineRow {
  readonly token: string;
  readonly seq: string;
  readonly line: string;
}

/** Throws `StateError`; no history yet is an empty one. */
export async function readHistory(
  database: Database,
  account: string,
  request: HistoryRequest,
): Promise<History> {
  const { isOutOfTime } = byteFilter(request);
  const entries: HistoryEntry[] = [];
  let damaged = 0;
  for await (const line of linesBackwards(database, account, request)) {
    if (isOutOfTime(Buffer.from(line))) continue;
    const entry = parseHistoryEntry(line);
    if (entry === null) damaged += 1;
    else if (isAskedFor(entry, request)) entries.push(entry);
    if (entries.length >= request.limit) break;
  }
  return { entries: entries.reverse(), damaged };
}

/** Those that the texts of what is asked for stand in, last first. */
async function* linesBackwards(
  database: Database,
  account: string,
  request: HistoryRequest,
): AsyncGenerator<string> {
  const most = Math.max(1, Math.min(linesAtOnce, request.limit));
  let before: readonly [string, string] = [largest, largest];
  for (;;) {
    const rows = await database.ask<LineRow>({
      what: `cannot read the history of the account ${account}`,
      sql: `select token, seq, line from widget_sync.history
            where account = $1 and (token, seq) < ($2::bigint, $3::bigint)
              and not exists (select from unnest($4::text[]) as n (needle) where strpos(line, needle) = 0)
            order by token desc, seq desc limit $5`,
      values: [account, ...before, needlesOf(request), most],
    });
    for (const { line } of rows) yield line;
    const last = rows.at(-1);
    if (last === undefined || rows.length < most) return;
    before = [last.token, last.seq];
  }
}

/** Of a bigint. */
const largest = '9223372036854775807';

/** Keeps the history within its room: beyond that its oldest half goes. */
export class HistoryRoom {
  readonly #held: HeldAccount;
  readonly #mostBytes: number | null;
  readonly #warn: OpenOptions['warn'];
  /** Null: not asked for yet. */
  #bytes: number | null = null;
  #making: Promise<void> = Promise.resolve();
  /** The last try failed. */
  #isUnbounded = false;

  constructor(held: HeldAccount, { keepHistoryBytes = null, warn }: OpenOptions) {
    this.#held = held;
    this.#mostBytes = keepHistoryBytes;
    this.#warn = warn;
  }

  /**
   * Before these lines are written. Never rejects: a history that grows too long is worth more than one
   * that ends.
   */
  make(lines: readonly HistoryLine[]): Promise<void> {
    const most = this.#mostBytes;
    if (most === null) return this.#making;
    const bytes = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
    this.#making = this.#making.then(() => this.#makeFor(bytes, most));
    return this.#making;
  }

  async #makeFor(bytes: number, mostBytes: number): Promise<void> {
    try {
      let used = this.#bytes ?? (await this.#ask());
      if (used > 0 && used + bytes > mostBytes) used -= await this.#removeOldest(mostBytes / 2);
      this.#bytes = used + bytes;
      this.#isUnbounded = false;
    } catch (error) {
      this.#bytes = null;
      if (this.#isUnbounded) return;
      this.#isUnbounded = true;
      const facts = { account: this.#held.name, keep: mostBytes, error: messageOf(error) };
      this.#warn('the history grows beyond --keep-history, for its oldest lines cannot go', facts);
    }
  }

  async #ask(): Promise<number> {
    const [row] = await this.#held.database.ask<{ bytes: number }>({
      what: `cannot read the history of the account ${this.#held.name}`,
      sql: `select coalesce(sum(octet_length(line) + 1), 0)::float8 as bytes
            from widget_sync.history where account = $1`,
      values: [this.#held.name],
    });
    return row?.bytes ?? 0;
  }

  /** Until at most so many bytes are left. Resolves with how many went. */
  async #removeOldest(leftBytes: number): Promise<number> {
    const { freed } = await writeTenured<{ freed: number }>(this.#held, {
      what: `cannot shorten the history of the account ${this.#held.name}`,
      parts: `summed as (
                select token, seq, sum(octet_length(line) + 1) over (order by token desc, seq desc) as bytes
                from widget_sync.history where account = $1
              ), removed as (
                delete from widget_sync.history h using mine, summed s
                where h.account = mine.name and h.token = s.token and h.seq = s.seq and s.bytes > $4::float8
                returning octet_length(h.line) + 1 as bytes
              )`,
      result: '(select coalesce(sum(bytes), 0) from removed)::float8 as freed',
      values: [leftBytes],
    });
    return freed;
  }
}
