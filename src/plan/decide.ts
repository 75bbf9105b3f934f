// What becomes of one widget. The only place that weighs desired, applied and live against each other.
import type { AppliedRecord } from '../state/record.ts';
import type { LiveView, Policy, Reason } from './types.ts';

/** What git says of one widget: a usable file, a file that cannot be used now, or no file. */
export type DesiredView =
  | { readonly kind: 'declared'; readonly hash: string }
  | { readonly kind: 'held' }
  | { readonly kind: 'absent' };

export type AppliedView = Pick<AppliedRecord, 'hash' | 'unconfirmedHash'>;

/** One widget in the three states. A widget without a file is only known because it was applied. */
export type WidgetViews = { readonly live: LiveView } & (
  | { readonly desired: DesiredView; readonly applied: AppliedView }
  | { readonly desired: Exclude<DesiredView, { kind: 'absent' }>; readonly applied: null }
);

export type Decision =
  | { readonly outcome: 'update'; readonly reason: Reason }
  | { readonly outcome: 'unchanged' | 'held' | 'orphaned' };

//  desired    applied                  live      outcome
//  ────────   ──────────────────────   ───────   ──────────────────────────────────────────────
//  declared   –                        unknown   update, new
//  declared   other hash               unknown   update, edited
//  declared   same hash, unconfirmed   unknown   update, drifted: a body sent later may have landed
//  declared   same hash                unknown   unchanged; when everything is sent: update, forced
//  held       any                      any       held: a broken file is not a deleted widget
//  absent     any                      any       orphaned: reported, never deleted, never reset
export function decide(views: WidgetViews, policy: Policy): Decision {
  const { desired, applied, live } = views;
  switch (desired.kind) {
    case 'held':
      return { outcome: 'held' };
    case 'absent':
      return { outcome: 'orphaned' };
    case 'declared': {
      const reason = differs(desired.hash, applied, live);
      if (reason !== null) return { outcome: 'update', reason };
      return policy.send === 'all'
        ? { outcome: 'update', reason: 'forced' }
        : { outcome: 'unchanged' };
    }
  }
}

/** Why the widget may not be as declared, or null when there is no sign of it. */
function differs(hash: string, applied: AppliedView | null, live: LiveView): Reason | null {
  switch (live.kind) {
    case 'unknown':
      if (applied === null) return 'new';
      if (applied.hash !== hash) return 'edited';
      return applied.unconfirmedHash === null ? null : 'drifted';
  }
}
