// A strict reader of the XML that pictures are made of: what a browser would refuse, or quietly mend, is
// an error here.

export interface SvgRead {
  /** Names of all elements. */
  readonly tags: ReadonlySet<string>;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  /** Texts between tags, with entities read. */
  readonly texts: readonly string[];
}

const token = /<\/(\w+)>|<(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/y;
const attribute = / ([\w:-]+)="([^"<]*)"/g;
const entities: { readonly [name: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
/** XML 1.0, production 2; with the u flag a surrogate in a class matches only where it stands alone. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Throws for anything that is not well-formed, with what is wrong and where. */
export function readSvg(text: string): SvgRead {
  const tags = new Set<string>();
  const attributes: { name: string; value: string }[] = [];
  const texts: string[] = [];
  const open: string[] = [];
  token.lastIndex = 0;
  const wrong = (what: string, at: number): never => {
    throw new Error(
      `${what} at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 60))}`,
    );
  };
  const bad = forbidden.exec(text);
  if (bad !== null) wrong('a forbidden character', bad.index);
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) return wrong('no markup', at);
    const [, closed, opened, list = '', isEmpty, between] = found;
    if (between !== undefined) {
      if (open.length === 0 && between.trim() !== '') wrong('text outside', at);
      texts.push(readEntities(between, (what) => wrong(what, at)));
    } else if (closed !== undefined) {
      if (open.pop() !== closed) wrong(`</${closed}> closes nothing`, at);
    } else if (opened !== undefined) {
      if (open.length === 0 && tags.size > 0) wrong('a second root', at);
      tags.add(opened);
      const names = [...list.matchAll(attribute)].map(([, name = '', value = '']) => {
        attributes.push({ name, value: readEntities(value, (what) => wrong(what, at)) });
        return name;
      });
      if (new Set(names).size !== names.length) wrong('an attribute twice', at);
      if (isEmpty === '') open.push(opened);
    }
  }
  if (open.length > 0) wrong(`<${open.join('> <')}> stays open`, text.length);
  return { tags, attributes, texts };
}

function readEntities(text: string, wrong: (what: string) => never): string {
  if (text.includes(']]>')) wrong(']]> in a text');
  return text.replace(
    /&[^&;\s]*;?/g,
    (entity) => entities[entity] ?? wrong(`the entity ${entity}`),
  );
}
