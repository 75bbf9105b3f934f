// Colours in a line of text, shown as what they are. For terminals that take 24 bits of colour.

/** Each `#rrggbb` in a printable text, quoted or not, with a swatch before it. */
export function withSwatches(text: string): string {
  return text.replace(/"?(#[0-9a-f]{6})\b/gi, (written, hex) => `${swatch(hex)} ${written}`);
}

/** Of `#rrggbb`: two cells of it. What stands around them keeps its colour. */
export function swatch(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\u001b[48;2;${red};${green};${blue}m  \u001b[49m`;
}
