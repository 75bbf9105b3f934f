// Changes, plans and failures in few words, for tests of what carries them to the API.
import { ApiError, type ApiErrorFacts } from '../../src/errors.ts';
import type { Change, Plan, Reason } from '../../src/plan/types.ts';
import type { Attempt } from '../../src/sync/outcome.ts';
import { hashSpec, sha256, type WidgetSpec } from '../../src/widget.ts';
import { widgetId } from './sandbox.ts';

export function changeOf(n: number, spec: WidgetSpec, reason: Reason = 'edited'): Change {
  return {
    action: 'update',
    widgetId: widgetId(n),
    file: `w${n}.yaml`,
    digest: sha256(JSON.stringify(spec)),
    reason,
    spec,
    hash: hashSpec(spec),
    revision: null,
    fields: Object.keys(spec).map((name) => ({ path: `/${name}` })),
  };
}

/** The change that gives the n-th widget this display name. */
export function named(n: number, name: string, reason?: Reason): Change {
  return changeOf(n, { widget_type: 'chat', display_name: name }, reason);
}

export function planOf(parts: Partial<Plan>): Plan {
  const nothing = { changes: [], adopted: [], held: [], orphaned: [], unchanged: [] };
  return { revision: null, checksum: '', ...nothing, ...parts };
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
export const keyRefused = apiError({ status: 401, scope: 'account' });
