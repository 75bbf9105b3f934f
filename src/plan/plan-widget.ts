// One declared widget's part of the plan.
import type { HeldFile, WidgetDocument } from '../documents/types.ts';
import type { JsonObject } from '../json.ts';
import type { AppliedRecord } from '../state/record.ts';
import { asJson } from '../widget.ts';
import { type Comparison, compareWidget } from './compare-widget.ts';
import { type DeclaredDecision, decide, type LiveStanding } from './decide.ts';
import { echoOf } from './echo.ts';
import { keepIgnored } from './keep-ignored.ts';
import type {
  Adoption,
  Change,
  IgnoredFields,
  LiveWidget,
  Policy,
  ReportedDrift,
} from './types.ts';
import { isTooEarly } from './verdict.ts';

const notThere =
  'the account has no widget with this id: ' +
  'check widget_id and the API key, or create the widget in the dashboard';

export type Planned =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'adopted'; readonly adoption: Adoption }
  | { readonly kind: 'drifted'; readonly drift: ReportedDrift }
  | { readonly kind: 'held'; readonly held: HeldFile }
  | { readonly kind: 'unchanged'; readonly document: WidgetDocument };

export interface WidgetPlan {
  readonly planned: Planned;
  readonly ignored: IgnoredFields | null;
}

export interface WidgetWorld {
  readonly document: WidgetDocument;
  readonly applied: AppliedRecord | null;
  /** Null: unknown. */
  readonly live: LiveWidget | 'absent' | null;
  readonly revision: string | null;
  readonly committedAtMs: number | null;
}

export function planWidget(world: WidgetWorld, policy: Policy): WidgetPlan {
  const { document, applied } = world;
  const live = world.live === 'absent' ? null : world.live;
  const comparison = compareWidget({ document, applied, live }, policy);
  const { hash, sync, widgetId, file } = document;
  const decision = decide(
    {
      desired: { kind: 'declared', hash, drift: sync.drift },
      applied,
      live: standing(world, comparison),
    },
    policy,
  );
  const paths = comparison.ignored;
  return {
    planned: toPlanned(decision, { ...world, live }, comparison),
    ignored: paths.length === 0 ? null : { widgetId, file, paths },
  };
}

function standing({ live, applied, document }: WidgetWorld, { fields }: Comparison): LiveStanding {
  if (live === null) return 'unknown';
  if (live === 'absent') return 'absent';
  // Git takes back what was just written, and the read is too early to show that it was.
  const isTakenBack =
    applied !== null && applied.hash !== document.hash && isTooEarly(applied, live, document.sync);
  return fields.length === 0 && !isTakenBack ? 'equal' : 'differs';
}

type Compared = Omit<WidgetWorld, 'live'> & { readonly live: LiveWidget | null };

function toPlanned(decision: DeclaredDecision, world: Compared, comparison: Comparison): Planned {
  const { document, live, revision } = world;
  const { widgetId, file } = document;
  const { fields, resets, perhapsLeft } = comparison;
  switch (decision.outcome) {
    case 'update': {
      const { reason } = decision;
      const left = Object.keys(perhapsLeft).length === 0 ? {} : { perhapsLeft };
      const what = { resets, ...left, base: live };
      const change = { action: 'update', ...document, reason, ...what } as const;
      const committedAtMs = isNews(world, reason) ? world.committedAtMs : null;
      return { kind: 'change', change: { ...change, revision, committedAtMs, fields } };
    }
    case 'report': {
      const { why, untilMs } = decision;
      return { kind: 'drifted', drift: { widgetId, file, fields, why, untilMs } };
    }
    case 'adopt': {
      const echo = echoOf(document, asWritten(world, comparison));
      return { kind: 'adopted', adoption: { widgetId, file, document, echo } };
    }
    case 'not-in-account':
      return { kind: 'held', held: { widgetId, file, code: 'not-in-account', message: notThere } };
    case 'unchanged':
      return { kind: 'unchanged', document };
  }
}

/** Whether git's word is what is written, and came with a commit that was not applied before. */
function isNews({ applied, revision }: Compared, reason: Change['reason']): boolean {
  return (reason === 'new' || reason === 'edited') && applied?.revision !== revision;
}

/** What the API has, except where the read still shows what our own last write replaced. */
function asWritten({ applied, live }: Compared, { lagging }: Comparison): JsonObject {
  const body = live?.body ?? {};
  return applied === null ? body : keepIgnored(body, applied.echo ?? asJson(applied.spec), lagging);
}
