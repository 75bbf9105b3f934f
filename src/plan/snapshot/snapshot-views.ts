// A snapshot, and what its commit declared → applied and live, as a plan compares them. What is not published
// stands there as a value that git cannot have.
import {
  fromPointer,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LiveState } from '../../model/plan.ts';
import type { DeclaredContent } from '../../model/since/declared-then.ts';
import type { Snapshot, SnapshotWidget } from '../../model/snapshot/snapshot.ts';
import { unpublished, unpublishedApplied } from '../../model/snapshot/unpublished.ts';
import { ownValue, valueAt } from '../../model/value-at.ts';
import {
  asJson,
  asSpec,
  hashSpec,
  type SyncPolicy,
  type WidgetId,
  type WidgetSpec,
} from '../../model/widget.ts';
import { bodySchemas, resetValueOf } from '../../model/widget-fields.ts';
import { certain } from '../../model/write-trail.ts';

export interface SnapshotStates {
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly live: ReadonlyMap<WidgetId, LiveState>;
  /** The files of widgets whose applied values no commit that was read declares, sorted. */
  readonly withoutValues: readonly string[];
}

/** `declared`: by widget, what the snapshot's commit said. */
export function snapshotStates(
  { widgets, ...origin }: Snapshot,
  declared: ReadonlyMap<WidgetId, DeclaredContent>,
): SnapshotStates {
  const records = new Map<WidgetId, AppliedRecord>();
  const live = new Map<WidgetId, LiveState>();
  const withoutValues: string[] = [];
  for (const widget of widgets) {
    const { widgetId, file, hash } = widget;
    const found = declared.get(widgetId);
    const content = found !== undefined && found.content.hash === hash ? found : null;
    const bodies =
      content === null ? unknownBodies(widget) : bodiesFrom(widget, asJson(content.content.spec));
    if (widget.declared !== null) {
      if (content === null) withoutValues.push(file);
      records.set(widgetId, recordOf(widget, { spec: bodies.applied, content, origin }));
    }
    const state = liveOf(widget, bodies.live, origin.time);
    if (state !== null) live.set(widgetId, state);
  }
  return { records, live, withoutValues };
}

interface Bodies {
  readonly applied: JsonObject;
  readonly live: JsonObject;
}

/** From what the commit declares, place by place. */
function bodiesFrom(widget: SnapshotWidget, declared: JsonObject): Bodies {
  const names = widget.declared ?? [];
  const released = names.filter((name) => !Object.hasOwn(declared, name));
  let live: JsonObject = { ...asideOf(widget, [...Object.keys(declared), ...names]), ...declared };
  for (const name of released) live[name] = restOf(widget, name);
  for (const path of placesIn(widget)) {
    live = withValue(live, fromPointer(path), liveAt(widget, path));
  }
  let applied: JsonObject = {};
  for (const name of names) {
    const value = ownValue(declared, name);
    applied[name] = value === undefined ? unpublishedApplied : value;
  }
  const differs = new Set(widget.differs);
  for (const path of widget.pending) {
    const segments = fromPointer(path);
    const [name = ''] = segments;
    // Git has begun to declare it since.
    if (Object.hasOwn(declared, name) && !names.includes(name)) continue;
    const value = differs.has(path) ? unpublishedApplied : valueAt(live, segments);
    applied = withValue(applied, segments, value);
  }
  for (const name of widget.vanished) live = withValue(live, [name], undefined);
  return { applied, live };
}

/** Where no commit that was read says what was applied: of each field no more than whether it differs is known. */
function unknownBodies(widget: SnapshotWidget): Bodies {
  const names = widget.declared ?? [];
  const applied: JsonObject = Object.fromEntries(names.map((name) => [name, unpublishedApplied]));
  const live: JsonObject = { ...asideOf(widget, names), ...applied };
  for (const path of widget.differs) {
    const [name = '', ...within] = fromPointer(path);
    const told = within.length === 0 ? liveAt(widget, path) : unpublished;
    if (told === undefined) delete live[name];
    else live[name] = told;
  }
  return { applied, live };
}

