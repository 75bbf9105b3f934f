// One attempt to send one change: a slot of the budget, the request, the record of what the API
// confirmed. Decides nothing about trying again.
import type { WidgetApi } from '../../api/widget-api.ts';
import type { Clock } from '../../base/clock.ts';
import { ApiError, StateError } from '../../base/errors.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change, LiveWidget, Policy } from '../../model/plan.ts';
import { baseFreshMs, composeBody, ignoredWithin } from '../../plan/compare/compose-body.ts';
import { explainInLists, overwrittenInLists } from '../../plan/compare/lists-ignored.ts';
import { inTime } from '../../plan/uncertain/stale-reads.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { LiveReader } from '../live/live-reader.ts';
import type { Slot } from '../rate/rate-limiter.ts';
import { inSlot } from '../rate/request-outcome.ts';
import { markUnconfirmed } from './begin-write.ts';
import { confirmedWrite, entryOf } from './confirm-write.ts';
import { foundWrite } from './found-write.ts';
import type { SendRequest } from './queue-deps.ts';
import { alsoReleasing, type ConfirmedWrite, type Unrecorded } from './unsaved-records.ts';

export interface SendDeps {
  readonly api: Pick<WidgetApi, 'putWidget'>;
  readonly live: Pick<LiveReader, 'readable' | 'readForWrite'>;
  readonly state: Pick<StateStore, 'records' | 'save' | 'confirm'>;
  readonly clock: Clock;
  readonly unrecorded: Unrecorded;
  /** As the plan has it; default: `reset`. */
  readonly released?: Policy['released'];
}

/** Never throws what a change can meet: API and state errors come back as values. */
export async function sendChange(request: SendRequest, deps: SendDeps): Promise<Attempt> {
  const { widgetId } = request.change;
  const earlier = deps.unrecorded.last(widgetId, deps.state.records.get(widgetId));
  try {
    return await send(request, earlier, deps);
  } catch (error) {
    if (error instanceof StateError) return { status: 'failed', error };
    if (!(error instanceof ApiError)) throw error;
    if (surelyNotStored(error)) await restore(earlier, deps).catch(unlessStateError);
    return { status: 'failed', error };
  }
}

async function send(
  request: SendRequest,
  earlier: AppliedRecord | undefined,
  deps: SendDeps,
): Promise<Attempt> {
  const { change, inFlight } = request;
  const confirmed = deps.unrecorded.of(change);
  if (confirmed !== null) {
    return await recorded(confirmed, deps, () => deps.state.save(confirmed.record));
  }
  const sent = { ...request, change: completed(change, deps) };
  const ready = await refreshBase(request, deps);
  if (ready === null) return { status: 'withdrawn' };
  const { slot } = ready;
  const known = ready.base ?? olderBase(sent.change);
  const base = known && inTime(known, earlier ?? null, change.sync.ignore);
  if (base !== null) refuseOverLists(change, base);
  // Before the mark: what cannot be composed is not sent, and leaves none.
  const body = composeBody(sent.change, base);
  await markUnconfirmed({ earlier, change: sent.change, base }, deps);
  deps.unrecorded.forget(change.widgetId);
  const before = earlier ?? null;
  const found = foundWrite(request, { body, read: ready.base, before });
  const put = async () => {
    const asking = { slot, about: change.widgetId, signal: inFlight };
    const sending = deps.api.putWidget(change.widgetId, body, inFlight);
    return { base, body, confirmation: await inSlot(asking, sending), before };
  };
  const write = confirmedWrite(sent, found ?? (await put()), deps);
  // Once: the line of history is not lost with the record, and must not come twice.
  const confirm = () => deps.state.confirm(write.record, entryOf(sent, write));
  return await recorded({ ...write, change }, deps, confirm);
}

/** A plan knows only what is recorded. */
function completed(change: Change, { state, unrecorded, released = 'reset' }: SendDeps): Change {
  const missed = unrecorded.missedBy(change, state.records.get(change.widgetId));
  return missed === null || released === 'leave' ? change : alsoReleasing(missed, change);
}

/** What a write needs to start. */
interface Ready {
  readonly base: LiveWidget | null;
  readonly slot: Slot;
}

/** A base that is too old is read again with the slot at hand, and the write waits for one of its own. */
async function refreshBase(request: SendRequest, { live, clock }: SendDeps): Promise<Ready | null> {
  const { change, slot, nextSlot, waiting, unreadStatus, onRead } = request;
  const known = newestRead(request);
  const ageMs = clock.now().getTime() - (known?.readAtMs ?? Number.NEGATIVE_INFINITY);
  const isDoubtful = unreadStatus !== null && live.readable;
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

/** A mark that cannot be taken back costs one more write, never the answer of the API. */
function unlessStateError(error: unknown): void {
  if (!(error instanceof StateError)) throw error;
}

async function restore(earlier: AppliedRecord | undefined, { state }: SendDeps): Promise<void> {
  if (earlier === undefined || state.records.get(earlier.widgetId) === earlier) return;
  await state.save(earlier);
}

/** A refusal by the API itself; 408 and 5xx may come from a proxy after the write was stored. */
function surelyNotStored(error: ApiError): boolean {
  return error.status !== null && error.status >= 400 && error.status < 500 && error.status !== 408;
}

/** Kept until it stands on disk: without its record the write would be sent again and again. */
async function recorded(
  write: ConfirmedWrite,
  { unrecorded }: SendDeps,
  save: () => Promise<void>,
): Promise<Attempt> {
  unrecorded.add(write);
  try {
    await save();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    throw new StateError(`the write is live, but ${error.message}`, { cause: error });
  }
  unrecorded.forget(write.record.widgetId);
  return write.attempt;
}
