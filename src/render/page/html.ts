// HTML from values: whatever is put into a template is escaped, so that no text of a file becomes markup.
// Values stand between tags, or in attributes within double quotes; nowhere else.
import { hideSecrets } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';

/** Markup that `html` made. Nothing else is put into a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | null | false | readonly Content[];

/** `null` and `false` leave nothing behind, a list its entries one after the other. */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let markup = literals[0] ?? '';
  for (const [index, content] of contents.entries()) {
    markup += markupOf(content) + (literals[index + 1] ?? '');
  }
  return new Html(markup);
}

export const nothing = new Html('');

function markupOf(content: Content): string {
  if (content === null || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escapeHtml(content);
  return content.map(markupOf).join('');
}

/** What a terminal would obey, or what would reorder the text around it, is shown as an escape. */
export function escapeHtml(text: string): string {
  const lines = hideSecrets(text).split('\n').map(printable).join('\n');
  return lines.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
