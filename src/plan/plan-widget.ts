// One declared widget's part of the plan.

import { messageOf } from '../base/errors.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import type { HeldFile, WidgetDocument } from '../model/document.ts';
import type {
  Adoption,
  Change,
  IgnoredFields,
  LearnedEcho,
  LeftFields,
  LiveState,
  LiveWidget,
  PlanBug,
  Policy,
  ReportedDrift,
  TreeOrigin,
  UnappliedWidget,
  VanishedFields,
} from '../model/plan.ts';
import { type Comparison, compareWidget } from './compare/compare-widget.ts';
import { ignoredWithin } from './compare/compose-body.ts';
import { changedInLists, explainInLists } from './compare/lists-ignored.ts';
import { type DeclaredDecision, decide, type LiveStanding } from './decide.ts';
import { isLastWord, learnEcho } from './uncertain/learn-echo.ts';
import { isTooEarly } from './uncertain/read-through.ts';
import { echoOf } from './uncertain/server-echo.ts';
import { unappliedOn, unappliedWidget } from './uncertain/unapplied-widget.ts';

const notThere =
  'the account has no widget with this id: ' +
  'check widget_id and the API key, or create the widget in the dashboard';

/** A write would lose what a person has set there, whether the API merges or replaces. */
function whyUnread(places: readonly string[]): string {
  return (
    `sync.ignore leaves ${places.join(', ')} to the dashboard, and a write could not keep it without ` +
    'reading it: let the account be read (--live auto), or ignore the whole field'
  );
}

export type Planned =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'adopted'; readonly adoption: Adoption }
  | { readonly kind: 'drifted'; readonly drift: ReportedDrift }
  | { readonly kind: 'held'; readonly held: HeldFile }
  | { readonly kind: 'unchanged'; readonly document: WidgetDocument };

export interface WidgetPlan {
  readonly planned: Planned;
  readonly learned: LearnedEcho | null;
  readonly kept: UnappliedWidget | null;
  readonly ignored: IgnoredFields | null;
  readonly vanished: VanishedFields | null;
  readonly left: LeftFields | null;
  readonly bug: PlanBug | null;
}

/** The three states of one widget, as they were found, and where they come from. */
export interface WidgetToPlan {
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  /** Null: unknown. */
  readonly live: LiveState | null;
  /** Whether a write cannot read the widget first either. */
  readonly isBlind: boolean;
  readonly origin: TreeOrigin;
}

/** Never throws: what cannot be planned of one widget holds that widget, and no other. */
export function planWidget(states: WidgetToPlan, policy: Policy): WidgetPlan {
  const { live, document } = states;
  try {
    const isUnusable = live !== null && live !== 'absent' && 'unusable' in live;
    if (isUnusable) return onlyHeld(states, 'live-too-deep', live.unusable);
    return planUsable({ ...states, live }, policy);
  } catch (error) {
    const { widgetId, file } = document;
    const held = onlyHeld(states, 'unexpected-error', whyUnexpected(error));
    return { ...held, bug: { widgetId, file, error } };
  }
}

function onlyHeld(states: WidgetToPlan, code: HeldFile['code'], message: string): WidgetPlan {
  const nothing = {
    learned: null,
    kept: null,
    ignored: null,
    vanished: null,
    left: null,
    bug: null,
  };
  return { planned: held(states, code, message), ...nothing };
}

/** Why a widget is held that a bug keeps from being planned. */
export function whyUnexpected(error: unknown): string {
  return `unexpected error; this is a bug: ${messageOf(error)}. The widget stays as it is; please report what the log says of it`;
}

/** The live widget can be looked at, where it is known. */
type UsableStates = Omit<WidgetToPlan, 'live'> & { readonly live: LiveWidget | 'absent' | null };

function planUsable(states: UsableStates, policy: Policy): WidgetPlan {
  const { document, applied } = states;
  const { revision } = states.origin;
  const live = states.live === 'absent' ? null : states.live;
  const comparison = compareWidget({ document, applied, live }, policy);
  const { hash, sync, widgetId, file } = document;
  const decision = decide(
    {
      desired: { kind: 'declared', hash, drift: sync.drift, revision },
      applied,
      live: standing(states, comparison),
    },
    policy,
  );
  const { ignored: paths, vanished: names, left } = comparison;
  const planned = toPlanned(decision, states, comparison);
  const mayLearn = decision.outcome !== 'update' && applied !== null && comparison.live !== null;
  const learned = mayLearn ? learnEcho(document, applied, comparison.live) : null;
  const { nowMs } = policy;
  return {
    planned,
    learned,
    kept: unappliedState(states, planned, { learned, live: comparison.live, nowMs }),
    ignored: paths.length === 0 ? null : { widgetId, file, paths },
    vanished: names.length === 0 ? null : { widgetId, file, names },
    left: left.length === 0 ? null : { widgetId, file, names: left },
    bug: null,
  };
}

