// The records in memory, found by widget and by the bytes of their files.
import { type AppliedRecord, isConfirmed } from '../model/applied-record.ts';
import type { WidgetId } from '../model/widget.ts';
import type { HistoryEntry } from '../status/history-entry.ts';
import type { AllowedChanges, AppliedContent, AppliedState, StateOptions } from './state-store.ts';

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

  /** `assumed` are of widgets of which no record may be kept; one that is kept wins. */
  constructor(
    stored: readonly StoredRecord[],
    { reader, root, assumed }: Pick<StateOptions, 'reader' | 'root' | 'assumed'>,
  ) {
    this.#reader = reader;
    const from = root === undefined ? { reader } : { reader, root };
    for (const record of assumed?.values() ?? []) this.remember({ record, ...from });
    for (const entry of stored) this.remember(entry);
  }

  knownContent(digest: string): AppliedContent | undefined {
    return this.#byDigest.get(digest);
  }

  rootOf(widgetId: WidgetId): string | undefined {
    return this.#roots.get(widgetId);
  }

  /** A record that is only marked keeps the version that read its file: saving is not reading. */
  readerFor({ widgetId, digest }: AppliedRecord): string {
    const sameBytes = this.records.get(widgetId)?.digest === digest;
    return (sameBytes ? this.#readers.get(widgetId) : undefined) ?? this.#reader;
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

/** What the history has said of records that went. */
export const everForgotten = {
  limit: Number.POSITIVE_INFINITY,
  widgetId: null,
  reason: 'forgotten',
} as const;

/** The lines of history of records that go, of those that it has not said it of: a kill may have come between. */
export function forgottenEntries(
  records: readonly AppliedRecord[],
  said: readonly HistoryEntry[],
  time: Date,
): HistoryEntry[] {
  const going = records.filter((record) => !isSaidForgotten(said, record));
  return going.map((record) => forgottenEntry(record, time));
}

/** Nothing was written for it. */
function forgottenEntry(record: AppliedRecord, time: Date): HistoryEntry {
  const { widgetId, file, hash, revision } = record;
  return {
    time,
    widgetId,
    file,
    reason: everForgotten.reason,
    hash,
    revision,
    fields: [],
    attempts: 0,
  };
}

/** Whether these lines already tell that this very record was to go. */
function isSaidForgotten(said: readonly HistoryEntry[], record: AppliedRecord): boolean {
  return said.some(({ widgetId, reason, hash, time }) => {
    const isOfIt = widgetId === record.widgetId && hash === record.hash;
    return isOfIt && reason === everForgotten.reason && time >= record.appliedAt;
  });
}

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
