// The port: everything that is kept for one account from one process to the next. What is said here
// holds of any store; test/contract/state-store-contract.ts holds a store to it.
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json/json.ts';
import type { Rate } from '../config/rate.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import type { Announcement } from '../model/notify/notification.ts';
import type { WidgetId } from '../model/widget.ts';
import type { HistoryEntry } from '../status/history-entry.ts';
import type { StatusRecord } from '../status/status-record.ts';
import type { HistoryFilter } from './history-filter.ts';
import type { Holder, UnknownHolder } from './holder.ts';
import type { Tenure } from './tenure.ts';

/** One kind of store. */
export interface StateBackend {
  /**
   * Opens the state for writing and makes it where there is none. No other process writes it until `close`
   * or the end of the process, however that comes. Throws `StateTakenError` while another process
   * holds it, and `StateError` where it cannot be used or belongs to another API (`whose-state.ts`).
   */
  open(options: OpenOptions): Promise<StateStore>;
  /** Opens the state for looking: takes no lock, and makes and writes nothing. */
  look(options: StateOptions): StateView;
}

/**
 * The account whose state it is, and the place of that. What belongs to another API is never given out as
 * this one's.
 */
export interface StateOptions {
  /** The value of `--state`. */
  readonly directory: string;
  /** The API's base URL, without a slash at the end. */
  readonly apiUrl: string;
  /** The widget-sync version that reads the widget files. */
  readonly reader: string;
  /** The widget directory, absolute; absent where it is not known. */
  readonly root?: string;
  /** The account of several that it is; absent or null: the only one. */
  readonly account?: string | null;
  /** Records of widgets of which none is kept: they count until one is. */
  readonly assumed?: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly warn: (message: string, fields: object) => void;
}

export interface OpenOptions extends StateOptions {
  /** The command that opens; another process that finds the state taken is told it. */
  readonly command: string;
  /** The history takes no more room than this, in bytes: its oldest entries go. Null or absent: all are kept. */
  readonly keepHistoryBytes?: number | null;
}

/** The applied records, as this process knows them. */
export interface AppliedState {
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  /** By the digest of a file's bytes; only what this very version of widget-sync once read from them. */
  knownContent(digest: string): AppliedContent | undefined;
  /** The widget directory that the widget was applied from, absolute; earlier versions did not keep it. */
  rootOf(widgetId: WidgetId): string | undefined;
}

/** The content of a file with known bytes, without reading it again. */
export type AppliedContent = Pick<AppliedRecord, 'widgetId' | 'spec' | 'hash' | 'sync'>;

/**
 * The state of one account, opened for writing. What a promise has resolved for outlives the process;
 * what was refused leaves what was kept before. Once `close` is called, each write throws `StateError`.
 * Once the tenure is over, each write throws `TenureLostError`, and the first one that does ends it.
 */
export interface StateStore extends AppliedState {
  /** For as long as this process may write here. */
  readonly tenure: Tenure;
  /** Null where the tenure is for good. */
  readonly suspects: SuspectNotes | null;
  /** Whether its record names another widget directory than the one that this was opened for. */
  isFromElsewhere(widgetId: WidgetId): boolean;
  /** Replaces the widget's record. Throws `StateError`; the earlier record then still stands. */
  save(record: AppliedRecord): Promise<void>;
  /**
   * `save` of what was just read from a file, unless the record is another one than `found` by the
   * time it is this write's turn.
   */
  saveUnlessMoved(record: AppliedRecord, found: AppliedRecord | undefined): Promise<void>;
  /**
   * `save`, and one line of history, also where the record cannot be saved: the write that both tell
   * of is confirmed. A line that cannot be written is kept, and written with whatever comes next; to
   * try again with the record alone is up to the caller.
   */
  confirm(record: AppliedRecord, entry: HistoryEntry): Promise<void>;
  /**
   * Removes the widgets' records, and adds one line of history for each, of reason `forgotten`: once, also
   * where it is asked for again after a kill. Resolves with those that had a record. Throws `StateError`;
   * a record that could not be removed then still stands.
   */
  forget(widgetIds: readonly WidgetId[], time: Date): Promise<WidgetId[]>;
  /** What people have left to be forgotten, without what is answered or too old. Throws `StateError`. */
  forgetOrders(): Promise<readonly ForgetOrder[]>;
  /** From now on the order cannot be taken back. False where it was by then. Throws `StateError`. */
  takeForget(id: string): Promise<boolean>;
  /** Of an order that was taken. Throws `StateError`. */
  answerForget(id: string, answer: ForgetAnswer): Promise<void>;
  /**
   * Whether somebody has asked that all that is live be looked at, without what is too old: what was asked until now
   * is taken with it, and is not given again. Throws `StateError`.
   */
  takeResync(): Promise<boolean>;
  /** Replaces what `status` shows. Throws `StateError`. */
  reportStatus(status: StatusRecord): Promise<void>;
  /** Gives the same as `StateView.status`. */
  status(): Promise<FoundStatus>;
  /** Gives the same as `StateView.allowedChanges`. */
  allowedChanges(): Promise<AllowedChanges>;
  /** Replaces what was let past the limit on changes. Throws `StateError`. */
  saveAllowedChanges(allowed: AllowedChanges): Promise<void>;
  /**
   * The checksum of the plan that a person has approved; null when there is none, or it is older than
   * `approvalValidMs`. Throws `StateError` where it cannot be read.
   */
  approval(): Promise<string | null>;
  /** The approval was used: it was for one time. Throws `StateError`. */
  forgetApproval(): Promise<void>;
  /** What people were told and was not over then; none where that is damaged. Throws `StateError`. */
  announcements(): Promise<readonly Announcement[]>;
  /** Replaces it. Throws `StateError`. */
  saveAnnouncements(announcements: readonly Announcement[]): Promise<void>;
  /**
   * Goes on from what earlier processes used of the rate. `timeoutMs`: how long a request of this process may
   * be under way. To be called once. Throws `TenureLostError`.
   */
  openRateUsage(rate: Rate, timeoutMs: number): Promise<RateUsage>;
  /** Gives the same as `StateView.learntLimit`. */
  learntLimit(): Promise<LearntLimit | null>;
  /** Replaces it, null for nothing, by `close` at the latest. Never throws: losing it costs the learning. */
  keepLearntLimit(limit: LearntLimit | null): void;
  /** Waits for writes under way, then lets another process write. */
  close(): Promise<void>;
}

