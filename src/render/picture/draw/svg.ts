// SVG as text: the few elements that a picture is made of, escaped. Nothing here takes a style, an
// address or a script, so that no text of a file can become one.

export type Tag =
  | 'svg'
  | 'defs'
  | 'linearGradient'
  | 'stop'
  | 'g'
  | 'title'
  | 'rect'
  | 'circle'
  | 'path'
  | 'text'
  | 'tspan';

export type Attributes = { readonly [name: string]: string | number | undefined };

/** `content` is markup; a text comes through `escapeText` first. An undefined attribute is left out. */
export function element(tag: Tag, attributes: Attributes, content = ''): string {
  // A preview of many widgets writes hundreds of thousands of them: nothing is made on the way.
  let written = '';
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) written += ` ${name}="${attributeText(value)}"`;
  }
  return content === '' ? `<${tag}${written}/>` : `<${tag}${written}>${content}</${tag}>`;
}

function attributeText(value: string | number): string {
  return typeof value === 'number' ? String(rounded(value)) : escapeText(value);
}

/** Hundredths of a px are more than anybody sees, and the same on every machine. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function escapeText(text: string): string {
  if (!/[&<>"']/.test(text)) return text;
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
