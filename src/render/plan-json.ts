// The plan for programs: `plan --json`, without the diagnostics that the command adds. The shape is a
// promise to scripts; keys are only ever added while `format_version` stays "1.0".

import { type Json, toPointer } from '../base/json/json.ts';
import type { Rate } from '../config/rate.ts';
import type { Part } from '../face/slots.ts';
import type { HeldFile, Origin } from '../model/document.ts';
import type {
  ChangedBy,
  FieldChange,
  Plan,
  Reason,
  ReportedDrift,
  UnappliedWidget,
  WidgetAt,
} from '../model/plan.ts';
import { isUnpublished } from '../model/snapshot/unpublished.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';
import { type FragmentReach, reachOf } from '../plan/trace/fragment-reach.ts';
import { costSeconds, totalRequests, withRereads } from './request-cost.ts';
import type { PlanSummary } from './summarize-plan.ts';
import { summarizePlan } from './summarize-plan.ts';
import { isoTime } from './time.ts';
import { isUnusual } from './unusual-changes.ts';
import { countVisible, type Visible, visibleParts } from './visible-parts.ts';

export interface PlanJson {
  readonly format_version: '1.0';
  readonly revision: string | null;
  /** Null where values are left out: it would tell on them. */
  readonly checksum: string | null;
  /** Only where widget files extend fragments. */
  readonly fragments?: readonly FragmentJson[];
  readonly changes: readonly ChangeJson[];
  readonly adopted: readonly WidgetAtJson[];
  readonly held: readonly HeldJson[];
  readonly orphaned: readonly WidgetAtJson[];
  readonly gone: readonly WidgetAtJson[];
  readonly drifted: readonly DriftJson[];
  readonly ignored: readonly PathsJson[];
  readonly vanished: readonly PathsJson[];
  /** Fields that a commit may have set and no file declares by now, and that somebody has changed since. */
  readonly left?: readonly PathsJson[];
  /** Of all widgets that files declare, none is recorded in the state directory. */
  readonly nothing_recorded: boolean;
  readonly kept: readonly KeptJson[];
  /** Widgets of the account that neither a file nor the state knows; null where it was not read whole. */
  readonly unmanaged: number | null;
  readonly cost: CostJson;
  /** What of the changes visitors will see. */
  readonly visible: Visible;
  readonly summary: PlanSummary;
}

export interface ChangeJson extends WidgetAtJson {
  readonly action: 'update';
  readonly reason: Reason;
  /** Only where true: the file is not as the commit of `revision` has it. */
  readonly edited?: true;
  /** Parts of its picture that visitors will see changed. */
  readonly parts: readonly Part[];
  readonly fields: readonly FieldJson[];
}

/** Numbers of widgets: those that a fragment reaches, and those of them that the plan changes in what it says. */
export interface FragmentJson {
  readonly file: string;
  readonly widgets: number;
  readonly changes: number;
}

export interface FieldJson {
  /** JSON Pointer into the body. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
  /** Only where false: there is a value, and it is left out. */
  readonly from_published?: false;
  readonly to_published?: false;
  readonly by: ChangedBy;
  /** Only where true. */
  readonly released?: true;
  /** Only where true: set in the dashboard, and removed because git declares the whole object. */
  readonly never_declared?: true;
  /** Only where true: the widget would become another kind of widget. */
  readonly unusual?: true;
  /** Only of the changes of a widget that extends fragments: where the new value stands. */
  readonly origin?: OriginJson;
}

/** Relative to the widget directory; line and column count from 1. */
export interface OriginJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DriftJson extends WidgetAtJson {
  readonly why: ReportedDrift['why'];
  /** ISO 8601: when it may be corrected again; null for never by itself. */
  readonly until: string | null;
  readonly fields: readonly FieldJson[];
}

export interface PathsJson extends WidgetAtJson {
  /** JSON Pointers. */
  readonly paths: readonly string[];
}

/** What the API keeps otherwise than it was sent. */
export interface KeptJson extends WidgetAtJson {
  /** ISO 8601: when it confirmed this content so first. */
  readonly since: string;
  readonly fields: readonly KeptFieldJson[];
}