/**
 * The state of one account, to look at beside the process that holds it: each answer is read when it is asked
 * for.
 */
export interface StateView {
  /** Throws `StateError` where no state was ever made. */
  requireState(): Promise<void>;
  /**
   * The APIs that something is recorded of, as often as they are found, that of the last pass first: few
   * need to read on. Throws `StateError`.
   */
  apiUrls(): AsyncIterable<string>;
  /**
   * The state as it was when this was first asked for. A record that cannot be used counts as none, with a
   * warning.
   */
  applied(): Promise<AppliedState>;
  /**
   * The records in which the text stands somewhere, in any case, as it is asked for: of thousands few are
   * understood, so that one is found at once. None that cannot be used. Throws `StateError`.
   */
  search(text: string): Promise<AppliedRecord[]>;
  /** The records of these widgets as they are now, as far as they can be used. Throws `StateError`. */
  recordsOf(widgetIds: ReadonlySet<WidgetId>): Promise<readonly AppliedRecord[]>;
  /** The widgets that have a record, whether it can be used or not, whosever it is. Throws `StateError`. */
  recordedIds(): Promise<WidgetId[]>;
  /** The newest entries. Throws `StateError`; no history yet is an empty one. */
  history(request: HistoryRequest): Promise<History>;
  /** Throws `StateError` where it is there and cannot be read. */
  status(): Promise<FoundStatus>;
  /** Null where the state is free, as far as can be seen from here. */
  holder(): Promise<Holder | UnknownHolder | null>;
  /** Without those that a record confirms; none where it is damaged. Throws `StateError`. */
  allowedChanges(): Promise<AllowedChanges>;
  /** `RateUsage.earlierMs` as it would be for who opens the state now. Never rejects. */
  earlierRequestsMs(rate: Rate): Promise<readonly number[]>;
  /** Null where nothing is known, also where it is damaged. Never rejects. */
  learntLimit(): Promise<LearntLimit | null>;
  /** A person's yes to one plan, left for the holder. Throws `StateError`. */
  approve(checksum: string): Promise<void>;
  /** Records that the holder is to forget, left for it. Resolves with the order's id. Throws `StateError`. */
  orderForget(widgetIds: readonly WidgetId[]): Promise<string>;
  /** The holder's answer, which is given once; null: none yet. Throws `StateError`. */
  forgetAnswer(id: string): Promise<ForgetAnswer | null>;
  /** Takes the order back. False where the holder has taken it before. Throws `StateError`. */
  withdrawForget(id: string): Promise<boolean>;
  /** That the holder is to look at all that is live. Resolves with the order's id. Throws `StateError`. */
  orderResync(): Promise<string>;
  /** Whether the holder has taken it, or nobody did in time. Throws `StateError`. */
  isResyncTaken(id: string): Promise<boolean>;
  /** Takes the order back. False where the holder has taken it before. Throws `StateError`. */
  withdrawResync(id: string): Promise<boolean>;
}

