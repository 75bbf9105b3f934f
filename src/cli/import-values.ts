// Which live values `import` brings into files, and which it must not. Pure.
import { declarable } from '../body-fields.ts';
import { fromPointer, type JsonObject } from '../json.ts';
import { stringifyJson } from '../json-text.ts';
import { compareWidget } from '../plan/compare-widget.ts';
import { keepIgnored } from '../plan/keep-ignored.ts';
import type { LiveWidget } from '../plan/types.ts';
import type { WidgetStates } from '../plan/verdict.ts';
import { hideRegistered } from '../secrets.ts';
import { asJson } from '../widget.ts';

/**
 * The declared fields as they should read: with the live values wherever a plan would see a
 * difference. So what the file leaves to the dashboard stays as it is, and what the API only spells
 * otherwise; and so does a field that the API does not have.
 */
export function wantedFields(states: WidgetStates & { readonly live: LiveWidget }): JsonObject {
  const { fields, live } = compareWidget(states, { released: 'leave' });
  // As a plan takes it, and not as a read may show it that came too early after a write of ours.
  const { body } = live ?? states.live;
  const moved = fields
    .map(({ path }) => path)
    .filter((path) => Object.hasOwn(body, fromPointer(path)[0] ?? ''));
  const wanted = keepIgnored(asJson(states.document.spec), body, moved);
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, declarable(name, value)]),
  );
}

/** The fields in which the API key stands, by name. */
export function fieldsWithKey(fields: JsonObject): string[] {
  return Object.entries(fields)
    .filter(([, value]) => {
      const text = stringifyJson(value);
      return hideRegistered(text) !== text;
    })
    .map(([name]) => name);
}
