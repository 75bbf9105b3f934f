// The records in memory, found by widget and by the bytes of their files.
import { type AppliedRecord, isConfirmed } from '../model/applied-record.ts';
import type { WidgetId } from '../model/widget.ts';
import type { HistoryEntry } from '../status/history-entry.ts';
import type { AllowedChanges, AppliedContent, AppliedState } from './state-store.ts';

/** A record, the widget-sync version that read the file it came from, and the directory of that. */
export interface StoredRecord {
  readonly record: AppliedRecord;
  readonly reader: string;
  readonly root?: string;
}

export class Applied implements AppliedState {
  readonly records = new Map<WidgetId, AppliedRecord>();
  readonly #byDigest = new Map<string, AppliedContent>();
  readonly #readers = new Map<WidgetId, string>();
  readonly #roots = new Map<WidgetId, string | undefined>();
  readonly #reader: string;

  constructor(stored: readonly StoredRecord[], reader: string) {
    this.#reader = reader;
    for (const entry of stored) this.remember(entry);
  }

  knownContent(digest: string): AppliedContent | undefined {
    return this.#byDigest.get(digest);
  }

  rootOf(widgetId: WidgetId): string | undefined {
    return this.#roots.get(widgetId);
  }

  readerOf(widgetId: WidgetId): string | undefined {
    return this.#readers.get(widgetId);
  }

  remember({ record, reader, root }: StoredRecord): void {
    const { widgetId, digest, spec, hash, sync } = record;
    const replaced = this.records.get(widgetId)?.digest;
    if (replaced !== undefined) this.#byDigest.delete(replaced);
    if (reader === this.#reader) this.#byDigest.set(digest, { widgetId, spec, hash, sync });
    this.#readers.set(widgetId, reader);
    this.#roots.set(widgetId, root);
    this.records.set(widgetId, record);
  }

  forget(widgetId: WidgetId): void {
    const digest = this.records.get(widgetId)?.digest;
    if (digest !== undefined && this.#byDigest.get(digest)?.widgetId === widgetId) {
      this.#byDigest.delete(digest);
    }
    for (const map of [this.records, this.#readers, this.#roots]) map.delete(widgetId);
  }
}

/** The line of history of a record that goes: nothing was written for it. */
export function forgottenEntry(record: AppliedRecord, time: Date): HistoryEntry {
  const { widgetId, file, hash, revision } = record;
  return { time, widgetId, file, reason: forgotten, hash, revision, fields: [], attempts: 0 };
}

/** Whether the last line of its history already tells that this very record was to go. */
export function isSaidForgotten(last: HistoryEntry | undefined, record: AppliedRecord): boolean {
  if (last?.reason !== forgotten || last.hash !== record.hash) return false;
  return last.time >= record.appliedAt;
}

const forgotten = 'forgotten';

/** Without those that a record confirms. */
export function withoutConfirmed(
  allowed: AllowedChanges,
  { records }: Pick<AppliedState, 'records'>,
): AllowedChanges {
  const isApplied = ([widgetId, hash]: readonly [WidgetId, string]) => {
    const record = records.get(widgetId);
    return record?.hash === hash && isConfirmed(record);
  };
  return new Map([...allowed].filter((change) => !isApplied(change)));
}
