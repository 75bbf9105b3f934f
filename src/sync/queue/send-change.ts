// One attempt to send one change: a slot of the budget, the request, the record of what the API
// confirmed. Decides nothing about trying again.
import type { Confirmation, WidgetApi } from '../../api/widget-api.ts';
import type { Clock } from '../../base/clock.ts';
import { ApiError, StateError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change, LiveWidget, Policy } from '../../model/plan.ts';
import { baseFreshMs, composeBody, ignoredWithin } from '../../plan/compare/compose-body.ts';
import { explainInLists, overwrittenInLists } from '../../plan/compare/lists-ignored.ts';
import { isFound } from '../../plan/uncertain/found-write.ts';
import { readThrough } from '../../plan/uncertain/read-through.ts';
import { beginWrite, confirmWrite, sentFields } from '../../plan/uncertain/transitions.ts';
import { unappliedBy } from '../../plan/uncertain/unapplied-widget.ts';
import { writtenFields } from '../../plan/written-fields.ts';
import type { StateStore } from '../../state/state-store.ts';
import { type HistoryEntry, writeId } from '../../status/history-entry.ts';
import type { LiveReader } from '../live/live-reader.ts';
import type { Slot } from '../rate/rate-limiter.ts';
import { inSlot } from '../rate/request-outcome.ts';
import type { InheritedWrites } from './inherited-writes.ts';
import type { SendRequest } from './queue-deps.ts';
import { alsoReleasing, type ConfirmedWrite, type UnsavedRecords } from './unsaved-records.ts';
import type { UnsettledSends } from './unsettled-sends.ts';

export interface SendDeps {
  readonly api: Pick<WidgetApi, 'putWidget'>;
  readonly live: Pick<LiveReader, 'readable' | 'readForWrite'>;
  readonly state: Pick<StateStore, 'records' | 'save' | 'confirm'>;
  readonly clock: Clock;
  /** Names the write in the history; at least 0 and below 1. */
  readonly random: () => number;
  readonly unsaved: UnsavedRecords;
  readonly inherited: Pick<InheritedWrites, 'isTooEarly'>;
  readonly unsettled: UnsettledSends;
  /** The plan's policy; default: `reset`. */
  readonly released?: Policy['released'];
}

/** Never throws what a change can meet: API and state errors come back as values. */
export async function sendChange(request: SendRequest, deps: SendDeps): Promise<Attempt> {
  const { widgetId } = request.change;
  const before = deps.unsaved.last(widgetId, deps.state.records.get(widgetId)) ?? null;
  try {
    return await send(request, before, deps);
  } catch (error) {
    if (error instanceof StateError) return { status: 'failed', error };
    if (!(error instanceof ApiError)) throw error;
    if (surelyNotStored(error)) await abandonWrite(before, deps).catch(unlessStateError);
    return { status: 'failed', error };
  }
}

async function send(
  request: SendRequest,
  before: AppliedRecord | null,
  deps: SendDeps,
): Promise<Attempt> {
  const { state, unsaved, clock } = deps;
  const confirmed = unsaved.of(request.change);
  if (confirmed !== null) {
    return await recorded(confirmed, deps, () => state.save(confirmed.record));
  }
  const ready = await refreshBase(request, deps);
  if (ready === null) return { status: 'withdrawn' };
  const change = completed(request.change, deps);
  const { widgetId } = change;
  const known = ready.base ?? olderBase(change);
  const base = known && readThrough(known, before, change.sync.ignore);
  if (base !== null) refuseOverLists(change, base);
  // Before the record is touched: what cannot be composed is not sent.
  const body = composeBody(change, base);
  if (before !== null) {
    const begun = beginWrite(before, { change, base, body }, clock.now());
    if (state.records.get(widgetId) !== begun) await state.save(begun);
  }
  unsaved.forget(widgetId);
  const { confirmation, upon } = findWrite(request, { body, before, read: ready.base }) ?? {
    confirmation: await put(body, { ...request, ...ready, change }, deps),
    upon: base,
  };
  const { httpStatus, widget } = confirmation;
  const written = { change, base: upon, body, widget };
  const record = confirmWrite(before, written, clock.now());
  const attempt = { status: 'applied', httpStatus, ...unappliedBy(record) } as const;
  const write = { change: request.change, record, attempt, found: state.records.get(widgetId) };
  // Once: the line of history is not lost with the record, and must not come twice.
  const id = writeId(deps.random());
  const fields = writtenFields({ ...written, applied: before });
  const entry = { id, ...entryOf(change, record, request), ...fields };
  const confirm = () => state.confirm(record, entry);
  return await recorded(write, deps, confirm);
}

async function put(
  body: JsonObject,
  { change, slot, inFlight }: SendRequest,
  { api, unsettled }: SendDeps,
): Promise<Confirmation> {
  const { widgetId, hash } = change;
  const asking = { slot, about: widgetId, signal: inFlight };
  unsettled.begun(widgetId, { hash, sent: sentFields(change, body) });
  try {
    return await inSlot(asking, api.putWidget(widgetId, body, inFlight));
  } catch (error) {
    if (error instanceof ApiError && !surelyNotStored(error)) unsettled.givenUp(widgetId);
    else unsettled.settled(widgetId);
    throw error;
  }
}

