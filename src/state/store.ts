// What was applied, kept: read at the start, written after each confirmation. The map never says more
// than the disk does, and no write is forgotten when it fails.
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { codeOf, messageOf, StateError } from '../errors.ts';
import type { WidgetId } from '../widget.ts';
import {
  appendLine,
  makeDirectory,
  probeWritable,
  removeLeftovers,
  replaceFile,
  syncDirectory,
} from './atomic-file.ts';
import type { Lock } from './lock.ts';
import { takeLock } from './lock.ts';
import type { ReadOptions, StoredRecord } from './read-records.ts';
import { readRecords, recordsDirectory } from './read-records.ts';
import { readRegular } from './read-regular.ts';
import type { AppliedRecord, HistoryEntry } from './record.ts';
import { formatHistoryEntry, formatRecord } from './record-format.ts';
import { stateFailure } from './state-failure.ts';
import { formatStatus, parseStatus } from './status-format.ts';
import type { StatusRecord } from './status-record.ts';
import { Turns } from './turns.ts';

/** What a file with known bytes declares, without reading it again. */
export type AppliedContent = Pick<AppliedRecord, 'widgetId' | 'spec' | 'hash' | 'sync'>;

export interface AppliedState {
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  /** By the digest of a file's bytes; only what this very version of widget-sync once read from them. */
  knownContent(digest: string): AppliedContent | undefined;
}

export interface StateStore extends AppliedState {
  /** Replaces the widget's record. Throws `StateError`; the earlier record then still stands. */
  save(record: AppliedRecord): Promise<void>;
  /**
   * `save` of what was just read from a file, unless the record is another one than `found` by the
   * time it is this write's turn.
   */
  saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void>;
  /**
   * `save`, then one line of history. A line that cannot be written is kept, and written with the
   * next one: the write that it tells of is confirmed and must not be sent again for it.
   */
  confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void>;
  /** Replaces what `status` shows. Throws `StateError`. */
  reportStatus(status: StatusRecord): Promise<void>;
  /** Waits for writes under way, then lets another process write. */
  close(): Promise<void>;
}

export interface OpenOptions extends ReadOptions {
  /** The command that opens, for whoever finds the directory taken. */
  readonly command: string;
  readonly clock: Pick<Clock, 'now'>;
}

export const statusFile = 'status.json';

/**
 * What the last pass found; null when none was recorded, not for this API, or damaged since. Throws
 * `StateError` where the file is there and cannot be read.
 */
