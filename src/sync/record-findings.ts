// What a plan found without a write, recorded.
import type { WidgetDocument } from '../documents/types.ts';
import type { Adoption, Plan, WidgetAt } from '../plan/types.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { StateStore } from '../state/store.ts';
import type { WidgetId } from '../widget.ts';

export interface FindingsDeps {
  readonly state: StateStore;
  /** A write of the widget is on its way. */
  readonly isBusy: (widgetId: WidgetId) => boolean;
}

/** A disk makes many small files last in hardly more time than one. */
const savedAtOnce = 32;

/**
 * Records what the plan found without a write: widgets that are as git declares them already, and
 * files that were renamed or rewritten without a change of content, or moved with their directory, so
 * that the next start need not parse them again, and an orphan is looked for where its file was last.
 * A record that a write replaces meanwhile is left alone.
 */
export async function recordFindings(
  plan: Plan,
  { state, isBusy }: FindingsDeps,
  now: Date,
): Promise<void> {
  // What is live is about to change again where a write is in flight: its end decides.
  const settled = plan.adopted.filter(({ widgetId }) => !isBusy(widgetId));
  const findings = [
    ...settled.map((adoption) => adoptedRecord(adoption, plan.revision, now)),
    ...plan.unchanged.flatMap((document) => movedRecord(document, state)),
    ...plan.drifted.flatMap((drift) => movedRootRecord(drift, state)),
  ].map((record) => ({ record, found: state.records.get(record.widgetId) }));
  for (let from = 0; from < findings.length; from += savedAtOnce) {
    const batch = findings.slice(from, from + savedAtOnce);
    await Promise.all(batch.map(({ record, found }) => state.saveUnlessMoved(record, found)));
  }
}

function adoptedRecord({ document, echo }: Adoption, revision: string | null, now: Date) {
  const { widgetId, file, digest, hash, spec, sync } = document;
  const unwritten = { unconfirmedHash: null, replaced: null, corrections: 0 };
  const content = { widgetId, file, digest, hash, spec, sync, echo, revision };
  return { ...content, ...unwritten, appliedAt: now };
}

function movedRecord(document: WidgetDocument, state: StateStore): AppliedRecord[] {
  const { widgetId, file, digest, sync } = document;
  const record = state.records.get(widgetId);
  if (record === undefined || record.unconfirmedHash !== null) return [];
  const isThere = record.file === file && !state.isFromElsewhere(widgetId);
  if (isThere && state.knownContent(digest) !== undefined) return [];
  return [{ ...record, file, digest, sync }];
}

/** Of drift that is only reported it is known where the file is by now, but not what bytes it holds. */
function movedRootRecord({ widgetId, file }: WidgetAt, state: StateStore): AppliedRecord[] {
  const record = state.records.get(widgetId);
  if (record === undefined || !state.isFromElsewhere(widgetId)) return [];
  // Saving it says that this version has read them.
  return state.knownContent(record.digest) === undefined ? [] : [{ ...record, file }];
}
