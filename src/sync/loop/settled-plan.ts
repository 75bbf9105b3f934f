// The last plan, for as long as what it rests on is the same. Files are looked at twice a minute, and of
// hundreds of accounts hardly one has anything new: what is not planned again costs nothing.
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LiveState, Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { Sight } from './run-pass.ts';

type Records = ReadonlyMap<WidgetId, AppliedRecord>;

/** What the plan of one widget rests on, beside its document. */
interface Ground {
  readonly applied: AppliedRecord | undefined;
  readonly live: LiveState | undefined;
}

interface Kept {
  readonly sight: Sight;
  readonly grounds: readonly Ground[];
  readonly recorded: number;
  readonly plan: Plan;
}

export class SettledPlan {
  #kept: Kept | null = null;

  /** Null where it has to be made. */
  of(sight: Sight, records: Records): Plan | null {
    const kept = this.#kept;
    if (kept === null || kept.recorded !== records.size || !isSameSight(kept.sight, sight)) {
      return null;
    }
    const isSame = sight.tree.documents.every(({ widgetId }, index) => {
      const ground = kept.grounds[index];
      const isSameRecord = ground?.applied === records.get(widgetId);
      return isSameRecord && ground?.live === sight.live.widgets.get(widgetId);
    });
    return isSame ? kept.plan : null;
  }

  /** `plan` is what was made of these. */
  keep(plan: Plan, sight: Sight, records: Records): void {
    this.#kept = null;
    if (!isSettled(plan)) return;
    const { tree, live } = sight;
    const grounds = tree.documents.map(
      ({ widgetId }): Ground => ({
        applied: records.get(widgetId),
        live: live.widgets.get(widgetId),
      }),
    );
    this.#kept = { sight, grounds, recorded: records.size, plan };
  }
}

/** Every widget is as its file declares it: neither the time nor a commit makes that another plan. */
function isSettled(plan: Plan): boolean {
  const { changes, adopted, held, drifted, orphaned, gone } = plan;
  const { vanished, learned, bugs, kept } = plan;
  const others = [changes, adopted, held, drifted, orphaned, gone, vanished, learned, bugs, kept];
  return others.every((list) => list.length === 0);
}

/** The tree of a look that found nothing new has the very documents of the look before. */
function isSameSight(a: Sight, b: Sight): boolean {
  const isSameTree =
    a.tree.documents === b.tree.documents &&
    a.tree.held === b.tree.held &&
    a.tree.fragments === b.tree.fragments &&
    a.tree.revision === b.tree.revision;
  const { total, requests, isBlind } = a.live;
  return (
    isSameTree &&
    total === b.live.total &&
    isBlind === b.live.isBlind &&
    requests.list === b.live.requests.list &&
    requests.get === b.live.requests.get
  );
}
