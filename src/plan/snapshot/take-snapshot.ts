// What is applied and live → what may be published of it. The comparison is the plan's own, with the values left
// out: whoever reads the snapshot compares again.
import { fromPointer, isJsonObject, type Json } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { leavesOf } from '../../model/diff-fields.ts';
import type { HeldFile, IsEdited, WidgetDocument } from '../../model/document.ts';
import type { FieldChange, LiveState, LiveView, LiveWidget } from '../../model/plan.ts';
import type { SnapshotValues, SnapshotWidget } from '../../model/snapshot/snapshot.ts';
import { isNothing } from '../../model/snapshot/unpublished.ts';
import { sameValue } from '../../model/value-at.ts';
import type { WidgetId } from '../../model/widget.ts';
import { bodySchemas, isEmpty, resetValueOf } from '../../model/widget-fields.ts';
import { type Comparison, compareWidget } from '../compare/compare-widget.ts';

export interface SnapshotViews {
  readonly desired: readonly WidgetDocument[];
  readonly held: readonly HeldFile[];
  readonly applied: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly live: Pick<LiveView, 'widgets'>;
  /** Absent where it cannot be told. */
  readonly isEdited?: IsEdited;
}

/**
 * Of each widget that a usable file declares, or a suspended one, and of each that was applied; by file, then by
 * widget id. None of a widget of which nothing is recorded, and whose file is not as its commit has it. Of ten
 * thousand they take a while, and are made one by one.
 */
export function* takeSnapshot(
  views: SnapshotViews,
  values: SnapshotValues,
): Generator<SnapshotWidget, void> {
  const { desired, held, applied, isEdited } = views;
  const written = [...desired, ...held.flatMap(({ waiting }) => waiting ?? [])];
  const widgets = written.flatMap((document): Omit<Widget, 'live'>[] => {
    const record = applied.get(document.widgetId) ?? null;
    const isOfCommit = isEdited?.(document) !== true;
    if (isOfCommit) return [{ document, isOfCommit, applied: record }];
    // Nobody who reads it would have what its places are told against.
    return record === null ? [] : [{ document: asApplied(record), isOfCommit, applied: record }];
  });
  const named = new Set(written.map(({ widgetId }) => widgetId));
  const others = [...applied.values()]
    .filter(({ widgetId }) => !named.has(widgetId))
    .map((record) => ({ document: asApplied(record), isOfCommit: false, applied: record }));
  for (const widget of [...widgets, ...others].sort(byPlace)) {
    const live = views.live.widgets.get(widget.document.widgetId) ?? null;
    yield snapshotOf({ ...widget, live }, values);
  }
}

/** As if the file said what was applied from it. */
function asApplied({ widgetId, file, digest, spec, hash, sync }: AppliedRecord): WidgetDocument {
  return { widgetId, file, digest, spec, hash, sync };
}

interface Widget {
  readonly document: WidgetDocument;
  readonly isOfCommit: boolean;
  readonly applied: AppliedRecord | null;
  readonly live: LiveState | null;
}

function snapshotOf(
  { document, isOfCommit, applied, live: state }: Widget,
  values: SnapshotValues,
): SnapshotWidget {
  const { widgetId, file, hash, sync } = document;
  const live = usableLive(state);
  // A file may give up what it leaves to the dashboard: what stands there is told as everywhere else.
  const all = { ...document, sync: { ...sync, ignore: [] } };
  const compared = compareWidget({ document: all, applied, live }, { released: 'reset' });
  const places = compared.fields.flatMap(placesOf);
  const aside = live === null ? { set: [], empty: {} } : undeclared(all, applied, compared);
  const shown = places.flatMap(({ path, value }) => {
    const isTold = value !== undefined && (values === 'declared' || isNothing(value));
    return isTold ? [[path, value] as const] : [];
  });
  const pathsOf = (some: readonly FieldPlace[]) => some.map(({ path }) => path);
  return {
    ...{ widgetId, file, hash: isOfCommit ? hash : null },
    declared: applied === null ? null : Object.keys(applied.spec),
    differs: pathsOf(places.filter(({ by }) => by !== 'git')),
    pending: pathsOf(places.filter(({ by }) => by !== 'dashboard')),
    lacks: pathsOf(places.filter(({ value }) => value === undefined)),
    set: aside.set,
    vanished: compared.vanished,
    live: { ...Object.fromEntries(shown), ...aside.empty },
    standing: standingOf(state),
  };
}

function usableLive(state: LiveState | null): LiveWidget | null {
  return state === null || state === 'absent' || 'unusable' in state ? null : state;
}

function standingOf(state: LiveState | null): SnapshotWidget['standing'] {
  if (state === null) return 'unread';
  if (state === 'absent') return 'absent';
  return 'unusable' in state ? 'unusable' : 'read';
}

interface FieldPlace extends Pick<FieldChange, 'path' | 'by'> {
  /** Undefined: there is none. */
  readonly value: Json | undefined;
}

/** An object where git has another value is told member by member, as a plan compares it. */
function placesOf({ path, by, from }: FieldChange): FieldPlace[] {
  if (from === undefined || isNothing(from) || !isJsonObject(from)) {
    return [{ path, by, value: from }];
  }
  const members = leavesOf(from, fromPointer(path));
  return members.map((member) => ({ ...member, by }));
}

/** The fields that the file does not have: of those that nobody declares by name what says something. */
function undeclared(
  { spec }: WidgetDocument,
  applied: AppliedRecord | null,
  { live }: Comparison,
): { readonly set: string[]; readonly empty: Record<string, Json> } {
  const set: string[] = [];
  const empty: Record<string, Json> = {};
  for (const name of bodySchemas.keys()) {
    const value = live?.body[name];
    if (value === undefined || Object.hasOwn(spec, name)) continue;
    const isApplied = Object.hasOwn(applied?.spec ?? {}, name);
    if (!isEmpty(name, value) && !isApplied) set.push(name);
    // Whoever reads it takes what is not named for what a field is set back to.
    if (isNothing(value) && !sameValue(value, resetValueOf(name))) empty[`/${name}`] = value;
  }
  return { set, empty };
}

function byPlace(
  { document: a }: Pick<Widget, 'document'>,
  { document: b }: Pick<Widget, 'document'>,
): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.widgetId < b.widgetId ? -1 : 1;
}
