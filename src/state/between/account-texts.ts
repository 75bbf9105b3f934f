// All that the store on PostgreSQL holds of an account, as the texts that a state directory would have.
import { TenureLostError } from '../../base/errors.ts';
import { hideOnDisk } from '../../base/secrets.ts';
import { count } from '../../base/text.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import type { SingleFile, StateTexts } from '../file/state-texts.ts';
import type { Database } from '../postgres/database/database.ts';
import { type KeptKind, keptKinds, readAllKept } from '../postgres/kept.ts';
import { readRows } from '../postgres/records.ts';
import { parseSuspect } from '../postgres/suspects.ts';
import { orderValidMs } from '../state-store.ts';

export interface AccountTexts {
  readonly texts: StateTexts;
  /** Of the directory that it was imported from; null: it was not. */
  readonly importedDigest: string | null;
}

export interface FoundInStore extends AccountTexts {
  /** What is there and nobody could use, in words: it stays in the store. */
  readonly damaged: readonly string[];
}

const importedKind = 'imported';
const fileKinds = Object.entries(keptKinds) as [KeptKind, SingleFile][];

/** Throws `StateError`. */
export async function readAccountTexts(database: Database, account: string): Promise<FoundInStore> {
  const damaged: string[] = [];
  const records = new Map<WidgetId, string>();
  for await (const rows of readRows(database, account)) {
    for (const { widget_id, record } of rows) {
      const widgetId = parseWidgetId(widget_id);
      if (widgetId === widget_id) records.set(widgetId, record);
      else damaged.push(`the record ${widget_id}: its name is not a widget id in lower case`);
    }
  }
  const lines = await database.ask<{ line: string }>({
    what: `cannot read the history of the account ${account}`,
    sql: 'select line from widget_sync.history where account = $1 order by token, seq',
    values: [account],
  });
  const kept = await readAllKept(database, account);
  const singles = new Map<SingleFile, string>();
  for (const [kind, file] of fileKinds) {
    const content = kept.get(kind);
    if (content !== undefined) singles.set(file, content);
  }
  const approval = (await notesFor(database, account)).findLast(({ kind }) => kind === 'approval');
  if (approval !== undefined) singles.set('approved.json', approval.content);
  const history = lines.map(({ line }) => line);
  return {
    texts: { records, history, singles },
    importedDigest: kept.get(importedKind) ?? null,
    damaged,
  };
}

/**
 * What a holder has still to do for the account, in words; null: nothing. A directory has no place for what
 * others have left. Throws `StateError`.
 */
export async function undoneFor(database: Database, account: string): Promise<string | null> {
  const notes = await notesFor(database, account);
  const suspects = notes.filter(({ kind }) => kind === 'suspect');
  if (suspects.length > 0) {
    const ids = new Set(
      suspects.map(({ content }) => parseSuspect(content)?.widgetId ?? 'damaged'),
    );
    const named = [...ids].slice(0, mostNamed).join(', ');
    const more = ids.size > mostNamed ? ', …' : '';
    return (
      `${count(ids.size, 'widget')} may hold what a former holder has sent (${named}${more}), and was not looked ` +
      'at since: let a replica or apply do that first'
    );
  }
  const isOrdered = notes.some(({ kind, is_fresh }) => kind.startsWith('forget') && is_fresh);
  return isOrdered
    ? 'an order to forget widgets waits for its holder: try again in a minute'
    : null;
}

const mostNamed = 3;

interface FoundNote {
  readonly kind: string;
  readonly content: string;
  /** As an order it counts now. */
  readonly is_fresh: boolean;
}

/** Those that have no answer, oldest first. */
function notesFor(database: Database, account: string): Promise<FoundNote[]> {
  return database.ask<FoundNote>({
    what: `cannot read what was left for the holder of the account ${account}`,
    sql: `select kind, content, left_at > clock_timestamp() - make_interval(secs => $2) as is_fresh
          from widget_sync.note where account = $1 and kind <> 'forget-answered' order by number`,
    values: [account, orderValidMs / 1000],
  });
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
