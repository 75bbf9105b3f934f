// desired, applied, live → Plan. The same views give the same plan, in whatever order they come.
import type { HeldFile, WidgetDocument } from '../documents/types.ts';
import type { Json, JsonObject } from '../json.ts';
import { canonicalJson } from '../json.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { WidgetId } from '../widget.ts';
import { asJson, sha256 } from '../widget.ts';
import { decide } from './decide.ts';
import { diffFields } from './diff-fields.ts';
import type { Change, FieldChange, Plan, Policy, Views, WidgetAt } from './types.ts';

export function makePlan(views: Views, policy: Policy): Plan {
  const held = nameHeldWidgets(views).sort(byPlace);
  const { changes, unchanged } = planDocuments(views, policy);
  const orphaned = findOrphaned(views, held, policy);
  const adopted: WidgetAt[] = []; // Nothing can be adopted while live is unknown.
  const checksum = checksumOf({ changes, adopted, held, orphaned });
  return { revision: views.revision, checksum, changes, adopted, held, orphaned, unchanged };
}

function planDocuments(views: Views, policy: Policy): Pick<Plan, 'changes' | 'unchanged'> {
  const changes: Change[] = [];
  const unchanged: WidgetDocument[] = [];
  for (const document of views.desired) {
    const applied = views.applied.get(document.widgetId) ?? null;
    const desired = { kind: 'declared', hash: document.hash } as const;
    const decision = decide({ desired, applied, live: views.live }, policy);
    if (decision.outcome === 'update') {
      const fields = fieldsOf(document, applied);
      const { revision } = views;
      changes.push({ action: 'update', ...document, reason: decision.reason, revision, fields });
    } else {
      unchanged.push(document);
    }
  }
  return { changes: changes.sort(byPlace), unchanged: unchanged.sort(byPlace) };
}

function fieldsOf(document: WidgetDocument, applied: AppliedRecord | null): FieldChange[] {
  return diffFields(applied === null ? null : asJson(applied.spec), asJson(document.spec));
}

/**
 * The held files, those too broken to say their widget named by what was applied from them. Of several
 * widgets once applied from one file the last counts, and none that another file speaks for by now.
 */
function nameHeldWidgets(views: Views): HeldFile[] {
  const spokenFor = idsOf([...views.desired, ...views.held]);
  const lastApplied = new Map<string, AppliedRecord>();
  for (const record of views.applied.values()) {
    if (spokenFor.has(record.widgetId)) continue;
    const other = lastApplied.get(record.file);
    if (other === undefined || isLater(record, other)) lastApplied.set(record.file, record);
  }
  return views.held.map((entry) => ({
    ...entry,
    widgetId: entry.widgetId ?? lastApplied.get(entry.file)?.widgetId ?? null,
  }));
}

function isLater(record: AppliedRecord, other: AppliedRecord): boolean {
  const aheadMs = record.appliedAt.getTime() - other.appliedAt.getTime();
  return aheadMs > 0 || (aheadMs === 0 && record.widgetId < other.widgetId);
}

function findOrphaned(views: Views, held: readonly HeldFile[], policy: Policy): WidgetAt[] {
  const declaredIds = idsOf(views.desired);
  const heldIds = idsOf(held);
  const orphaned: WidgetAt[] = [];
  for (const record of views.applied.values()) {
    const { widgetId, file } = record;
    if (declaredIds.has(widgetId)) continue;
    const desired = { kind: heldIds.has(widgetId) ? 'held' : 'absent' } as const;
    const decision = decide({ desired, applied: record, live: views.live }, policy);
    if (decision.outcome === 'orphaned') orphaned.push({ widgetId, file });
  }
  return orphaned.sort(byPlace);
}

function idsOf(entries: readonly { readonly widgetId: WidgetId | null }[]): Set<WidgetId> {
  return new Set(entries.flatMap(({ widgetId }) => (widgetId === null ? [] : [widgetId])));
}

/** Not over the revision: a commit that changes nothing leaves a reviewed plan valid. */
function checksumOf(plan: Pick<Plan, 'changes' | 'adopted' | 'held' | 'orphaned'>): string {
  const place = ({ widgetId, file }: WidgetAt) => ({ widget_id: widgetId, file });
  return sha256(
    canonicalJson({
      changes: plan.changes.map((change) => ({
        ...place(change),
        reason: change.reason,
        hash: change.hash,
        fields: change.fields.map(fieldAsJson),
      })),
      adopted: plan.adopted.map(place),
      held: plan.held.map(({ widgetId, file, code }) => ({ widget_id: widgetId, file, code })),
      orphaned: plan.orphaned.map(place),
    }),
  );
}

function fieldAsJson(field: FieldChange): JsonObject {
  return { ...field } satisfies { [key: string]: Json };
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
