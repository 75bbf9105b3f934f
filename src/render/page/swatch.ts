// Colours in a text, each with a little square that shows it. As a drawing: no style may stand in the page.
import { type Html, html } from './html.ts';

/** `hex` is `#rrggbb`. */
export function swatch(hex: string): Html {
  return html`<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect x="0.5" y="0.5" width="13" height="13" rx="3" fill="${hex}"/></svg>`;
}

/** The text, with a swatch before each `#rrggbb` in it, and before the quote that it stands in. */
export function withSwatches(text: string): Html {
  const parts = text.split(/(["“]?#[0-9a-f]{6})\b/i);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`${swatch(part.slice(-7))}${part}` : part))}`;
}