function standing({ live, applied, document }: UsableStates, { fields }: Comparison): LiveStanding {
  if (live === null) return 'unknown';
  if (live === 'absent') return 'absent';
  if (fields.length > 0) return 'differs';
  const isUnsure = applied !== null && isTooEarly(applied, document.hash, live.readAtMs);
  return isUnsure ? 'unsure' : 'equal';
}

function toPlanned(
  decision: DeclaredDecision,
  states: UsableStates,
  { fields, resets, possiblyLeft, live }: Comparison,
): Planned {
  const { document, applied } = states;
  const { widgetId, file } = document;
  switch (decision.outcome) {
    case 'update': {
      const inLists = changedInLists(document, live?.body ?? null, fields);
      if (inLists.length > 0) return held(states, 'ignored-in-list', explainInLists(inLists));
      const isUnread = live === null && states.isBlind;
      const unread = isUnread ? ignoredWithin({ ...document, resets }) : [];
      if (unread.length > 0) return held(states, 'ignored-unread', whyUnread(unread));
      const { reason } = decision;
      const left = Object.keys(possiblyLeft).length === 0 ? {} : { possiblyLeft };
      const what = { resets, ...left, base: live };
      const change = { action: 'update', ...document, reason, ...what } as const;
      return { kind: 'change', change: { ...change, ...originOf(states, reason), fields } };
    }
    case 'report': {
      const { why, untilMs } = decision;
      return { kind: 'drifted', drift: { widgetId, file, fields, why, untilMs } };
    }
    case 'adopt': {
      if (live === null) throw new Error('nothing is adopted that was not read');
      const echo = echoOf(document, live.body);
      return { kind: 'adopted', adoption: { widgetId, file, document, echo, applied, live } };
    }
    case 'not-in-account':
      return held(states, 'not-in-account', notThere);
    case 'unchanged':
      return { kind: 'unchanged', document };
  }
}

function held(
  { document }: Pick<WidgetToPlan, 'document'>,
  code: HeldFile['code'],
  message: string,
): Planned {
  const { widgetId, file } = document;
  return { kind: 'held', held: { widgetId, file, code, message } };
}

/** Of a file that is edited the commit did not bring what is written. */
function originOf(
  states: UsableStates,
  reason: Change['reason'],
): Pick<Change, 'revision' | 'committedAtMs' | 'commit' | 'isEdited'> {
  const { revision, committedAtMs, commit, ...origin } = states.origin;
  const isEdited = origin.isEdited?.(states.document) === true;
  return {
    revision,
    committedAtMs: !isEdited && isNews(states, reason) ? committedAtMs : null,
    ...(commit !== undefined && { commit }),
    ...(isEdited && { isEdited }),
  };
}

/** Whether git's word is what is written, and came with a commit that was not applied before. */
function isNews({ applied, origin }: UsableStates, reason: Change['reason']): boolean {
  return (reason === 'new' || reason === 'edited') && applied?.revision !== origin.revision;
}

/** Null where the file has changed since: what is sent then will tell. */
function unappliedState(
  { document, applied }: UsableStates,
  planned: Planned,
  { learned, live, nowMs }: KeptFacts,
): UnappliedWidget | null {
  if (planned.kind === 'held') return null;
  if (planned.kind === 'adopted') {
    const { echo } = planned.adoption;
    const { keptSince, ...known } = unappliedOn(planned.adoption);
    const sinceMs = keptSince?.getTime() ?? nowMs;
    return unappliedWidget(document, { spec: document.spec, echo, ...known }, { live, sinceMs });
  }
  if (applied === null || !isLastWord(document, applied)) return null;
  const sinceMs = (applied.keptSince ?? applied.appliedAt).getTime();
  return unappliedWidget(document, learned?.record ?? applied, { live, sinceMs });
}

interface KeptFacts {
  readonly learned: LearnedEcho | null;
  /** The widget as a read that came late enough would have shown it. */
  readonly live: LiveWidget | null;
  readonly nowMs: number;
}
