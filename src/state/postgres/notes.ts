// What others leave for whoever holds an account: approvals and orders of people. The holders of many
// accounts ask each second for each of them: one statement answers all who wait for it.
import { hideOnDisk } from '../../base/secrets.ts';
import type { Database } from './database/database.ts';

/**
 * An order that was taken or answered is of another kind: one update decides whether it is taken or taken
 * back.
 */
export type NoteKind =
  | 'approval'
  | 'forget'
  | 'forget-taken'
  | 'forget-answered'
  | 'resync'
  | 'suspect';

export interface Note {
  readonly id: string;
  readonly kind: NoteKind;
  readonly content: string;
}

interface NoteRow extends Note {
  readonly account: string;
}

/** Notes of all accounts. They are few, and the old ones go. */
export class Notes {
  readonly #database: Database;
  /** The statement that has not begun; null: nobody waits for one. */
  #next: Promise<ReadonlyMap<string, readonly Note[]>> | null = null;
  /** The last one that has begun. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those of the account that stand there now, oldest first. Throws `StateError`. */
  async of(account: string): Promise<readonly Note[]> {
    return (await this.#now()).get(account) ?? [];
  }

  /**
   * What is under way may not have seen what was left a moment ago: who comes meanwhile shares the next
   * one.
   */
  #now(): Promise<ReadonlyMap<string, readonly Note[]>> {
    this.#next ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        const asked = this.#askAll();
        this.#last = asked;
        return asked;
      });
    return this.#next;
  }

  async #askAll(): Promise<ReadonlyMap<string, readonly Note[]>> {
    const rows = await this.#database.ask<NoteRow>({
      what: 'cannot read what was left for the holders of accounts',
      sql: `select id, account, kind, content from widget_sync.note
            where kind <> 'forget-answered' order by number`,
    });
    const notes = new Map<string, Note[]>();
    for (const { account, ...note } of rows) {
      const of = notes.get(account);
      if (of === undefined) notes.set(account, [note]);
      else of.push(note);
    }
    return notes;
  }
}

/**
 * Resolves with its id; what nobody asks for any more goes. Throws `StateError`, also where the account was
 * never begun.
 */
export async function leaveNote(
  database: Database,
  account: string,
  { kind, content, replaces }: Omit<Note, 'id'> & { readonly replaces: boolean },
): Promise<string> {
  const [row] = await database.ask<{ id: string }>({
    what: `cannot leave a note for the holder of the account ${account}`,
    sql: `with earlier as (
            delete from widget_sync.note where (account = $1 and kind = $2 and $4)
              or (kind in ('approval', 'forget-answered') and left_at < now() - interval '2 hours')
          )
          insert into widget_sync.note (account, kind, content) values ($1, $2, $3) returning id`,
    values: [account, kind, hideOnDisk(content), replaces],
  });
  return row?.id ?? '';
}

/** Resolves with what those said that were there. Throws `StateError`. */
export async function removeNotes(
  database: Database,
  ids: readonly string[],
  kind: NoteKind,
): Promise<readonly string[]> {
  const rows = await database.ask<{ content: string }>({
    what: 'cannot remove a note for the holder of an account',
    sql: 'delete from widget_sync.note where id = any($1) and kind = $2 returning content',
    values: [[...ids], kind],
  });
  return rows.map(({ content }) => content);
}

/** Throws `StateError`. */
export async function noteOf(
  database: Database,
  id: string,
  kind: NoteKind,
): Promise<string | null> {
  const [row] = await database.ask<{ content: string }>({
    what: 'cannot read a note for the holder of an account',
    sql: 'select content from widget_sync.note where id = $1 and kind = $2',
    values: [id, kind],
  });
  return row?.content ?? null;
}
