// What there is one of for an account, each a text as the file store has it in a file of its own.
import { hideOnDisk } from '../../base/secrets.ts';
import type { Database } from './database/database.ts';
import { type HeldAccount, writeRow } from './tenured.ts';

/** The files of the file store that they stand in, for messages and for who moves a state. */
export const keptKinds = {
  status: 'status.json',
  allowed: 'admitted.json',
  usage: 'spent.json',
  learnt: 'learnt-limit.json',
  announcements: 'notified.json',
} as const;

export type KeptKind = keyof typeof keptKinds;

const words: Record<KeptKind, string> = {
  status: 'the status',
  allowed: 'what was let through,',
  usage: 'how much of --rate is used up,',
  learnt: 'what was learnt of the limit of the API,',
  announcements: 'what was notified,',
};

/** Null where there is none. Throws `StateError`. */
export async function readKept(
  database: Database,
  account: string,
  kind: KeptKind,
): Promise<string | null> {
  const [row] = await database.ask<{ content: string }>({
    what: `cannot read ${words[kind]} of the account ${account}`,
    sql: 'select content from widget_sync.kept where account = $1 and kind = $2',
    values: [account, kind],
  });
  return row?.content ?? null;
}

/** Of the one who holds the account: nobody else writes it, so that it is read once. */
export class Kept {
  readonly #held: HeldAccount;
  readonly #texts: Map<string, string>;

  constructor(held: HeldAccount, texts: ReadonlyMap<string, string>) {
    this.#held = held;
    this.#texts = new Map(texts);
  }

  read(kind: KeptKind): string | null {
    return this.#texts.get(kind) ?? null;
  }

  /** Throws `TenureLostError` and `StateError`. */
  async write(kind: KeptKind, text: string): Promise<void> {
    const content = hideOnDisk(text);
    await writeRow(this.#held, {
      what: `cannot write ${words[kind]} of the account ${this.#held.name}`,
      parts: `written as (
                insert into widget_sync.kept as k (account, kind, token, seq, content)
                select name, $4, token, $5::bigint, $6 from mine
                on conflict (account, kind) do update set token = excluded.token,
                  seq = excluded.seq, content = excluded.content
                  where (k.token, k.seq) < (excluded.token, excluded.seq)
                returning 1
              )`,
      values: [kind, this.#held.nextSeq(), content],
    });
    this.#texts.set(kind, content);
  }
}

/** All that there is, by its kind. Throws `StateError`. */
export async function readAllKept(
  database: Database,
  account: string,
): Promise<Map<string, string>> {
  const rows = await database.ask<{ kind: string; content: string }>({
    what: `cannot read what is kept of the account ${account}`,
    sql: 'select kind, content from widget_sync.kept where account = $1',
    values: [account],
  });
  return new Map(rows.map(({ kind, content }) => [kind, content]));
}
