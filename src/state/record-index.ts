// The records in memory, found by widget and by the bytes of their files.
import type { AppliedRecord } from '../model/applied-record.ts';
import type { WidgetId } from '../model/widget.ts';
import type { StoredRecord } from './file/read-records.ts';

/** What a file with known bytes declares, without reading it again. */
export type AppliedContent = Pick<AppliedRecord, 'widgetId' | 'spec' | 'hash' | 'sync'>;

export interface AppliedState {
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  /** By the digest of a file's bytes; only what this very version of widget-sync once read from them. */
  knownContent(digest: string): AppliedContent | undefined;
  /** The widget directory that the widget was applied from, absolute; earlier versions did not keep it. */
  rootOf(widgetId: WidgetId): string | undefined;
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
}
