// The state of an account on PostgreSQL, held: read at the start, written after each confirmation. The map
// of records never says more than the database does.
import { StateError } from '../../base/errors.ts';
import { KeyedQueue } from '../../base/keyed-queue.ts';
import type { Rate } from '../../config/rate.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Announcement } from '../../model/notify/notification.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { formatAnnouncements, parseAnnouncements } from '../announcement-format.ts';
import { formatAllowedChanges, parseAllowedChanges } from '../format/decision-format.ts';
import { formatLearntLimit, parseLearntLimit } from '../format/learnt-limit-format.ts';
import { formatRecord } from '../format/record-format.ts';
import { HistoryLines } from '../history-lines.ts';
import { Applied, forgottenEntries, type StoredRecord, withoutConfirmed } from '../record-index.ts';
import type {
  AllowedChanges,
  AppliedContent,
  ForgetAnswer,
  ForgetOrder,
  FoundStatus,
  LearntLimit,
  OpenOptions,
  RateUsage,
  StateStore,
  SuspectNotes,
} from '../state-store.ts';
import { formatStatus } from '../status-format.ts';
import type { Tenure } from '../tenure.ts';
import { HistoryRoom } from './history.ts';
import type { Kept, KeptKind } from './kept.ts';
import type { Notes } from './notes.ts';
import { Orders } from './orders.ts';
import { openPage, type PostgresPage } from './page.ts';
import { removeRecords, writeLines, writeRecord } from './records.ts';
import { statusIn } from './status-in.ts';
import { suspectNotes } from './suspects.ts';
import type { HeldAccount } from './tenured.ts';

export interface HeldDeps {
  readonly held: HeldAccount;
  readonly kept: Kept;
  readonly notes: Notes;
  /** Lets the account go. Never rejects. */
  readonly release: () => Promise<void>;
}

