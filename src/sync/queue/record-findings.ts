// Records what a plan found without a write.

import { StateError } from '../../base/errors.ts';
import { type AppliedRecord, isConfirmed } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import type { Plan, WidgetAt } from '../../model/plan.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';
import { adopt } from '../../plan/uncertain/transitions.ts';
import type { StateStore } from '../../state/state-store.ts';

type Findable = Pick<
  StateStore,
  'records' | 'isFromElsewhere' | 'knownContent' | 'saveUnlessMoved'
>;

export interface FindingsDeps {
  readonly state: Findable;
  /** A write of the widget is on its way. */
  readonly isBusy: (widgetId: WidgetId) => boolean;
}

/** A disk makes many small files last in hardly more time than one. */
const savedAtOnce = 32;

/** A finding that could not be recorded, and why. */
export interface Unsaved extends WidgetAt {
  readonly error: StateError | UnexpectedError;
}

/**
 * Does the same as `recordEach`, for a daemon, which makes the plan again: throws `StateError` where anything
 * is left that may be recorded later. Resolves with what cannot be, whose widgets alone that concerns.
 */
export async function recordFindings(
  plan: Plan,
  deps: FindingsDeps,
  now: Date,
): Promise<readonly Unsaved[]> {
  const unsaved = await recordEach(plan, deps, now);
  const later = unsaved.find(({ error }) => error instanceof StateError);
  if (later !== undefined) throw later.error;
  return unsaved;
}

/**
 * Records what the plan found without a write: widgets that are as git declares them already, what a
 * read is the first to show of a write that the API confirmed without saying what it made of it, and
 * files that were renamed or rewritten without a change of content, or moved with their directory, so
 * that the next start need not parse them again, and an orphan is looked for where its file was last;
 * and which orphans the account has no longer.
 * A record that a write replaces meanwhile is left alone. Resolves with what could not be recorded.
 */
export async function recordEach(
  plan: Plan,
  { state, isBusy }: FindingsDeps,
  now: Date,
): Promise<Unsaved[]> {
  // Where a write is in flight, the widget is about to change again: the end of the write decides.
  const settled = plan.adopted.filter(({ widgetId }) => !isBusy(widgetId));
  const learned = plan.learned.filter(({ widgetId }) => !isBusy(widgetId));
  const moved = [
    ...plan.unchanged.flatMap((document) => movedRecord(document, state)),
    ...plan.drifted.flatMap((drift) => movedRootRecord(drift, state)),
    ...plan.gone.flatMap((at) => goneRecord(at, state)),
    ...plan.orphaned.flatMap((at) => foundAgain(at, state)),
  ];
  const findings: Finding[] = [
    ...settled.map((adoption) => ({
      ...placeOf(adoption),
      record: () => adopt(adoption, plan.revision, now),
      found: adoption.applied ?? undefined,
    })),
    ...learned.map((echo) => ({
      ...placeOf(echo),
      record: () => echo.record,
      found: echo.applied,
    })),
    // If there is more to record of one widget, the rest follows with the next plan.
    ...moved.map((record) => ({
      ...placeOf(record),
      record: () => record,
      found: state.records.get(record.widgetId),
    })),
  ];
  const unsaved: Unsaved[] = [];
  for (let from = 0; from < findings.length; from += savedAtOnce) {
    const batch = findings.slice(from, from + savedAtOnce);
    const failures = await Promise.all(batch.map((finding) => save(finding, state)));
    unsaved.push(...failures.filter((failure) => failure !== null));
  }
  return unsaved;
}

interface Finding extends WidgetAt {
  readonly record: () => AppliedRecord;
  /** The record when the plan was made. */
  readonly found: AppliedRecord | undefined;
}

function placeOf({ widgetId, file }: WidgetAt): WidgetAt {
  return { widgetId, file };
}

async function save({ record, found, ...at }: Finding, state: Findable): Promise<Unsaved | null> {
  try {
    await state.saveUnlessMoved(record(), found);
    return null;
  } catch (error) {
    return { ...at, error: error instanceof StateError ? error : new UnexpectedError(error) };
  }
}

function movedRecord(document: WidgetDocument, state: Findable): AppliedRecord[] {
  const { widgetId, file, digest, sync } = document;
  const record = state.records.get(widgetId);
  if (record === undefined || !isConfirmed(record)) return [];
  const isThere = record.file === file && !state.isFromElsewhere(widgetId);
  if (isThere && !record.isGone && state.knownContent(digest) !== undefined) return [];
  const { extends: _, ...rest } = withoutGone(record);
  const paths = document.extends === undefined ? {} : { extends: document.extends };
  return [{ ...rest, file, digest, ...paths, sync }];
}

/** Kept all the same: should its file come back, what it declared then is known. */
function goneRecord({ widgetId }: WidgetAt, state: Findable): AppliedRecord[] {
  const record = state.records.get(widgetId);
  return record === undefined ? [] : [{ ...record, isGone: true }];
}

/** A widget that is in the account after all: another key was in force meanwhile. */
function foundAgain({ widgetId }: WidgetAt, state: Findable): AppliedRecord[] {
  const record = state.records.get(widgetId);
  return record?.isGone ? [withoutGone(record)] : [];
}

function withoutGone({ isGone: _, ...record }: AppliedRecord): AppliedRecord {
  return record;
}

/** Drift that is only reported tells where the file is by now, but not which bytes it holds. */
function movedRootRecord({ widgetId, file }: WidgetAt, state: Findable): AppliedRecord[] {
  const record = state.records.get(widgetId);
  if (record === undefined || !state.isFromElsewhere(widgetId)) return [];
  // Saving it says that this version has read them.
  return state.knownContent(record.digest) === undefined ? [] : [{ ...record, file }];
}