interface Sought {
  readonly body: JsonObject;
  readonly before: AppliedRecord | null;
  readonly read: LiveWidget | null;
}

/** The confirmation by a read, where an earlier success could not be read and the write shows by now. */
function findWrite({ change, unreadStatus, lastRead }: SendRequest, { read, ...sought }: Sought) {
  if (unreadStatus === null || read === null) return null;
  if (!isFound({ ...sought, read, earlier: [change.base, lastRead] })) return null;
  return { confirmation: { httpStatus: unreadStatus, widget: read.body }, upon: change.base };
}

function entryOf(
  { widgetId, file, reason, hash, revision, commit, isEdited }: Change,
  { appliedAt: time }: AppliedRecord,
  { attempt: attempts }: SendRequest,
): Omit<HistoryEntry, 'fields'> {
  const source = { revision, ...(commit && { commit }), ...(isEdited && { isEdited }) };
  return { time, widgetId, file, reason, hash, ...source, attempts };
}

/** A plan knows only what is recorded. */
function completed(change: Change, { state, unsaved, released = 'reset' }: SendDeps): Change {
  const missed = unsaved.missedBy(change, state.records.get(change.widgetId));
  return missed === null || released === 'leave' ? change : alsoReleasing(missed, change);
}

/** The base and the slot that a write starts with. */
interface Ready {
  readonly base: LiveWidget | null;
  readonly slot: Slot;
}

/** A base that is too old is read again with the slot at hand, and the write waits for one of its own. */
async function refreshBase(
  request: SendRequest,
  { live, clock, inherited }: SendDeps,
): Promise<Ready | null> {
  const { change, slot, nextSlot, waiting, unreadStatus, onRead } = request;
  const known = newestRead(request);
  const ageMs = clock.now().getTime() - (known?.readAtMs ?? Number.NEGATIVE_INFINITY);
  const isTooEarly = known !== null && inherited.isTooEarly(change, known.readAtMs);
  const isDoubtful = live.readable && (unreadStatus !== null || isTooEarly);
  // Read in the future: the clock was set back since, and the age is not known.
  if (ageMs >= 0 && ageMs < baseFreshMs && !isDoubtful) return { base: known, slot };
  if (!live.readable) return { base: null, slot };
  try {
    const base = await live.readForWrite(change.widgetId, { signal: waiting, slot });
    if (base !== null) onRead(base);
    const next = await nextSlot();
    return next === null ? null : { base, slot: next };
  } catch (error) {
    // Nothing was written: a read that was called back is no failure of the change.
    if (waiting.aborted && error instanceof ApiError && error.status === null) return null;
    throw error;
  }
}

function newestRead({ change: { base }, lastRead }: SendRequest): LiveWidget | null {
  if (base === null || lastRead === null) return base ?? lastRead;
  return lastRead.readAtMs >= base.readAtMs ? lastRead : base;
}

/**
 * For a change that would write over what is ignored within a field: an old reading keeps more of that
 * than none, and without any nothing is sent. Others do without.
 */
function olderBase(change: Change): LiveWidget | null {
  const places = ignoredWithin(change);
  if (places.length === 0) return null;
  if (change.base !== null) return change.base;
  const facts = { status: null, scope: 'widget', retryAfterMs: null, refusedFields: [] } as const;
  const message = `sync.ignore leaves ${places.join(', ')} to the dashboard, and what stands there cannot be read now`;
  throw new ApiError(message, { ...facts, retry: 'later' });
}

/** For a list that only this read shows: the next plan knows of it, and holds the widget. */
function refuseOverLists(change: Change, base: LiveWidget): void {
  const found = overwrittenInLists(change, base.body);
  if (found.length === 0) return;
  const facts = { status: null, scope: 'widget', retryAfterMs: null, refusedFields: [] } as const;
  throw new ApiError(explainInLists(found), { ...facts, retry: 'never' });
}

/** A record that cannot be put back costs one more write, never the answer of the API. */
function unlessStateError(error: unknown): void {
  if (!(error instanceof StateError)) throw error;
}

/** The record as it was before the write began. */
async function abandonWrite(before: AppliedRecord | null, { state }: SendDeps): Promise<void> {
  if (before === null || state.records.get(before.widgetId) === before) return;
  await state.save(before);
}

/** A refusal by the API itself; 408 and 5xx may come from a proxy after the write was stored. */
function surelyNotStored(error: ApiError): boolean {
  return error.status !== null && error.status >= 400 && error.status < 500 && error.status !== 408;
}

/** Kept until it stands on disk: without its record the write would be sent again and again. */
async function recorded(
  write: ConfirmedWrite,
  { unsaved, unsettled }: SendDeps,
  save: () => Promise<void>,
): Promise<Attempt> {
  unsaved.add(write);
  try {
    await save();
    unsettled.settled(write.record.widgetId);
  } catch (error) {
    unsettled.givenUp(write.record.widgetId);
    if (!(error instanceof StateError)) throw error;
    throw new StateError(`the write is live, but ${error.message}`, { cause: error });
  }
  unsaved.forget(write.record.widgetId);
  return write.attempt;
}
