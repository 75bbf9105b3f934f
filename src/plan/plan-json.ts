// The plan for programs: `plan --json`, without the diagnostics that the command adds. The shape is a
// promise to scripts; keys are only ever added while `format_version` stays "1.0".
import type { HeldFile } from '../documents/types.ts';
import type { PlanSummary } from './summarize-plan.ts';
import { summarizePlan } from './summarize-plan.ts';
import type { FieldChange, Plan, Reason, WidgetAt } from './types.ts';

export interface PlanJson {
  readonly format_version: '1.0';
  readonly revision: string | null;
  readonly checksum: string;
  readonly changes: readonly ChangeJson[];
  readonly adopted: readonly WidgetAtJson[];
  readonly held: readonly HeldJson[];
  readonly orphaned: readonly WidgetAtJson[];
  readonly summary: PlanSummary;
}

export interface ChangeJson extends WidgetAtJson {
  readonly action: 'update';
  readonly reason: Reason;
  readonly fields: readonly FieldChange[];
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
}

export function planJson(plan: Plan): PlanJson {
  return {
    format_version: '1.0',
    revision: plan.revision,
    checksum: plan.checksum,
    changes: plan.changes.map((change) => ({
      ...widgetAt(change),
      action: change.action,
      reason: change.reason,
      fields: change.fields,
    })),
    adopted: plan.adopted.map(widgetAt),
    held: plan.held.map(({ widgetId, file, code, message }) => ({
      widget_id: widgetId,
      file,
      code,
      message,
    })),
    orphaned: plan.orphaned.map(widgetAt),
    summary: summarizePlan(plan),
  };
}

function widgetAt({ widgetId, file }: WidgetAt): WidgetAtJson {
  return { widget_id: widgetId, file };
}
