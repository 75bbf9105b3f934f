// The cache of live widgets: each reading, for as long as it says something. A sweep reads everything now
// and then, passes come all the time: the findings of the sweep have to stand in between.

import { type AppliedRecord, isConfirmed } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { type LiveState, type LiveView, nothingLive } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';

/** A widget with the content that its file declares, or once declared. */
type Declared = Pick<WidgetDocument, 'widgetId' | 'hash'>;

interface Entry {
  readonly live: LiveState;
  /** Hash of what the file declared at the time. */
  readonly hash: string;
  readonly atMs: number;
}

/** A widget that was absent may be created in the dashboard at any time, as its message advises. */
const absentMs = 5 * 60_000;

export class LiveCache {
  readonly #entries = new Map<WidgetId, Entry>();

  /**
   * Keeps what was read, beside what the files declared when it was. A pass and a sweep read side by side,
   * and whichever ends last need not have read last.
   */
  put(view: LiveView, documents: readonly Declared[], nowMs: number): void {
    for (const { widgetId, hash } of documents) {
      const live = view.widgets.get(widgetId);
      if (live === undefined) continue;
      const atMs = live === 'absent' ? this.#absentSince(widgetId, hash, nowMs) : live.readAtMs;
      const kept = this.#entries.get(widgetId);
      if (kept?.hash === hash && isLater(kept.atMs, { than: atMs, nowMs })) continue;
      this.#entries.set(widgetId, { live, hash, atMs });
    }
  }

  /**
   * The readings of these widgets that still hold. A reading is over once the file declares something else, or
   * something was written or recorded since; those of other widgets are dropped.
   */
  get(
    documents: readonly Declared[],
    { records }: Pick<AppliedState, 'records'>,
    nowMs: number,
  ): LiveView {
    const widgets = new Map<WidgetId, LiveState>();
    for (const { widgetId, hash } of documents) {
      const entry = this.#entries.get(widgetId);
      if (entry === undefined || entry.hash !== hash) continue;
      const ageMs = nowMs - entry.atMs;
      // Negative: the clock was set back since, and the age is not known.
      if (entry.live === 'absent' && !(ageMs >= 0 && ageMs < absentMs)) continue;
      const record = records.get(widgetId);
      if (record !== undefined && isOver(entry, record, nowMs)) continue;
      widgets.set(widgetId, entry.live);
    }
    if (widgets.size < this.#entries.size) {
      for (const widgetId of this.#entries.keys()) {
        if (!widgets.has(widgetId)) this.#entries.delete(widgetId);
      }
    }
    return { ...nothingLive, widgets };
  }

  /** A reading that was got is put again, and must not grow younger by that. */
  #absentSince(widgetId: WidgetId, hash: string, nowMs: number): number {
    const entry = this.#entries.get(widgetId);
    return entry?.live === 'absent' && entry.hash === hash ? entry.atMs : nowMs;
  }

  /** Another account, or other rights: nothing of it holds. */
  clear(): void {
    this.#entries.clear();
  }
}

/** A time in the future is of before the clock was set back, and says nothing. */
function isLater(atMs: number, { than, nowMs }: { than: number; nowMs: number }): boolean {
  return atMs > than && atMs <= nowMs;
}

/** Also where a write may have landed that nothing confirmed: it may have come after the reading. */
function isOver({ atMs }: Entry, applied: AppliedRecord, nowMs: number): boolean {
  const appliedAtMs = applied.appliedAt.getTime();
  // Within one millisecond the order is not known, and a read that is too early for a write is seen to be so.
  const isWrittenSince = isLater(appliedAtMs, { than: atMs, nowMs });
  return isWrittenSince || !isConfirmed(applied);
}