export class HeldStore implements StateStore {
  readonly tenure: Tenure;
  readonly suspects: SuspectNotes;
  readonly #applied: Applied;
  readonly #options: OpenOptions;
  readonly #held: HeldAccount;
  readonly #kept: Kept;
  readonly #release: () => Promise<void>;
  readonly #history: HistoryLines;
  readonly #room: HistoryRoom;
  readonly #orders: Orders;
  /**
   * Writes of one thing go one after another, so the database and the map agree; others go side by side.
   */
  readonly #turns = new KeyedQueue();
  #page: PostgresPage | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    stored: readonly StoredRecord[],
    options: OpenOptions,
    { held, kept, notes, release }: HeldDeps,
  ) {
    this.tenure = held.tenure;
    this.suspects = suspectNotes(held, notes, options.warn);
    this.#applied = new Applied(stored, options);
    this.#options = options;
    this.#held = held;
    this.#kept = kept;
    this.#release = release;
    this.#room = new HistoryRoom(held, options);
    this.#orders = new Orders(held, notes, options.clock);
    this.#history = new HistoryLines({
      warn: options.warn,
      place: { account: held.name },
      write: async (lines) => {
        await this.#room.make(lines);
        await writeLines(held, lines);
      },
    });
  }

  get records(): ReadonlyMap<WidgetId, AppliedRecord> {
    return this.#applied.records;
  }

  knownContent(digest: string): AppliedContent | undefined {
    return this.#applied.knownContent(digest);
  }

  rootOf(widgetId: WidgetId): string | undefined {
    return this.#applied.rootOf(widgetId);
  }

  isFromElsewhere(widgetId: WidgetId): boolean {
    const { root } = this.#options;
    const recorded = this.rootOf(widgetId);
    return root !== undefined && recorded !== undefined && recorded !== root;
  }

  save(record: AppliedRecord): Promise<void> {
    return this.#inTurn(record.widgetId, async () => {
      await this.#replace({ record, reader: this.#applied.readerFor(record) });
    });
  }

  saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void> {
    return this.#inTurn(record.widgetId, async () => {
      if (this.records.get(record.widgetId) !== found) return;
      await this.#replace({ record, reader: this.#options.reader });
    });
  }

  confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void> {
    return this.#inTurn(record.widgetId, async () => {
      this.#history.add(entry, this.#held.nextSeq());
      await this.#replace({ record, reader: this.#options.reader });
    });
  }

  async forget(widgetIds: readonly WidgetId[], time: Date): Promise<WidgetId[]> {
    const gone: WidgetId[] = [];
    const removeAll = async () => {
      const records = widgetIds.flatMap((widgetId) => this.records.get(widgetId) ?? []);
      if (records.length === 0) return;
      const ids = records.map(({ widgetId }) => widgetId);
      // With the records, or not at all: nothing has said of them before that they went.
      for (const entry of forgottenEntries(records, [], time)) {
        this.#history.add(entry, this.#held.nextSeq());
      }
      await this.#history.writeWith(async (lines) => {
        await this.#room.make(lines);
        await removeRecords(this.#held, ids, lines);
      });
      for (const widgetId of ids) this.#applied.forget(widgetId);
      gone.push(...ids);
      await this.#history.write();
    };
    // In one order, so that none waits for another that waits for it.
    const things = [...new Set(widgetIds)].sort();
    await things.reduceRight((rest, id) => () => this.#inTurn(id, rest), removeAll)();
    return gone;
  }

  forgetOrders(): Promise<readonly ForgetOrder[]> {
    return this.#orders.open();
  }

  takeForget(id: string): Promise<boolean> {
    return this.#orders.take(id);
  }

  answerForget(id: string, answer: ForgetAnswer): Promise<void> {
    return this.#inTurn(`order ${id}`, () => this.#orders.answer(id, answer));
  }

  takeResync(): Promise<boolean> {
    return this.#orders.takeResync();
  }

  reportStatus(status: StatusRecord): Promise<void> {
    return this.#keep('status', () => formatStatus(status, this.#options.apiUrl));
  }

  async status(): Promise<FoundStatus> {
    return statusIn(this.#kept.read('status'), this.#held.name, this.#options);
  }

  async allowedChanges(): Promise<AllowedChanges> {
    const text = this.#kept.read('allowed');
    const { apiUrl } = this.#options;
    return withoutConfirmed(text === null ? new Map() : parseAllowedChanges(text, apiUrl), this);
  }

  saveAllowedChanges(allowed: AllowedChanges): Promise<void> {
    return this.#keep('allowed', () => formatAllowedChanges(allowed, this.#options.apiUrl));
  }

  approval(): Promise<string | null> {
    return this.#orders.approval();
  }

  forgetApproval(): Promise<void> {
    return this.#inTurn('approval', () => this.#orders.forgetApproval());
  }

  async announcements(): Promise<readonly Announcement[]> {
    const text = this.#kept.read('announcements');
    const { apiUrl, warn } = this.#options;
    const read = text === null ? [] : parseAnnouncements(text, apiUrl);
    if (read !== null) return read;
    const facts = { account: this.#held.name };
    warn('what was notified is damaged: what lasts is told again', facts);
    return [];
  }

  saveAnnouncements(announcements: readonly Announcement[]): Promise<void> {
    const { apiUrl } = this.#options;
    return this.#keep('announcements', () => formatAnnouncements(announcements, apiUrl));
  }

  async openRateUsage(rate: Rate, timeoutMs: number): Promise<RateUsage> {
    // What leaves last is over so much later.
    const overMs = timeoutMs + (this.#held.mayLeaveMs ?? 0);
    const options = { ...this.#options, rate, timeoutMs: overMs };
    this.#page = await openPage(this.#held, this.#kept, options);
    return this.#page;
  }

  async learntLimit(): Promise<LearntLimit | null> {
    const text = this.#kept.read('learnt');
    return text === null ? null : parseLearntLimit(text, this.#options.apiUrl);
  }

  keepLearntLimit(limit: LearntLimit | null): void {
    const { apiUrl, warn } = this.#options;
    this.#keep('learnt', () => formatLearntLimit(limit, apiUrl)).catch((error: unknown) => {
      if (this.#closing !== null) return;
      const why = { account: this.#held.name, error: String(error) };
      warn('what was learnt of the limit of the API cannot be written', why);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#endAll();
    return this.#closing;
  }

  async #endAll(): Promise<void> {
    try {
      await this.#page?.close();
      await this.#turns.settled();
      await this.#history.write();
      this.#history.close();
    } finally {
      await this.#release();
    }
  }

  async #inTurn(thing: string, write: () => Promise<void>): Promise<void> {
    if (this.#closing !== null) throw new StateError('the state is closed');
    await this.#turns.take(thing, write);
  }

  #keep(kind: KeptKind, text: () => string): Promise<void> {
    return this.#inTurn(kind, () => this.#kept.write(kind, text()));
  }

  /** With it go lines of history that wait. */
  async #replace(stored: StoredRecord): Promise<void> {
    const { apiUrl, root } = this.#options;
    const from = root === undefined ? {} : { root };
    const { widgetId } = stored.record;
    const text = formatRecord(stored.record, { apiUrl, reader: stored.reader, ...from });
    await this.#history.writeWith(async (lines) => {
      if (lines.length > 0) await this.#room.make(lines);
      await writeRecord(this.#held, { widgetId, text }, lines);
    });
    this.#applied.remember({ ...stored, ...from });
    await this.#history.write();
  }
}
