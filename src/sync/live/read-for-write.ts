// The one widget that a write is about, read as that write's turn comes.
import { ApiError } from '../../base/errors.ts';
import type { LiveWidget } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import { priority } from '../rate/priority.ts';
import type { Slot } from '../rate/rate-limiter.ts';
import { inSlot } from '../rate/request-outcome.ts';
import type { ReadingDeps } from './live-reading.ts';
import { notUsable, toLive } from './live-widget.ts';
import { ServiceDown, Withdrawn } from './rate-limited-reads.ts';
import { forNow, isRefusalToRead, notInAccount } from './read-access.ts';

export interface WriteTurn {
  /** For this one request. */
  readonly slot: Slot;
  readonly signal: AbortSignal;
}

/**
 * One attempt. Null where the write is to do without, since the account was never readable. Throws
 * `ApiError` where nothing is to be written: there is no such widget, or it cannot be read now; also
 * when the signal aborts.
 */
export async function readForWrite(
  widgetId: WidgetId,
  { slot, signal }: WriteTurn,
  deps: ReadingDeps,
): Promise<LiveWidget | null> {
  const { api, clock, access, onWidget } = deps;
  const readAtMs = clock.now().getTime();
  try {
    const asking = { slot, about: widgetId, signal };
    const body = await inSlot(asking, api.getWidget(widgetId, signal)).finally(slot.release);
    if (body === null) throw notInAccount();
    access.gaveOne();
    onWidget(body);
    const live = toLive(body, readAtMs);
    if ('unusable' in live) throw notUsable(live);
    return live;
  } catch (error) {
    if (!isRefusalToRead(error)) throw error;
    const isOwn = error.status === 404 && access.hasAnswered;
    if (isOwn || (await listAnswers(signal, deps))) throw error;
    if (access.isBlind) return null;
    throw forNow(error);
  }
}

/** Whether the account can be read. What says nothing of that is no answer. */
async function listAnswers(
  signal: AbortSignal,
  { api, reads, access }: ReadingDeps,
): Promise<boolean> {
  const send = () => api.listWidgets(1, 1, signal);
  try {
    await reads.once({ priority: priority.begun, signal }, { about: 'page 1', send });
    access.answered();
    return true;
  } catch (error) {
    if (isRefusalToRead(error)) access.refused(error);
    else if (!isExpected(error)) throw error;
    return false;
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof ApiError || error instanceof Withdrawn || error instanceof ServiceDown;
}
