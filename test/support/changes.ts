// Changes, plans and failures in few words, for tests of what carries them to the API.
import { ApiError, type ApiErrorFacts } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { Attempt } from '../../src/model/outcome.ts';
import { type Change, type LiveWidget, nothingLive, type Plan } from '../../src/model/plan.ts';
import { hashSpec, sha256, type WidgetSpec } from '../../src/model/widget.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { widgetId } from './sandbox.ts';

export function changeOf(n: number, spec: WidgetSpec, parts: Partial<Change> = {}): Change {
  return {
    action: 'update',
    widgetId: widgetId(n),
    file: `w${n}.yaml`,
    digest: sha256(JSON.stringify(spec)),
    reason: 'edited',
    spec,
    hash: hashSpec(spec),
    sync: { drift: null, ignore: [] },
    resets: {},
    base: null,
    revision: null,
    committedAtMs: null,
    fields: Object.keys(spec).map((name) => ({ path: `/${name}`, by: 'git', released: false })),
    ...parts,
  };
}

/** The change that gives the n-th widget this display name. */
export function named(n: number, name: string, reason: Change['reason'] = 'edited'): Change {
  return changeOf(n, { widget_type: 'chat', display_name: name }, { reason });
}

/** What these changes ask for, as `retain` takes it. */
export function wanted(...changes: readonly Change[]): Pick<Change, 'widgetId' | 'hash'>[] {
  return changes.map(({ widgetId, hash }) => ({ widgetId, hash }));
}

/** A live widget as it was read at this time (milliseconds since 1970). */
export function liveAt(readAtMs: number, body: JsonObject): LiveWidget {
  return { body, readAtMs };
}

/** A plan of nothing, but for these parts. */
export function planOf(parts: Partial<Plan>): Plan {
  const nothing = makePlan(
    {
      desired: [],
      held: [],
      fragments: [],
      applied: new Map(),
      live: nothingLive,
      revision: null,
      committedAtMs: null,
    },
    { send: 'changed', drift: 'correct', released: 'reset', nowMs: 0 },
  );
  return { ...nothing, ...parts };
}

export const applied: Attempt = { status: 'applied', httpStatus: 200, kept: [] };
export const withdrawn: Attempt = { status: 'withdrawn' };

export function failed(error: ApiError): Attempt {
  return { status: 'failed', error };
}

export function apiError(facts: Partial<ApiErrorFacts>, message?: string): ApiError {
  const defaults = { retry: 'never', scope: 'widget', retryAfterMs: null } as const;
  const all = { status: 422, refusedFields: [], ...defaults, ...facts };
  return new ApiError(message ?? `answered ${all.status ?? 'nothing'}`, all);
}

export const unavailable = apiError({ status: 503, retry: 'later' });
export const refused = apiError({ status: 422 });
export const forbidden = apiError({ status: 403 });
export const keyRefused = apiError({ status: 401, scope: 'account' });
