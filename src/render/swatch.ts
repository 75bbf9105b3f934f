// Colours in a line of text, shown as what they are. For terminals that were found to take colours.

/** Each `#rrggbb` in a printable text, quoted or not, with a little square of that colour before it. */
export function withSwatches(text: string): string {
  return text.replace(/"?(#[0-9a-f]{6})\b/gi, (written, hex) => `${swatch(hex)} ${written}`);
}

/** A square of a colour `#rrggbb`, by an escape for 24 bits; what stands around it keeps its colour. */
export function swatch(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\u001b[38;2;${red};${green};${blue}m■\u001b[39m`;
}
