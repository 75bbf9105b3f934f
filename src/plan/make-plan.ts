// desired, applied, live → Plan. The same views give the same plan, in whatever order they come.

import type { AppliedRecord } from '../model/applied-record.ts';
import type { HeldFile, WidgetDocument } from '../model/document.ts';
import type {
  Change,
  HeldWidget,
  LastApplied,
  LeftFields,
  Plan,
  PlanBug,
  Policy,
  Views,
  WidgetAt,
} from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import { checksumOf } from './checksum.ts';
import { compareWidget } from './compare/compare-widget.ts';
import { decide } from './decide.ts';
import { type Planned, planWidget, whyUnexpected } from './plan-widget.ts';

export function makePlan(views: Views, policy: Policy): Plan {
  const broken = nameHeldWidgets(views);
  const { held: missing, bugs, ...planned } = planDocuments(views, policy);
  const waiting = broken.map((file) => planHeld(file, views, policy));
  const lists = {
    ...planned,
    held: [...waiting.map(({ held }) => held), ...missing].sort(byPlace),
    bugs: [...waiting.flatMap(({ bug }) => bug ?? []), ...bugs].sort(byPlace),
    ...findUndeclared(views, broken, policy),
  };
  const { list, get } = views.live.requests;
  return {
    revision: views.revision,
    checksum: checksumOf(lists),
    fragments: views.fragments,
    ...(views.fragments.length > 0 && { lastApplied: lastApplied(views) }),
    ...(lists.changes.some((change) => leavesFragments(change, views)) && {
      leavesFragments: true,
    }),
    ...lists,
    isNothingRecorded: isNothingRecorded(views),
    unmanaged: countUnmanaged(views),
    requests: { list, get, put: lists.changes.length },
  };
}

function planDocuments(views: Views, policy: Policy) {
  const plans = views.desired.map((document) => {
    const { widgetId } = document;
    const applied = views.applied.get(widgetId) ?? null;
    const live = views.live.widgets.get(widgetId) ?? null;
    const { isBlind = false } = views.live;
    return planWidget({ document, applied, live, isBlind, origin: views }, policy);
  });
  const planned = plans.map((plan) => plan.planned);
  const only = <Item extends Place>(pick: (one: Planned) => Item | null): Item[] =>
    planned
      .map(pick)
      .filter((item) => item !== null)
      .sort(byPlace);
  return {
    changes: only((one) => (one.kind === 'change' ? one.change : null)),
    adopted: only((one) => (one.kind === 'adopted' ? one.adoption : null)),
    held: only((one) => (one.kind === 'held' ? one.held : null)),
    drifted: only((one) => (one.kind === 'drifted' ? one.drift : null)),
    unchanged: only((one) => (one.kind === 'unchanged' ? one.document : null)),
    ...leftFields(plans.flatMap(({ left }) => left ?? [])),
    vanished: plans.flatMap(({ vanished }) => vanished ?? []).sort(byPlace),
    ignored: plans.flatMap(({ ignored }) => ignored ?? []).sort(byPlace),
    learned: plans.flatMap(({ learned }) => learned ?? []).sort(byPlace),
    bugs: plans.flatMap(({ bug }) => bug ?? []).sort(byPlace),
    kept: plans.flatMap(({ kept }) => kept ?? []).sort(byPlace),
  };
}

function leftFields(left: readonly LeftFields[]): Pick<Plan, 'left'> {
  return left.length === 0 ? {} : { left: [...left].sort(byPlace) };
}

/**
 * The held files, those too broken to say their widget named by what was applied from them. Of several
 * widgets once applied from one file the last counts, and none that another file speaks for by now.
 * A folder that cannot be read holds every widget that was applied from below it.
 */
function nameHeldWidgets(views: Views): HeldFile[] {
  const spokenFor = idsOf([...views.desired, ...views.held]);
  const unspoken = [...views.applied.values()].filter(({ widgetId }) => !spokenFor.has(widgetId));
  const lastApplied = new Map<string, AppliedRecord>();
  for (const record of unspoken) {
    const other = lastApplied.get(record.file);
    if (other === undefined || isLater(record, other)) lastApplied.set(record.file, record);
  }
  const unnamed = new Map(
    views.held.flatMap((entry) => (entry.widgetId === null ? [[entry.file, entry] as const] : [])),
  );
  const below = [...lastApplied.values()].flatMap(({ file, widgetId }) => {
    const folder = foldersOf(file).find((path) => unnamed.has(path));
    const entry = folder === undefined ? undefined : unnamed.get(folder);
    return entry === undefined ? [] : [{ ...entry, file, widgetId }];
  });
  const named = views.held.map((entry) => ({
    ...entry,
    widgetId: entry.widgetId ?? lastApplied.get(entry.file)?.widgetId ?? null,
  }));
  return [...named, ...below];
}

