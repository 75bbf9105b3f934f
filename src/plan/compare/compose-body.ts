// The body of one write. It says everything that is known of the widget, so that a server that resets
// what a body omits ends with the same widget as one that leaves it alone.

import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import { isIgnored, keepIgnored } from '../../model/ignored-fields.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { asJson } from '../../model/widget.ts';
import { resetsOf, settableFields } from '../../model/widget-fields.ts';
import { fieldsLeft } from '../uncertain/possibly-left.ts';

/** A widget that was read this long ago is read again before a write keeps its undeclared fields. */
export const baseFreshMs = 120_000;

/**
 * `base` is the newest that is known of the live widget, which may be newer than the change's own.
 * Without one only what git says is sent, and nothing into a field that is ignored as a whole; a plan
 * holds what would be sent over places that are ignored within a field (`ignoredWithin`).
 */
export function composeBody(
  { spec, resets, possiblyLeft, sync }: Pick<Change, 'spec' | 'resets' | 'possiblyLeft' | 'sync'>,
  base: LiveWidget | null,
): JsonObject {
  const left =
    base === null || possiblyLeft === undefined
      ? {}
      : resetsOf(fieldsLeft(possiblyLeft, base.body, sync.ignore));
  const declared = { ...left, ...resets, ...asJson(spec) };
  const body =
    base === null
      ? withoutIgnored(declared, sync.ignore)
      : keepIgnored(
          { ...settableFields(base.body), ...declared },
          settableFields(base.body),
          sync.ignore,
        );
  // The API requires the type in every update, also where it belongs to the dashboard.
  return { widget_type: spec.widget_type, ...body };
}

/**
 * Ignored places inside fields that a change sends: only what is live tells what to keep there.
 */
export function ignoredWithin({ spec, resets, sync }: Pick<Change, 'spec' | 'resets' | 'sync'>) {
  const sent = withoutIgnored({ ...resets, ...asJson(spec) }, sync.ignore);
  return sync.ignore.filter((pointer) => {
    const [name = '', ...within] = fromPointer(pointer);
    return within.length > 0 && Object.hasOwn(sent, name);
  });
}

function withoutIgnored(body: JsonObject, ignore: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !isIgnored(`/${name}`, ignore)),
  );
}
