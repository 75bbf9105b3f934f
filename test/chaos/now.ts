// The world at one moment, as the checks want to look at it.
import type { JsonObject } from '../../src/base/json/json.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import type { Edit, Entry } from './journal.ts';
import type { Span, Standing } from './widget-files.ts';

/** One widget, as the tree, the account and the state directory have it now. */
export interface WidgetNow {
  readonly n: number;
  readonly widgetId: WidgetId;
  readonly path: string;
  readonly standing: Standing;
  readonly spans: readonly Span[];
  readonly live: JsonObject;
  /** As it stands on disk; null where there is none. */
  readonly record: JsonObject | null;
  /** Every request for it. */
  readonly entries: readonly Entry[];
  /** Every read that could show it, of lists too. */
  readonly reads: readonly Entry[];
  /** Every edit of it by hand. */
  readonly edits: readonly Edit[];
  /** The run of the daemon that is the last one so far, from 1. */
  readonly run: number;
  /** Runs of the daemon at whose end it had a record, and the one that still runs. */
  readonly recordedRuns: ReadonlySet<number>;
}

/** What the last write of `status.json` says; null where there is none. */
export type StatusNow = JsonObject | null;

export interface Now {
  readonly widgets: readonly WidgetNow[];
  readonly status: StatusNow;
  /** The process was refused its key after that was put in place: it waits for another one. */
  readonly isKeyRefused: boolean;
}
