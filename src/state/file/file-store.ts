// The state directory, held: read at the start, written after each confirmation. The map of records never
// says more than the disk does, and no write is forgotten when it fails.
import { join } from 'node:path';
import { probeWritable, removeLeftovers, syncDirectory } from '../../base/atomic-file.ts';
import { StateError } from '../../base/errors.ts';
import { KeyedQueue } from '../../base/keyed-queue.ts';
import type { Rate } from '../../config/rate.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Announcement } from '../../model/notify/notification.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { formatRecord } from '../format/record-format.ts';
import type { HistoryLines } from '../history-lines.ts';
import {
  Applied,
  everForgotten,
  forgottenEntries,
  type StoredRecord,
  withoutConfirmed,
} from '../record-index.ts';
import type {
  AllowedChanges,
  AppliedContent,
  ForgetAnswer,
  ForgetOrder,
  FoundStatus,
  LearntLimit,
  OpenOptions,
  RateUsage,
  StateBackend,
  StateStore,
} from '../state-store.ts';
import { formatStatus } from '../status-format.ts';
import { forGood } from '../tenure.ts';
import { refuseStateOfAnother } from '../whose-state.ts';
import { readAnnouncements, writeAnnouncements } from './announcements.ts';
import {
  readAllowedChanges,
  readApproval,
  removeApproval,
  writeAllowedChanges,
} from './decisions.ts';
import { lookAtState, readApiUrls, readStatus, statusFile } from './file-view.ts';
import { historyFile } from './history-files.ts';
import { openHistoryLines } from './history-writer.ts';
import type { Lock } from './lock.ts';
import { replaceRecord } from './make-way.ts';
import { readForgetOrders, takeForgetOrder, writeForgetAnswer } from './orders/forget-orders.ts';
import { takeResyncOrders } from './orders/resync-orders.ts';
import { asStateError, prepareDirectory } from './prepare-directory.ts';
import { readHistory } from './read-history.ts';
import { readRecords, recordsDirectory } from './read-records.ts';
import { removeStateFile, replaceStateFile } from './state-file.ts';
import { keepLearntLimit, readLearntLimit } from './usage/learnt-limit.ts';
import { type FileRateUsage, openRateUsage } from './usage/rate-usage.ts';

/** State directories, as this version and every earlier one writes them. */
export const fileState: StateBackend = { open: openState, look: lookAtState };

/** Creates the directory where needed (mode 0700: who can write it decides what is not sent again). */
export async function openState(options: OpenOptions): Promise<StateStore> {
  const { directory } = options;
  const lock = await prepareDirectory(options);
  try {
    // Only now: two writers would otherwise both see "nothing applied".
    await refuseStateOfAnother(options, readApiUrls(directory));
    await removeLeftovers(directory);
    await removeLeftovers(recordsDirectory(directory));
    await probeWritable(recordsDirectory(directory));
    return new LockedStore(await readRecords(options), options, lock);
  } catch (error) {
    await lock.release();
    throw asStateError(`cannot use the state directory ${directory}`, error);
  }
}

class LockedStore implements StateStore {
  readonly tenure = forGood;
  readonly suspects = null;
  readonly #applied: Applied;
  readonly #options: OpenOptions;
  readonly #lock: Lock;
  #closing: Promise<void> | null = null;
  readonly #historyPath: string;
  readonly #history: HistoryLines;
  readonly #writeLearntLimit: (limit: LearntLimit | null) => void;
  #usage: FileRateUsage | null = null;
  /** One file's writes go one after another, so disk and map agree; others share the disk's time. */
  readonly #turns = new KeyedQueue();