export async function readStatus(directory: string, apiUrl: string): Promise<StatusRecord | null> {
  const path = join(directory, statusFile);
  try {
    return parseStatus(await readRegular(path), apiUrl);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read the status ${path}`, error);
  }
}

/** For looking only: takes no lock, creates nothing, writes nothing. */
export async function readState(options: ReadOptions): Promise<AppliedState> {
  return new Applied(await readRecords(options), options.reader);
}

/** Creates the directory where needed (mode 0700: who can write it decides what is not sent again). */
export async function openState(options: OpenOptions): Promise<StateStore> {
  const { directory } = options;
  const lock = await prepareDirectory(options);
  try {
    // Only now: two writers would otherwise both see "nothing applied".
    await removeLeftovers(directory);
    await removeLeftovers(recordsDirectory(directory));
    await probeWritable(recordsDirectory(directory));
    return new LockedStore(await readRecords(options), options, lock);
  } catch (error) {
    await lock.release();
    throw asStateError(`cannot use the state directory ${directory}`, error);
  }
}

async function prepareDirectory(options: OpenOptions): Promise<Lock> {
  const { directory, command, clock } = options;
  try {
    await makeDirectory(recordsDirectory(directory));
    await syncDirectory(directory);
    return await takeLock({ directory, command, since: clock.now(), platform: process.platform });
  } catch (error) {
    throw asStateError(`cannot use the state directory ${directory}`, error);
  }
}

function asStateError(what: string, error: unknown): StateError {
  return error instanceof StateError ? error : stateFailure(what, error);
}

class Applied implements AppliedState {
  readonly records = new Map<WidgetId, AppliedRecord>();
  readonly #byDigest = new Map<string, AppliedContent>();
  readonly #readers = new Map<WidgetId, string>();
  readonly #reader: string;

  constructor(stored: readonly StoredRecord[], reader: string) {
    this.#reader = reader;
    for (const entry of stored) this.remember(entry);
  }

  knownContent(digest: string): AppliedContent | undefined {
    return this.#byDigest.get(digest);
  }

  readerOf(widgetId: WidgetId): string | undefined {
    return this.#readers.get(widgetId);
  }

  remember({ record, reader }: StoredRecord): void {
    const { widgetId, digest, spec, hash, sync } = record;
    const replaced = this.records.get(widgetId)?.digest;
    if (replaced !== undefined) this.#byDigest.delete(replaced);
    if (reader === this.#reader) this.#byDigest.set(digest, { widgetId, spec, hash, sync });
    this.#readers.set(widgetId, reader);
    this.records.set(widgetId, record);
  }
}

class LockedStore implements StateStore {
  readonly #applied: Applied;
  readonly #options: OpenOptions;
  readonly #lock: Lock;
  #closing: Promise<void> | null = null;
  /** Lines of history that no write has taken yet. */
  #unwritten: string[] = [];
  /** One file's writes go one after another, so disk and map agree; others share the disk's time. */
  readonly #turns = new Turns();

  constructor(stored: readonly StoredRecord[], options: OpenOptions, lock: Lock) {
    this.#applied = new Applied(stored, options.reader);
    this.#options = options;
    this.#lock = lock;
  }

  get records(): ReadonlyMap<WidgetId, AppliedRecord> {
    return this.#applied.records;
  }

  knownContent(digest: string): AppliedContent | undefined {
    return this.#applied.knownContent(digest);
  }

  save(record: AppliedRecord): Promise<void> {
    return this.#inTurn(this.#pathOf(record), (path) =>
      this.#replace(path, { record, reader: this.#readerFor(record) }),
    );
  }

  saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void> {
    return this.#inTurn(this.#pathOf(record), async (path) => {
      if (this.records.get(record.widgetId) !== found) return;
      await this.#replace(path, { record, reader: this.#options.reader });
    });
  }

  confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void> {
    return this.#inTurn(this.#pathOf(record), async (path) => {
      await this.#replace(path, { record, reader: this.#options.reader });
      this.#unwritten.push(formatHistoryEntry(entry));
      await this.#writeHistory();
    });
  }

  reportStatus(status: StatusRecord): Promise<void> {
    const { directory, apiUrl } = this.#options;
    return this.#inTurn(join(directory, statusFile), async (path) => {
      const content = formatStatus(status, apiUrl);
      try {
        await replaceFile(path, content);
      } catch (error) {
        throw stateFailure(`cannot write the status ${path}`, error);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#turns
      .settled()
      .then(() => this.#writeHistory())
      .then(() => this.#lock.release());
    return this.#closing;
  }

  async #inTurn(path: string, write: (path: string) => Promise<void>): Promise<void> {
    if (this.#closing !== null) throw new StateError('the state is closed');
    await this.#turns.take(path, () => write(path));
  }

  #pathOf({ widgetId }: AppliedRecord): string {
    return join(recordsDirectory(this.#options.directory), `${widgetId}.json`);
  }

  async #replace(path: string, stored: StoredRecord): Promise<void> {
    const { apiUrl } = this.#options;
    const content = formatRecord(stored.record, { apiUrl, reader: stored.reader });
    try {
      await replaceFile(path, content);
    } catch (error) {
      throw stateFailure(`cannot write the state record ${path}`, error);
    }
    this.#applied.remember(stored);
  }

  /** One at a time: what comes meanwhile goes with the next. */
  #writeHistory(): Promise<void> {
    const path = join(this.#options.directory, 'history.ndjson');
    return this.#turns.take(path, () => this.#appendHistory(path));
  }

  async #appendHistory(path: string): Promise<void> {
    const lines = this.#unwritten;
    if (lines.length === 0) return;
    this.#unwritten = [];
    try {
      await appendLine(path, lines.join('\n'));
    } catch (error) {
      this.#unwritten = [...lines, ...this.#unwritten];
      this.#options.warn('the history cannot be written now; its lines are kept for later', {
        path,
        lines: this.#unwritten.length,
        error: messageOf(error),
      });
    }
  }

  /** A record that is only marked keeps the version that read its file: saving is not reading. */
  #readerFor({ widgetId, digest }: AppliedRecord): string {
    const sameBytes = this.records.get(widgetId)?.digest === digest;
    return (sameBytes ? this.#applied.readerOf(widgetId) : undefined) ?? this.#options.reader;
  }
}