export interface KeptFieldJson extends UnappliedField {
  /** Only where false: there is a value, and it is left out. */
  readonly kept_published?: false;
}

/** Requests by kind, and the seconds from the first start to the last at the rate. */
export interface CostJson {
  readonly list: number;
  readonly get: number;
  readonly put: number;
  readonly seconds: number;
}

export interface WidgetAtJson {
  readonly widget_id: string;
  readonly file: string;
}

export interface HeldJson {
  /** Null when neither the file nor the state says which widget it is. */
  readonly widget_id: string | null;
  readonly file: string;
  readonly code: HeldFile['code'];
  readonly message: string;
  /** Only of a suspended file: what a write would change. */
  readonly fields?: readonly FieldJson[];
}

export function planJson(plan: Plan, rate: Rate): PlanJson {
  return {
    format_version: '1.0',
    revision: plan.revision,
    checksum: plan.hidesValues ? null : plan.checksum,
    ...(plan.fragments.length > 0 && { fragments: reachOf(plan).map(fragmentJson) }),
    changes: plan.changes.map((change) => ({
      ...widgetAt(change),
      action: change.action,
      reason: change.reason,
      ...(change.isEdited && { edited: change.isEdited }),
      parts: visibleParts(change),
      fields: change.fields.map(fieldJson),
    })),
    adopted: plan.adopted.map(widgetAt),
    held: plan.held.map(({ widgetId, file, code, message, waits }) => ({
      widget_id: widgetId,
      file,
      code,
      message,
      ...(waits !== undefined && { fields: waits.map(fieldJson) }),
    })),
    orphaned: plan.orphaned.map(widgetAt),
    gone: plan.gone.map(widgetAt),
    drifted: plan.drifted.map(({ why, untilMs, fields, ...at }) => ({
      ...widgetAt(at),
      why,
      until: untilMs === null ? null : isoTime(untilMs),
      fields: fields.map(fieldJson),
    })),
    ignored: plan.ignored.map(({ paths, ...at }) => ({ ...widgetAt(at), paths })),
    vanished: plan.vanished.map(({ names, ...at }) => ({
      ...widgetAt(at),
      paths: names.map((name) => toPointer([name])),
    })),
    ...(plan.left !== undefined && {
      left: plan.left.map(({ names, ...at }) => ({
        ...widgetAt(at),
        paths: names.map((name) => toPointer([name])),
      })),
    }),
    nothing_recorded: plan.isNothingRecorded,
    kept: plan.kept.map(keptJson),
    unmanaged: plan.unmanaged,
    cost: costJson(plan, rate),
    visible: countVisible(plan),
    summary: summarizePlan(plan),
  };
}

function costJson(plan: Plan, rate: Rate): PlanJson['cost'] {
  const requests = withRereads(plan, rate);
  return { ...requests, seconds: costSeconds(totalRequests(requests), rate) };
}

function widgetAt({ widgetId, file }: WidgetAt): WidgetAtJson {
  return { widget_id: widgetId, file };
}

export function keptJson({ sinceMs, fields, ...at }: UnappliedWidget): KeptJson {
  return { ...widgetAt(at), since: isoTime(sinceMs), fields: fields.map(keptFieldJson) };
}

function keptFieldJson({ kept, ...field }: UnappliedField): KeptFieldJson {
  if (kept === undefined) return field;
  return isUnpublished(kept) ? { ...field, kept_published: false } : { ...field, kept };
}

function fragmentJson({ file, widgets, changes }: FragmentReach): FragmentJson {
  return { file, widgets, changes };
}

export function originJson({ file, range: { start } }: Origin): OriginJson {
  return { file, line: start.line, column: start.column };
}

function fieldJson({ released, neverDeclared, origin, ...field }: FieldChange): FieldJson {
  const { path, from, to, ...rest } = field;
  return {
    path,
    ...(isUnpublished(from) ? { from_published: false as const } : from !== undefined && { from }),
    ...(isUnpublished(to) ? { to_published: false as const } : to !== undefined && { to }),
    ...rest,
    ...(released && { released }),
    ...(neverDeclared && { never_declared: neverDeclared }),
    ...(isUnusual(field) && { unusual: true }),
    ...(origin !== undefined && { origin: originJson(origin) }),
  };
}
