// The body of one write. It says everything that is known of the widget, so that a server that resets
// what a body omits ends with the same widget as one that leaves it alone.
import type { JsonObject } from '../json.ts';
import { asJson } from '../widget.ts';
import { settableFields } from './body-schema.ts';
import { isIgnored, keepIgnored } from './keep-ignored.ts';
import { resetsOf } from './release-fields.ts';
import type { Change, LiveWidget } from './types.ts';
import { ownValue, sameValue } from './value-at.ts';

/** What a write keeps of undeclared fields may be this old; older, it is read again first. */
export const baseFreshMs = 120_000;

/**
 * `base` is the newest that is known of the live widget, which may be newer than the change's own.
 * Without one only what git says is sent, and nothing into a field that is ignored as a whole.
 */
export function composeBody(
  {
    spec,
    resets,
    perhapsLeft = {},
    sync,
  }: Pick<Change, 'spec' | 'resets' | 'perhapsLeft' | 'sync'>,
  base: LiveWidget | null,
): JsonObject {
  const left = Object.entries(perhapsLeft)
    .filter(([name, sent]) => base !== null && sameValue(ownValue(base.body, name), sent))
    .map(([name]) => name);
  const declared = { ...resetsOf(left), ...resets, ...asJson(spec) };
  const body =
    base === null
      ? withoutIgnored(declared, sync.ignore)
      : keepIgnored(
          { ...settableFields(base.body), ...declared },
          settableFields(base.body),
          sync.ignore,
        );
  // The API requires the type in every update, whoever owns it.
  return { widget_type: spec.widget_type, ...body };
}

function withoutIgnored(body: JsonObject, ignore: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !isIgnored(`/${name}`, ignore)),
  );
}