function placesIn({ differs, pending }: SnapshotWidget): ReadonlySet<string> {
  return new Set([...differs, ...pending]);
}

function liveAt({ lacks, live }: SnapshotWidget, path: string): Json | undefined {
  if (lacks.includes(path)) return undefined;
  return toldAt(live, path, unpublished);
}

/** Null is a value like any other. */
function toldAt(live: SnapshotWidget['live'], path: string, otherwise: Json): Json {
  const told = ownValue(live, path);
  return told === undefined ? otherwise : told;
}

/** The fields that nobody declares: all of them, as an API tells all. */
function asideOf(widget: SnapshotWidget, declared: readonly string[]): JsonObject {
  const { set } = widget;
  const body: JsonObject = {};
  for (const name of bodySchemas.keys()) {
    if (declared.includes(name)) continue;
    body[name] = set.includes(name) ? unpublished : restOf(widget, name);
  }
  return body;
}

/** Empty in the way that is told, else as a field is set back. */
function restOf({ live }: SnapshotWidget, name: string): Json {
  return toldAt(live, toPointer([name]), resetValueOf(name) ?? null);
}

/** Undefined takes it away. Objects on the way are made where there are none. */
function withValue(
  body: JsonObject,
  [name, ...within]: readonly string[],
  value: Json | undefined,
): JsonObject {
  if (name === undefined) return body;
  const { [name]: own, ...others } = body;
  if (within.length > 0) {
    const inner = withValue(isJsonObject(own) ? own : {}, within, value);
    return Object.fromEntries([...Object.entries(others), [name, inner]]);
  }
  return value === undefined
    ? others
    : Object.fromEntries([...Object.entries(others), [name, value]]);
}

const noPolicy: SyncPolicy = { drift: null, ignore: [] };

interface Told {
  readonly spec: JsonObject;
  readonly content: DeclaredContent | null;
  readonly origin: Pick<Snapshot, 'time' | 'revision'>;
}

function recordOf(
  { widgetId, file, standing, hash, pending }: SnapshotWidget,
  { spec: body, content, origin }: Told,
): AppliedRecord {
  // Made of what files declared, but for values that are not known, which nothing asks for.
  const spec = asSpec(body);
  // Of ten thousand hardly any differs, and what does not need not be hashed again.
  const isSame = pending.length === 0 && content !== null && hasSameNames(spec, content);
  const applied = isSame ? content.content.hash : hashSpec(spec);
  const isAsDeclared = content?.content.hash === applied;
  return {
    ...{ widgetId, file, spec, hash: applied },
    // By its digest a file is known to say what its record does.
    digest: isAsDeclared ? content.digest : '',
    ...(content?.extends !== undefined && { extends: content.extends }),
    sync: content?.content.sync ?? noPolicy,
    ...{ echo: null, revision: origin.revision, appliedAt: origin.time },
    // How the API spells it was known to who took the snapshot.
    trail: certain,
    corrections: 0,
    ...(standing === 'absent' && hash === null && { isGone: true as const }),
  };
}

function hasSameNames(spec: WidgetSpec, { content }: DeclaredContent): boolean {
  const names = Object.keys(spec);
  const isIn = names.every((name) => Object.hasOwn(content.spec, name));
  return isIn && names.length === Object.keys(content.spec).length;
}

const tooDeep = 'it nests too deeply in the dashboard to be compared';

function liveOf(
  { standing }: SnapshotWidget,
  body: JsonObject,
  time: Snapshot['time'],
): LiveState | null {
  const readAtMs = time.getTime();
  switch (standing) {
    case 'read':
      return { body, readAtMs };
    case 'absent':
      return 'absent';
    case 'unusable':
      return { unusable: tooDeep, readAtMs };
    case 'unread':
      return null;
  }
}