/** The request to forget records of widgets that no file declares. */
export interface ForgetOrder {
  readonly id: string;
  readonly widgetIds: readonly WidgetId[];
  readonly time: Date;
}

/** What came of a `ForgetOrder`. */
export interface ForgetAnswer {
  readonly forgotten: readonly WidgetId[];
  readonly refused: readonly ForgetRefusal[];
}

export interface ForgetRefusal {
  readonly widgetId: WidgetId;
  /** For people: why its record stays. */
  readonly why: string;
}

/** Whoever left an older order waits no more. */
export const orderValidMs = 60_000;

/**
 * Contents that were let past the limit on changes and that nothing confirms yet, the hash of each by its
 * widget: a person who said yes to them once is not asked again after a refusal or a restart.
 */
export type AllowedChanges = ReadonlyMap<WidgetId, string>;

/** A yes is meant for what somebody has just looked at. */
export const approvalValidMs = 60 * 60_000;

export interface HistoryRequest extends HistoryFilter {
  /** The most entries to give, of those that are asked for. */
  readonly limit: number;
}

export interface History {
  /** Newest last. */
  readonly entries: readonly HistoryEntry[];
  /**
   * Lines on the way that are no entries, such as one torn by a crash; of those that cannot be what is asked for,
   * none is counted.
   */
  readonly damaged: number;
}

export interface FoundStatus {
  /** Null when no pass was recorded for this API, or what was is damaged. */
  readonly status: StatusRecord | null;
  /** The name of the status, where it is damaged or of another version; else null. */
  readonly damaged: string | null;
}

/**
 * The page of an account: the usage of the rate by requests, and which may be under way, kept from one process
 * to the next: neither a kill nor `apply` in a loop gets a fresh budget. What is in doubt counts as used. Times
 * are on the clock's monotonic time.
 */
export interface RateUsage {
  /**
   * When requests of earlier processes ended that still hold their places, oldest first; of one that may still
   * be under way when it is over at the latest, which may be later than now.
   */
  readonly earlierMs: readonly number[];
  /** Writes of earlier processes that may still arrive. */
  readonly inherited: readonly InheritedWrite[];
  /** A request ended; said before a request that ends later is. */
  ended(atMs: number): void;
  /**
   * Keeps which requests are under way and which have ended. A request may start once the promise has
   * resolved: whoever comes next knows of it then, also where this process is killed in the next moment. Asked
   * for one after the other. Rejects with `TenureLostError` alone, and the request does not start. Where a
   * store of this process alone cannot write it, the budget lives in memory, and a warning says so; one that is
   * shared tries until it can. The list may change after that: a store that is closed tells who comes next of
   * what is in it by then.
   */
  keep(underWay: readonly UnderWay[]): Promise<void>;
}

/** A request that may be under way; the very same object for as long as it is. */
export interface UnderWay {
  /** The widget that it may write; null: it only reads. */
  readonly widgetId: WidgetId | null;
  /** Of the content that it sets there (`WidgetDocument.hash`); null: it only reads. */
  readonly hash: string | null;
}

export interface InheritedWrite {
  /** Null: it may be any widget. */
  readonly widgetId: WidgetId | null;
  /** The beginning of `UnderWay.hash`, of 16 digits or more; null: it may be any content. */
  readonly hash: string | null;
  /** Until then other content is neither to be written nor to be believed where it is read. */
  readonly untilMs: number;
}

/** What those who have lost the tenure leave for whoever has it. */
export interface SuspectNotes {
  /** Asked for every second: a store of many accounts answers it from one query for all. Throws `StateError`. */
  left(): Promise<readonly LeftSuspect[]>;
  /** The only write that is open to who has lost the tenure. Throws `StateError`. */
  leave(suspects: readonly Suspect[]): Promise<void>;
  /** Throws `StateError`. */
  remove(ids: readonly string[]): Promise<void>;
}

/** A widget that somebody may have written who no longer was to. */
export interface Suspect {
  readonly widgetId: WidgetId;
  /** Of the content that may have landed (`WidgetDocument.hash`). */
  readonly hash: string;
  /** The fields that it sets. */
  readonly sent: JsonObject;
}

export interface LeftSuspect extends Suspect {
  readonly id: string;
}

/** The learnt limit of the API, in requests a second, all of them above 0. */
export interface LearntLimit {
  /** At most so many are sent. */
  readonly perSecond: number;
  /** So many were sent when the API last refused one. */
  readonly refusedAt: number;
  /** It refused at about that rate twice in a row. */
  readonly isConfirmed: boolean;
  /** The best estimate, which is the one that people are told. */
  readonly about: number;
}
