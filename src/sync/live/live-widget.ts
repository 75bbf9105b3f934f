// A widget as it was read, or why nothing can be made of it: one that cannot be handled concerns no other.

import { ApiError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { LiveWidget, UnusableWidget } from '../../model/plan.ts';
import { deepestLive, fieldsTooDeep } from '../../model/widget-fields.ts';

/** `readAtMs`: milliseconds since 1970, when the request was started. */
export function toLive(body: JsonObject, readAtMs: number): LiveWidget | UnusableWidget {
  const fields = fieldsTooDeep(body);
  if (fields.length === 0) return { body, readAtMs };
  const unusable =
    `the live widget nests more than ${deepestLive} levels deep in ${fields.join(', ')}, which can neither ` +
    'be compared nor kept by a write; set it to something less deep in the dashboard';
  return { unusable, readAtMs };
}

/** For a write that needed the widget: nothing is to be sent until somebody has changed something. */
export function notUsable({ unusable }: UnusableWidget): ApiError {
  return new ApiError(unusable, {
    status: null,
    retry: 'never',
    scope: 'widget',
    retryAfterMs: null,
    refusedFields: [],
  });
}
