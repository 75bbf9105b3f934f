// The states of widgets as the page names them.
import { type WidgetState, widgetStates } from '../../status/widget-status.ts';
import { Html } from '../page/html.ts';

/** As people say it, in a filter and on a row. */
export const stateWords: { readonly [state in WidgetState]: string } = {
  applied: 'applied',
  pending: 'pending',
  failed: 'failed',
  held: 'held',
  suspended: 'suspended',
  drifted: 'drifted',
  orphaned: 'no file',
};

/** In the order of the filters: the usual one first. */
export const filterStates = [
  'applied',
  'pending',
  'failed',
  'held',
  'suspended',
  'drifted',
  'orphaned',
] as const satisfies readonly WidgetState[];

export function stateFrom(text: string): WidgetState | null {
  return widgetStates.find((state) => state === text) ?? null;
}

export function statePill(state: WidgetState): Html {
  return new Html(`<span class="pill ${state}">${stateWords[state]}</span>`);
}
