// All that the store on PostgreSQL holds of an account, as the texts that a state directory would have.
import { TenureLostError } from '../../base/errors.ts';
import { hideOnDisk } from '../../base/secrets.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import type { SingleFile, StateTexts } from '../file/state-texts.ts';
import type { Database } from '../postgres/database/database.ts';
import { keptKinds } from '../postgres/kept.ts';
import { readRows } from '../postgres/records.ts';

export interface AccountTexts {
  readonly texts: StateTexts;
  /** Of the directory that it was imported from; null: it was not. */
  readonly importedDigest: string | null;
}

const importedKind = 'imported';
const fileKinds = Object.entries(keptKinds) as [string, SingleFile][];

/** Throws `StateError`. */
export async function readAccountTexts(database: Database, account: string): Promise<AccountTexts> {
  const records = new Map<WidgetId, string>();
  for await (const rows of readRows(database, account)) {
    for (const { widget_id, record } of rows) {
      const widgetId = parseWidgetId(widget_id);
      if (widgetId !== null) records.set(widgetId, record);
    }
  }
  const what = `cannot read the account ${account}`;
  const lines = await database.ask<{ line: string }>({
    what,
    sql: 'select line from widget_sync.history where account = $1 order by token, seq',
    values: [account],
  });
  const kept = await database.ask<{ kind: string; content: string }>({
    what,
    sql: `select kind, content from widget_sync.kept where account = $1
          union all (select kind, content from widget_sync.note
                     where account = $1 and kind = 'approval' order by number)`,
    values: [account],
  });
  const byKind = new Map(kept.map(({ kind, content }) => [kind, content]));
  const singles = new Map<SingleFile, string>();
  for (const [kind, file] of fileKinds) {
    const content = byKind.get(kind);
    if (content !== undefined) singles.set(file, content);
  }
  const approval = byKind.get('approval');
  if (approval !== undefined) singles.set('approved.json', approval);
  const history = lines.map(({ line }) => line);
  return { texts: { records, history, singles }, importedDigest: byKind.get(importedKind) ?? null };
}

export interface WrittenTexts extends AccountTexts {
  readonly account: string;
  /** The number of the token under which it is done. */
  readonly token: string;
}

const rowsAtOnce = 500;

/** Into an account that has nothing. All or nothing. Throws `StateError`. */
export async function writeAccountTexts(database: Database, written: WrittenTexts): Promise<void> {
  const { account, token, texts, importedDigest } = written;
  const what = `cannot import the account ${account}`;
  await database.inTransaction(what, async (ask) => {
    // A takeover waits for this transaction, or has come before it.
    const [mine] = await ask({
      what,
      sql: 'select from widget_sync.account where name = $1 and token = $2 for share',
      values: [account, token],
    });
    if (mine === undefined) throw new TenureLostError();
    for (const rows of inPages([...texts.records])) {
      await ask({
        what,
        sql: `insert into widget_sync.widget (account, widget_id, token, seq, record)
              select $1, r.id, $2, 0, r.record from unnest($3::text[], $4::text[]) as r (id, record)`,
        values: [account, token, rows.map(([id]) => id), rows.map(([, text]) => hideOnDisk(text))],
      });
    }
    let seq = 0;
    for (const lines of inPages(texts.history)) {
      await ask({
        what,
        sql: `insert into widget_sync.history (account, token, seq, line)
              select $1, $2, $3 + l.n, l.line
              from unnest($4::text[]) with ordinality as l (line, n)`,
        values: [account, token, seq, lines.map(hideOnDisk)],
      });
      seq += lines.length;
    }
    const kept = fileKinds.flatMap(([kind, file]): [string, string][] => {
      const text = texts.singles.get(file);
      return text === undefined ? [] : [[kind, hideOnDisk(text)]];
    });
    if (importedDigest !== null) kept.push([importedKind, importedDigest]);
    await ask({
      what,
      sql: `insert into widget_sync.kept (account, kind, token, seq, content)
            select $1, k.kind, $2, 0, k.content from unnest($3::text[], $4::text[]) as k (kind, content)`,
      values: [account, token, kept.map(([kind]) => kind), kept.map(([, content]) => content)],
    });
    const approval = texts.singles.get('approved.json');
    if (approval === undefined) return;
    await ask({
      what,
      sql: `insert into widget_sync.note (account, kind, content) values ($1, 'approval', $2)`,
      values: [account, hideOnDisk(approval)],
    });
  });
}

function* inPages<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += rowsAtOnce) {
    yield items.slice(start, start + rowsAtOnce);
  }
}
