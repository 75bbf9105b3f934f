// What one reading of live widgets has gathered so far.
import type { LiveView, LiveWidget } from '../plan/types.ts';
import type { WidgetId } from '../widget.ts';

export class Reading {
  readonly widgets = new Map<WidgetId, LiveWidget | 'absent'>();
  total: number | null = null;
  lists = 0;
  gets = 0;

  has(widgetId: WidgetId): boolean {
    return this.widgets.has(widgetId);
  }

  view(): LiveView {
    const { widgets, total, lists, gets } = this;
    return { widgets, total, requests: { list: lists, get: gets } };
  }
}
