// Decides about one widget. This is the only place that weighs desired, applied and live against each other.
import { type AppliedRecord, isConfirmed } from '../model/applied-record.ts';
import type { Policy, Reason, ReportedDrift } from '../model/plan.ts';
import type { SyncPolicy } from '../model/widget.ts';

/** The git side of one widget: a usable file, a file that cannot be used now, or no file. */
export type DesiredView =
  | {
      readonly kind: 'declared';
      readonly hash: string;
      readonly drift: SyncPolicy['drift'];
      /** The commit that the files came from, where known. */
      readonly revision: string | null;
    }
  | { readonly kind: 'held' }
  | { readonly kind: 'absent' };

export type AppliedView = Pick<
  AppliedRecord,
  'hash' | 'revision' | 'trail' | 'appliedAt' | 'corrections'
>;

/**
 * Live beside desired; `equal` means that a write would change no field, `unsure` that it looks so, but an
 * unconfirmed body was sent shortly before the read.
 */
export type LiveStanding = 'unknown' | 'absent' | 'equal' | 'unsure' | 'differs';

/** One widget in the three states. A widget without a file is only known because it was applied. */
export type WidgetViews = { readonly live: LiveStanding } & (
  | { readonly desired: DesiredView; readonly applied: AppliedView }
  | { readonly desired: Exclude<DesiredView, { kind: 'absent' }>; readonly applied: null }
);

type Declared = Extract<DesiredView, { kind: 'declared' }>;

export type DeclaredViews = WidgetViews & { readonly desired: Declared };

export type DeclaredDecision =
  | { readonly outcome: 'update'; readonly reason: Reason }
  | ({ readonly outcome: 'report' } & Pick<ReportedDrift, 'why' | 'untilMs'>)
  | { readonly outcome: 'adopt' | 'unchanged' | 'not-in-account' };

export type Decision = DeclaredDecision | { readonly outcome: 'held' | 'orphaned' | 'gone' };

//  desired    applied                  live      outcome
//  ────────   ──────────────────────   ───────   ──────────────────────────────────────────────
//  declared   any                      absent    not in the account: held, a PUT creates nothing
//  declared   –                        unknown   update, new
//  declared   other hash               unknown   update, edited
//  declared   same hash, unconfirmed   unknown   update, drifted: a body sent later may have landed
//  declared   same hash                unknown   unchanged
//  declared   –                        equal     adopt
//  declared   other hash               equal     adopt
//  declared   same hash, unconfirmed   equal     adopt: the later body is not there
//  declared   any, unconfirmed         unsure    update, edited: it may be there, and not to be seen yet
//  declared   same hash                equal     unchanged
//  declared   –                        differs   update, new
//  declared   other hash               differs   update, edited: an edit wins over any drift
//  declared   same hash, unconfirmed   differs   update, drifted: it may be our own doing
//  declared   same hash                differs   update, drifted; report; or unchanged: see below
//  held       any                      any       held: a broken file is not a deleted widget
//  absent     any                      absent    gone: said once, and listed no longer
//  absent     any                      any       orphaned: reported, never deleted, never reset
//
// When everything is sent, what would be unchanged, adopted, drifted or reported is an update too:
// forced.
export function decide(views: DeclaredViews, policy: Policy): DeclaredDecision;
export function decide(views: WidgetViews, policy: Policy): Decision;
export function decide(views: WidgetViews, policy: Policy): Decision {
  switch (views.desired.kind) {
    case 'held':
      return { outcome: 'held' };
    case 'absent':
      return { outcome: views.live === 'absent' ? 'gone' : 'orphaned' };
    case 'declared':
      return decideDeclared(views.desired, views, policy);
  }
}

function decideDeclared(
  { hash, drift, revision }: Declared,
  { applied, live }: Pick<WidgetViews, 'applied' | 'live'>,
  policy: Policy,
): DeclaredDecision {
  if (live === 'absent') return { outcome: 'not-in-account' };
  const isApplied = applied?.hash === hash;
  const isKnown = isApplied && isConfirmed(applied);
  const isSettled = live === 'equal' || (live === 'unknown' && isKnown);
  if (!isSettled) {
    if (!isKnown) {
      const isMoved = isApplied && live !== 'unsure';
      const reason = applied === null ? 'new' : isMoved ? 'drifted' : 'edited';
      return { outcome: 'update', reason };
    }
    // Asked for by a person: no correction, whatever it sets back.
    if (policy.send === 'all') return { outcome: 'update', reason: 'forced' };
    return decideDrift(
      { applied, isNewCommit: isNewCommit(revision, applied) },
      drift ?? policy.drift,
      policy.nowMs,
    );
  }
  if (policy.send === 'all') return { outcome: 'update', reason: 'forced' };
  return { outcome: isKnown ? 'unchanged' : 'adopt' };
}

//  off           unchanged: drift is not looked for
//  report        reported, for as long as the policy says so
//  correct       update, drifted; after two corrections in a row reported until the pause is over, or a
//                commit has come since the last one
function decideDrift(
  { applied, isNewCommit }: { readonly applied: AppliedView; readonly isNewCommit: boolean },
  drift: NonNullable<SyncPolicy['drift']>,
  nowMs: number,
): DeclaredDecision {
  switch (drift) {
    case 'off':
      return { outcome: 'unchanged' };
    case 'report':
      return { outcome: 'report', why: 'policy', untilMs: null };
    case 'correct': {
      const untilMs = applied.appliedAt.getTime() + pauseMs(applied.corrections);
      // A correction from the future was made before the clock was set back.
      const isPast = applied.appliedAt.getTime() <= nowMs;
      const isWaiting = pauseMs(applied.corrections) > 0 && isPast && nowMs < untilMs;
      const isPaused = isWaiting && !isNewCommit;
      if (isPaused) return { outcome: 'report', why: 'fought-over', untilMs };
      return { outcome: 'update', reason: 'drifted' };
    }
  }
}

/** Any commit is a person's word, whether or not it names this widget. */
function isNewCommit(revision: string | null, applied: AppliedView): boolean {
  return revision !== null && applied.revision !== null && revision !== applied.revision;
}

const firstPauseMs = 10 * 60_000;
const longestPauseMs = 24 * 3_600_000;
const forgottenAfterMs = 24 * 3_600_000;

/** Two corrections are made at once; each further one waits twice as long as the one before. */
function pauseMs(corrections: number): number {
  return corrections < 2 ? 0 : Math.min(firstPauseMs * 2 ** (corrections - 2), longestPauseMs);
}

/** The drift corrections in a row that still count: a day after their pause they are forgotten. */
export function correctionsSoFar(
  { corrections, appliedAt }: Pick<AppliedRecord, 'corrections' | 'appliedAt'>,
  nowMs: number,
): number {
  const forgottenAtMs = appliedAt.getTime() + pauseMs(corrections) + forgottenAfterMs;
  return nowMs < forgottenAtMs ? corrections : 0;
}
