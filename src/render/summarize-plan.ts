// A plan in numbers, the same ones for people and for programs.

import type { Plan } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';

export interface PlanSummary {
  readonly update: number;
  readonly adopt: number;
  readonly unchanged: number;
  /** Files, not widgets: two files may be held because they declare one widget. */
  readonly held: number;
  readonly orphaned: number;
  /** Drift that is said and not corrected. */
  readonly drifted: number;
  /** Widgets of which the API keeps something otherwise than it was sent, unchanged ones among them. */
  readonly kept: number;
  /** Distinct widgets; a held file whose widget is unknown counts as one. */
  readonly total: number;
}

export function summarizePlan(plan: Plan): PlanSummary {
  const { changes, adopted, held, orphaned, drifted, unchanged, kept } = plan;
  const widgets = new Set<WidgetId>();
  let unnamed = 0;
  for (const list of [changes, adopted, held, orphaned, drifted, unchanged]) {
    for (const { widgetId } of list) {
      if (widgetId === null) unnamed += 1;
      else widgets.add(widgetId);
    }
  }
  return {
    update: changes.length,
    adopt: adopted.length,
    unchanged: unchanged.length,
    held: held.length,
    orphaned: orphaned.length,
    drifted: drifted.length,
    kept: kept.length,
    total: widgets.size + unnamed,
  };
}