/** Never throws, as `planWidget`: a bug that a suspended file meets holds its widget, and no other. */
function planHeld(
  { waiting, ...file }: HeldFile,
  views: Views,
  policy: Policy,
): { readonly held: HeldWidget; readonly bug: PlanBug | null } {
  if (waiting === undefined) return { held: file, bug: null };
  try {
    return { held: withWaiting(file, waiting, { views, policy }), bug: null };
  } catch (error) {
    const held = { ...file, code: 'unexpected-error', message: whyUnexpected(error) } as const;
    return { held, bug: { widgetId: waiting.widgetId, file: file.file, error } };
  }
}

/** With what a suspended file would change. */
function withWaiting(
  file: HeldWidget,
  waiting: WidgetDocument,
  { views, policy }: { readonly views: Views; readonly policy: Policy },
): HeldWidget {
  const live = views.live.widgets.get(waiting.widgetId) ?? null;
  if (live === 'absent' || (live !== null && 'unusable' in live)) return file;
  const applied = views.applied.get(waiting.widgetId) ?? null;
  const { fields } = compareWidget({ document: waiting, applied, live }, policy);
  return { ...file, waits: fields };
}

/** The folders that a file is in, the outermost first. */
function foldersOf(file: string): string[] {
  const names = file.split('/');
  return names.slice(1).map((_, length) => names.slice(0, length + 1).join('/'));
}

function isLater(record: AppliedRecord, other: AppliedRecord): boolean {
  const aheadMs = record.appliedAt.getTime() - other.appliedAt.getTime();
  return aheadMs > 0 || (aheadMs === 0 && record.widgetId < other.widgetId);
}

/** The widgets that were applied and no file declares: orphans, and those that the account has lost too. */
function findUndeclared(
  views: Views,
  held: readonly HeldFile[],
  policy: Policy,
): Pick<Plan, 'orphaned' | 'gone'> {
  const declaredIds = idsOf(views.desired);
  const heldIds = idsOf(held);
  const found: Record<'orphaned' | 'gone', WidgetAt[]> = { orphaned: [], gone: [] };
  for (const record of views.applied.values()) {
    const { widgetId, file, isGone = false } = record;
    if (declaredIds.has(widgetId)) continue;
    const desired = { kind: heldIds.has(widgetId) ? 'held' : 'absent' } as const;
    const read = views.live.widgets.get(widgetId) ?? (isGone ? 'absent' : null);
    const live = read === 'absent' ? 'absent' : 'unknown';
    const { outcome } = decide({ desired, applied: record, live }, policy);
    if (outcome === 'orphaned') found.orphaned.push({ widgetId, file });
    // A widget that was recorded to be gone has been reported.
    if (outcome === 'gone' && !isGone) found.gone.push({ widgetId, file });
  }
  return { orphaned: found.orphaned.sort(byPlace), gone: found.gone.sort(byPlace) };
}

function idsOf(entries: readonly { readonly widgetId: WidgetId | null }[]): Set<WidgetId> {
  return new Set(entries.flatMap(({ widgetId }) => (widgetId === null ? [] : [widgetId])));
}

function isNothingRecorded({ desired, held, applied }: Views): boolean {
  return desired.length > 0 && [...idsOf([...desired, ...held])].every((id) => !applied.has(id));
}

/** Live widgets that neither a file nor a record knows. */
function countUnmanaged({ desired, held, applied, live }: Views): number | null {
  if (live.total === null) return null;
  const known = idsOf([...desired, ...held, ...applied.values()]);
  const managed = [...known].filter(
    (widgetId) => (live.widgets.get(widgetId) ?? 'absent') !== 'absent',
  );
  // The account may shrink between two pages of its list.
  return Math.max(0, live.total - managed.length);
}

function leavesFragments(change: Change, { applied }: Views): boolean {
  return change.extends === undefined && applied.get(change.widgetId)?.extends !== undefined;
}

function lastApplied({ desired, applied }: Views): ReadonlyMap<string, LastApplied> {
  const entries = desired.flatMap(({ widgetId, file, digest }) => {
    const record = applied.get(widgetId);
    if (record === undefined) return [];
    const { appliedAt: at, revision } = record;
    return [[file, { at, revision, isSame: record.digest === digest }] as const];
  });
  return new Map(entries);
}

interface Place {
  readonly file: string;
  readonly widgetId: WidgetId | null;
}

// Code units, not a locale: the order must be the same on every machine.
function byPlace(a: Place, b: Place): number {
  return compareText(a.file, b.file) || compareText(a.widgetId ?? '', b.widgetId ?? '');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