  constructor(stored: readonly StoredRecord[], options: OpenOptions, lock: Lock) {
    this.#applied = new Applied(stored, options);
    this.#options = options;
    this.#lock = lock;
    this.#historyPath = historyFile(options.directory);
    const { warn, keepHistoryBytes: mostBytes = null } = options;
    this.#history = openHistoryLines(this.#historyPath, { warn, mostBytes });
    this.#writeLearntLimit = keepLearntLimit(options);
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
    return this.#inTurn(this.#pathOf(record), async (path) => {
      await this.#replace(path, { record, reader: this.#applied.readerFor(record) });
      await this.#writeOverdue();
    });
  }

  saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void> {
    return this.#inTurn(this.#pathOf(record), async (path) => {
      if (this.records.get(record.widgetId) !== found) return;
      await this.#replace(path, { record, reader: this.#options.reader });
      await this.#writeOverdue();
    });
  }

  confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void> {
    return this.#inTurn(this.#pathOf(record), async (path) => {
      this.#history.add(entry);
      try {
        await this.#replace(path, { record, reader: this.#options.reader });
      } finally {
        await this.#writeHistory();
      }
    });
  }

  async forget(widgetIds: readonly WidgetId[], time: Date): Promise<WidgetId[]> {
    const gone: WidgetId[] = [];
    const { directory } = this.#options;
    const removeAll = async () => {
      const records = widgetIds.flatMap((widgetId) => this.records.get(widgetId) ?? []);
      if (records.length === 0) return;
      // The lines first: a kill may come between them and the records.
      const { entries } = await readHistory(directory, everForgotten);
      for (const entry of forgottenEntries(records, entries, time)) this.#history.add(entry);
      await this.#writeHistory();
      for (const record of records) {
        await removeStateFile(this.#pathOf(record), 'the state record');
        this.#applied.forget(record.widgetId);
        gone.push(record.widgetId);
      }
      await syncDirectory(recordsDirectory(directory));
    };
    // In one order, so that none waits for another that waits for it.
    const paths = [...new Set(widgetIds)].sort().map((widgetId) => this.#pathOf({ widgetId }));
    await paths.reduceRight((rest, path) => () => this.#inTurn(path, rest), removeAll)();
    return gone;
  }

  forgetOrders(): Promise<readonly ForgetOrder[]> {
    return readForgetOrders(this.#options.directory, this.#options.clock.now());
  }

  takeForget(id: string): Promise<boolean> {
    return takeForgetOrder(this.#options.directory, id);
  }

  answerForget(id: string, answer: ForgetAnswer): Promise<void> {
    return this.#inTurn(`order ${id}`, () =>
      writeForgetAnswer(this.#options.directory, id, answer),
    );
  }

  takeResync(): Promise<boolean> {
    return takeResyncOrders(this.#options.directory, this.#options.clock.now());
  }

  reportStatus(status: StatusRecord): Promise<void> {
    const { directory, apiUrl } = this.#options;
    const [path, what] = statusFile(directory);
    return this.#inTurn(path, async () => {
      const how = { mayBeUndone: true };
      await replaceStateFile(path, what, formatStatus(status, apiUrl), how);
      await this.#writeOverdue();
    });
  }

  status(): Promise<FoundStatus> {
    return readStatus(this.#options.directory, this.#options.apiUrl);
  }

  async allowedChanges(): Promise<AllowedChanges> {
    return withoutConfirmed(await readAllowedChanges(this.#options), this);
  }

  saveAllowedChanges(allowed: AllowedChanges): Promise<void> {
    return this.#inTurn('allowed changes', () => writeAllowedChanges(this.#options, allowed));
  }

  approval(): Promise<string | null> {
    return readApproval(this.#options.directory, this.#options.clock.now());
  }

  forgetApproval(): Promise<void> {
    return this.#inTurn('approval', () => removeApproval(this.#options.directory));
  }

  announcements(): Promise<readonly Announcement[]> {
    return readAnnouncements(this.#options);
  }

  saveAnnouncements(announcements: readonly Announcement[]): Promise<void> {
    return this.#inTurn('announcements', () => writeAnnouncements(this.#options, announcements));
  }

  async openRateUsage(rate: Rate, timeoutMs: number): Promise<RateUsage> {
    this.#usage = await openRateUsage({ ...this.#options, rate, timeoutMs });
    return this.#usage;
  }

  learntLimit(): Promise<LearntLimit | null> {
    return readLearntLimit(this.#options);
  }

  keepLearntLimit(limit: LearntLimit | null): void {
    if (this.#closing === null) this.#writeLearntLimit(limit);
  }

  close(): Promise<void> {
    this.#usage?.close();
    this.#closing ??= this.#endAll();
    return this.#closing;
  }

  async #endAll(): Promise<void> {
    try {
      await this.#turns.settled();
      await this.#writeHistory();
      await this.#history.close();
    } finally {
      await this.#lock.release();
    }
  }

  async #inTurn(path: string, write: (path: string) => Promise<void>): Promise<void> {
    if (this.#closing !== null) throw new StateError('the state is closed');
    await this.#turns.take(path, () => write(path));
  }

  #pathOf({ widgetId }: Pick<AppliedRecord, 'widgetId'>): string {
    return join(recordsDirectory(this.#options.directory), `${widgetId}.json`);
  }

  async #replace(path: string, stored: StoredRecord): Promise<void> {
    const { apiUrl, root, warn } = this.#options;
    const from = root === undefined ? {} : { root };
    const content = formatRecord(stored.record, { apiUrl, reader: stored.reader, ...from });
    await replaceRecord(path, content, warn);
    this.#applied.remember({ ...stored, ...from });
  }

  /** There is room again, it seems; nothing may be confirmed for a long time. */
  async #writeOverdue(): Promise<void> {
    if (this.#history.areOverdue) await this.#writeHistory();
  }

  /** One at a time: what comes meanwhile goes with the next. */
  #writeHistory(): Promise<void> {
    return this.#turns.take(this.#historyPath, () => this.#history.write());
  }
}
