// What the files of a chaotic tree declare, and what stands in the account beside it. Every content
// carries a name of its own, by which a request tells which content it was made from.
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import { resetValueOf } from '../../src/model/widget-fields.ts';
import type { Dice } from './dice.ts';

export interface Content {
  /** Also what the content declares as `display_name`. */
  readonly marker: string;
  readonly fields: JsonObject;
}

/** Some contents declare them and some do not; nobody else touches them. */
export const optionalFields = [
  'intro_message',
  'description',
  'bubble_text',
  'user_opening_messages',
  'style_params',
  'remove_branding',
] as const;

/** No content ever declares them: they belong to people in the dashboard. */
export const personalFields = [
  'name',
  'bubble_color',
  'textbox_default_text',
  'action_buttons',
] as const;

export function makeContent(n: number, version: number, dice: Dice): Content {
  const marker = `w${n} v${version}`;
  const optional: Record<(typeof optionalFields)[number], Json> = {
    intro_message: `Hello from ${marker}`,
    description: dice.lucky(0.3) ? null : `described in ${marker}`,
    bubble_text: `bubble of ${marker}`,
    user_opening_messages: [marker, 'Talk to a human'],
    style_params: { radius: version, corners: { top: n } },
    remove_branding: true,
  };
  const declared = optionalFields.filter(() => dice.lucky(0.5));
  return {
    marker,
    fields: {
      display_name: marker,
      header_color: `#${version.toString(16).padStart(6, '0')}`,
      attributes: { shop: { number: n, version } },
      ...Object.fromEntries(declared.map((name) => [name, optional[name]])),
      widget_type: 'chat',
    },
  };
}

/** The type, which is required, comes last: whatever is cut off before it is no widget file. */
export function textOf(widgetId: WidgetId, { fields }: Content, sync?: JsonObject): string {
  const head = { widget_id: widgetId, ...(sync !== undefined && { sync }) };
  return stringify({ ...head, ...fields });
}

/** What the n-th widget holds before anything is declared. */
export function seedFields(n: number): JsonObject {
  return {
    widget_type: 'html',
    display_name: `seed ${n}`,
    intro_message: 'seeded',
    description: 'seeded',
    bubble_text: 'seeded',
    user_opening_messages: ['seeded'],
    style_params: { seeded: true },
    remove_branding: false,
    ...personalEdit(`seed ${n}`),
  };
}

/** A person sets all that no file declares. */
export function personalEdit(note: string): JsonObject {
  return {
    name: `named: ${note}`,
    bubble_color: `coloured: ${note}`,
    textbox_default_text: `asked: ${note}`,
    action_buttons: [{ label: note }],
  };
}

/** A person changes what every file declares. */
export function driftEdit(note: string): JsonObject {
  return { header_color: `drifted: ${note}`, attributes: { drifted: note } };
}

export function emptyValueOf(field: string): Json | undefined {
  return resetValueOf(field);
}
