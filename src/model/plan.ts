// The plan: what one pass would do and why. `plan` prints this value, `apply` consumes it.

import type { JsonObject } from '../base/json/json.ts';
import type { AppliedRecord } from './applied-record.ts';
import type { Commit } from './commit.ts';
import type { FieldDifference } from './diff-fields.ts';
import type { HeldFile, IsEdited, Origin, ReachedFragment, WidgetDocument } from './document.ts';
import type { UnappliedField } from './unapplied-fields.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from './widget.ts';
import type { SentValues } from './write-trail.ts';

/** One widget as the API gave it, and when it was read. */
export interface LiveWidget {
  readonly body: JsonObject;
  /** Milliseconds since 1970, when the request for it was started. */
  readonly readAtMs: number;
}

/** A widget of which too little can be handled to compare it, or to keep it in a write. */
export interface UnusableWidget {
  /** Why, and what to do. */
  readonly unusable: string;
  readonly readAtMs: number;
}

/** `absent`: the account has no such widget. */
export type LiveState = LiveWidget | UnusableWidget | 'absent';

/** The live widgets, as far as this pass asked the API. */
export interface LiveView {
  /** A widget that is missing here is unknown. */
  readonly widgets: ReadonlyMap<WidgetId, LiveState>;
  /** Widgets in the account, where the whole of it was read. */
  readonly total: number | null;
  /** The requests that it took. */
  readonly requests: { readonly list: number; readonly get: number };
  /** Only where true: the account cannot be read, and a write cannot read its widget first. */
  readonly isBlind?: true;
}

export const nothingLive: LiveView = {
  widgets: new Map(),
  total: null,
  requests: { list: 0, get: 0 },
};

export const blindView: LiveView = { ...nothingLive, isBlind: true };

/** The place that the files come from. */
export interface TreeOrigin {
  /** The commit, where known. */
  readonly revision: string | null;
  /** When that commit was made, in milliseconds since 1970, where known. */
  readonly committedAtMs: number | null;
  /** The commit of `revision`; absent where its object cannot be read. */
  readonly commit?: Commit;
  /** Asked of files that are to be written; absent where it cannot be told. */
  readonly isEdited?: IsEdited;
}

/** The three states, in the order in which they are always named. */
export interface Views extends TreeOrigin {
  readonly desired: readonly WidgetDocument[];
  readonly held: readonly HeldFile[];
  readonly applied: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly live: LiveView;
  /** Sorted by file. */
  readonly fragments: readonly ReachedFragment[];
}

