// What people have left for the holder of an account, as the holder deals with it.
import type { Clock } from '../../base/clock.ts';
import { hideOnDisk } from '../../base/secrets.ts';
import { approvedIn } from '../format/decision-format.ts';
import { formatForgetAnswer, parseForgetOrder, parseResyncTime } from '../format/order-format.ts';
import { type ForgetAnswer, type ForgetOrder, orderValidMs } from '../state-store.ts';
import { type Note, type Notes, noteOf, removeNotes } from './notes.ts';
import { type HeldAccount, writeTenured } from './tenured.ts';

export class Orders {
  readonly #held: HeldAccount;
  readonly #notes: Notes;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** The approvals that were read: these and no later one are used up together. */
  #seen: readonly string[] = [];

  constructor(held: HeldAccount, notes: Notes, clock: Pick<Clock, 'monotonicMs'>) {
    this.#held = held;
    this.#notes = notes;
    this.#clock = clock;
  }

  /** The checksum of the last one that counts now. Throws `StateError`. */
  async approval(): Promise<string | null> {
    const approvals = await this.#of('approval');
    this.#seen = approvals.map(({ id }) => id);
    const last = approvals.at(-1);
    return last === undefined ? null : approvedIn(last.content, await this.#now());
  }

  /** Throws `TenureLostError` and `StateError`. */
  async forgetApproval(): Promise<void> {
    if (this.#seen.length === 0) await this.approval();
    if (this.#seen.length === 0) return;
    await writeTenured(this.#held, {
      what: `cannot remove the approval of the account ${this.#held.name}`,
      parts: `removed as (
                delete from widget_sync.note n using mine
                where n.account = mine.name and n.kind = 'approval' and n.id = any($4)
              )`,
      values: [this.#seen],
    });
  }

  /** Those that count now and have no answer, oldest first; the others go. Throws `StateError`. */
  async open(): Promise<ForgetOrder[]> {
    const notes = [...(await this.#of('forget')), ...(await this.#of('forget-taken'))];
    if (notes.length === 0) return [];
    const now = await this.#now();
    const found: ForgetOrder[] = [];
    for (const { id, kind, content } of notes) {
      const order = parseForgetOrder(content, id);
      const ageMs = order === null ? null : now.getTime() - order.time.getTime();
      if (order !== null && ageMs !== null && Math.abs(ageMs) <= orderValidMs) found.push(order);
      else await removeNotes(this.#held.database, [id], kind);
    }
    return found.sort((a, b) => a.time.getTime() - b.time.getTime());
  }

  /** Whether it is to be carried out: it was not taken back. Throws `TenureLostError` and `StateError`. */
  async take(id: string): Promise<boolean> {
    const { is_taken } = await writeTenured<{ is_taken: boolean }>(this.#held, {
      what: `cannot take an order of the account ${this.#held.name}`,
      parts: `taken as (
                update widget_sync.note n set kind = 'forget-taken' from mine
                where n.account = mine.name and n.id = $4 and n.kind in ('forget', 'forget-taken')
                returning 1
              )`,
      result: 'exists (select from taken) as is_taken',
      values: [id],
    });
    return is_taken;
  }

  /** Of an order that was taken. Throws `TenureLostError` and `StateError`. */
  async answer(id: string, answer: ForgetAnswer): Promise<void> {
    const text = await noteOf(this.#held.database, id, 'forget-taken');
    const order = text === null ? null : parseForgetOrder(text, id);
    if (order === null) return;
    await writeTenured(this.#held, {
      what: `cannot answer an order of the account ${this.#held.name}`,
      parts: `answered as (
                update widget_sync.note n set kind = 'forget-answered', content = $5 from mine
                where n.account = mine.name and n.id = $4 and n.kind = 'forget-taken'
              )`,
      values: [id, hideOnDisk(formatForgetAnswer(order, answer))],
    });
  }

  /** Whether there was an order that counts now that all be looked at; all go. Throws as `take` does. */
  async takeResync(): Promise<boolean> {
    const notes = await this.#of('resync');
    if (notes.length === 0) return false;
    const now = await this.#now();
    const { taken } = await writeTenured<{ taken: readonly string[] | null }>(this.#held, {
      what: `cannot take an order of the account ${this.#held.name}`,
      parts: `taken as (
                delete from widget_sync.note n using mine
                where n.account = mine.name and n.kind = 'resync' and n.id = any($4)
                returning n.content
              )`,
      result: '(select array_agg(content) from taken) as taken',
      values: [notes.map(({ id }) => id)],
    });
    return (taken ?? []).some((content) => {
      const time = parseResyncTime(content);
      return time !== null && Math.abs(now.getTime() - time.getTime()) <= orderValidMs;
    });
  }

  async #of(kind: Note['kind']): Promise<Note[]> {
    const notes = await this.#notes.of(this.#held.name);
    return notes.filter((note) => note.kind === kind);
  }

  /** By the database, whose time those have told who left them. */
  async #now(): Promise<Date> {
    const time = await this.#held.database.time(this.#clock);
    return new Date(time.latestMs());
  }
}
