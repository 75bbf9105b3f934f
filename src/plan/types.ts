// The plan: what one pass would do and why. `plan` prints this value, `apply` consumes it.
import type { HeldFile, WidgetDocument } from '../documents/types.ts';
import type { Json } from '../json.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { WidgetId, WidgetSpec } from '../widget.ts';

/** What the API says now. Accounts are not read yet, so `unknown` is the only thing there is to say. */
export type LiveView = { readonly kind: 'unknown' };

/** The three states, in the order in which they are always named. */
export interface Views {
  readonly desired: readonly WidgetDocument[];
  readonly held: readonly HeldFile[];
  readonly applied: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly live: LiveView;
  /** The commit the files came from, where known. */
  readonly revision: string | null;
}

export interface Policy {
  /** `changed`: only what differs. `all`: every valid widget, for a full resync. */
  readonly send: 'changed' | 'all';
}

export type Reason = 'new' | 'edited' | 'drifted' | 'forced';

/** One field that a write changes. `from` is absent when unknown or not declared before, `to` when no longer declared. */
export interface FieldChange {
  /** JSON Pointer into the body. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

/** One widget's write. */
export interface Change {
  readonly action: 'update';
  readonly widgetId: WidgetId;
  readonly file: string;
  readonly digest: string;
  readonly reason: Reason;
  readonly spec: WidgetSpec;
  readonly hash: string;
  /** The commit the content came from, where known. */
  readonly revision: string | null;
  readonly fields: readonly FieldChange[];
}

export interface WidgetAt {
  readonly widgetId: WidgetId;
  readonly file: string;
}

export interface Plan {
  readonly revision: string | null;
  /** SHA-256 (hex) over what the plan would do; equal plans have equal checksums. */
  readonly checksum: string;
  /** All lists are sorted by file, then by widget id. */
  readonly changes: readonly Change[];
  readonly adopted: readonly WidgetAt[];
  readonly held: readonly HeldFile[];
  readonly orphaned: readonly WidgetAt[];
  readonly unchanged: readonly WidgetDocument[];
}