export interface Policy {
  /** `changed`: only what differs. `all`: every valid widget. */
  readonly send: 'changed' | 'all';
  /** The answer to a change made in the dashboard, where the file does not say. */
  readonly drift: 'correct' | 'report';
  /** A field once declared and now removed from its file: set back to empty, or left as it is. */
  readonly released: 'reset' | 'leave';
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export type Reason = 'new' | 'edited' | 'drifted' | 'forced';

/** Who moved a field away from what was applied. `both` is a conflict; git wins. */
export type ChangedBy = 'git' | 'dashboard' | 'both';

/** One field that a write changes. `to` is absent when no longer declared. */
export interface FieldChange extends FieldDifference {
  readonly by: ChangedBy;
  /** The file declared it once and no longer does: it is set back on purpose. */
  readonly released: boolean;
  /** Only where true: no file ever declared the value; it goes because git declares the whole object. */
  readonly neverDeclared?: true;
  /** Where the new value stands: only in a plan that was traced to be printed, of a widget with `extends`. */
  readonly origin?: Origin;
}

/** A bug that was met while one widget was planned: that widget is held, and the command fails. */
export interface PlanBug extends WidgetAt {
  readonly error: unknown;
}

/** One widget's write. */
export interface Change {
  readonly action: 'update';
  readonly widgetId: WidgetId;
  readonly file: string;
  readonly digest: string;
  /** See `WidgetDocument.extends`. */
  readonly extends?: readonly string[];
  readonly reason: Reason;
  readonly spec: WidgetSpec;
  readonly hash: string;
  readonly sync: SyncPolicy;
  /** Released fields and the values they are set back to. */
  readonly resets: JsonObject;
  /**
   * Fields that unconfirmed writes have set and the file does not declare, with what these sent, where
   * live was not known or read too early to show them: set back when the base of the write shows that
   * one landed.
   */
  readonly possiblyLeft?: SentValues;
  /** A write keeps undeclared and ignored fields as they are here; null: not read. */
  readonly base: LiveWidget | null;
  /** The commit the content came from, where known. */
  readonly revision: string | null;
  /** When that commit was made (milliseconds since 1970), where known and the content came with it. */
  readonly committedAtMs: number | null;
  /** The commit of `revision`; absent where its object cannot be read. */
  readonly commit?: Commit;
  /** Only where true: the file's bytes are not those that the commit has. */
  readonly isEdited?: true;
  readonly fields: readonly FieldChange[];
}

/** Live already equals desired: recorded, nothing written. */
export interface Adoption extends WidgetAt {
  readonly document: WidgetDocument;
  /** The declared fields as the API has them, where any differ in spelling from the file. */
  readonly echo: JsonObject | null;
  /** The record when this was found. */
  readonly applied: AppliedRecord | null;
  /** The read that has shown it. */
  readonly live: LiveWidget;
}

/** A read is the first to show how the API took the last write. */
export interface LearnedEcho extends WidgetAt {
  /** The record of the write, as it was found and as it is with what the read shows. */
  readonly applied: AppliedRecord;
  readonly record: AppliedRecord;
  /** The fields that did not stick, or are shown in another spelling than the API confirmed. */
  readonly kept: readonly UnappliedField[];
}

/**
 * A widget whose API keeps some of it otherwise than it was sent: so until its file changes or a read agrees.
 */
export interface UnappliedWidget extends WidgetAt {
  /** When the API first confirmed this content so (milliseconds since 1970). */
  readonly sinceMs: number;
  readonly fields: readonly UnappliedField[];
}

/** Drift that is said and not corrected in this pass. */
export interface ReportedDrift extends WidgetAt {
  readonly fields: readonly FieldChange[];
  /** `policy`: the file or the command says report. `fought-over`: corrected too often of late. */
  readonly why: 'policy' | 'fought-over';
  /** When it may be corrected again (milliseconds since 1970); null for never by itself. */
  readonly untilMs: number | null;
}

/** Fields that differ and are the dashboard's, as the file says. */
export interface IgnoredFields extends WidgetAt {
  readonly paths: readonly string[];
}

/** A file that cannot be used now. */
export interface HeldWidget extends Omit<HeldFile, 'waiting'> {
  /** The fields that a suspended file would change. Absent where the account has no such widget. */
  readonly waits?: readonly FieldChange[];
}

/** Fields, by name, that the API has confirmed once and no longer speaks of: left as they are. */
export interface VanishedFields extends WidgetAt {
  readonly names: readonly string[];
}

/** Fields, by name, that a commit may have set and no file declares by now: the dashboard has changed them since. */
export interface LeftFields extends WidgetAt {
  readonly names: readonly string[];
}

export interface WidgetAt {
  readonly widgetId: WidgetId;
  readonly file: string;
}

/** When a widget file was applied last, and whether it has changed since. */
export interface LastApplied {
  readonly at: Date;
  /** The commit that the content came from, where known. */
  readonly revision: string | null;
  /** The file, and all that it extends, are as they were then. */
  readonly isSame: boolean;
}

export interface Plan {
  readonly revision: string | null;
  /** SHA-256 (hex) over what the plan would do; equal plans have equal checksums. */
  readonly checksum: string;
  /**
   * Only where true: of some values it says no more than that there are any (`snapshot/unpublished.ts`). The checksum
   * would tell on them, and is not shown.
   */
  readonly hidesValues?: true;
  /** The fragments that the widget files extend, sorted by file. */
  readonly fragments: readonly ReachedFragment[];
  /** By widget file, those that were applied; absent where no file extends any fragment. */
  readonly lastApplied?: ReadonlyMap<string, LastApplied>;
  /** Only where true: of the changes, some extend nothing, and did so when they were applied. */
  readonly leavesFragments?: true;
  /** All lists are sorted by file, then by widget id. */
  readonly changes: readonly Change[];
  readonly adopted: readonly Adoption[];
  readonly held: readonly HeldWidget[];
  readonly orphaned: readonly WidgetAt[];
  /** Orphans that were just found to be gone from the account too. */
  readonly gone: readonly WidgetAt[];
  readonly drifted: readonly ReportedDrift[];
  readonly ignored: readonly IgnoredFields[];
  readonly vanished: readonly VanishedFields[];
  /** Absent where there are none. */
  readonly left?: readonly LeftFields[];
  readonly unchanged: readonly WidgetDocument[];
  /** Concerns widgets that are unchanged, or whose drift is only reported. */
  readonly learned: readonly LearnedEcho[];
  /**
   * None of the widgets that files declare is recorded: fields that were taken out of a file before cannot
   * be seen. False where no file declares a widget.
   */
  readonly isNothingRecorded: boolean;
  /** Each of them stands in `held` too. */
  readonly bugs: readonly PlanBug[];
  /** Beside what is planned for them: the API keeps something of them otherwise. */
  readonly kept: readonly UnappliedWidget[];
  /** Live widgets that no file declares; null where the account was not read whole. */
  readonly unmanaged: number | null;
  /** Requests: those that were needed to know, and those that are needed to write. */
  readonly requests: { readonly list: number; readonly get: number; readonly put: number };
}
