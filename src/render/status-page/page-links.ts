// Long lists in pages.
import { type Html, html } from '../page/html.ts';

/** As many as a browser shows at once, and a person still looks through. */
export const rowsOnPage = 200;

export interface Shown<Item> {
  readonly items: readonly Item[];
  /** From 1. */
  readonly page: number;
  readonly pages: number;
}

/** The last page for one beyond it. */
export function pageOf<Item>(all: readonly Item[], asked: number): Shown<Item> {
  const pages = Math.max(1, Math.ceil(all.length / rowsOnPage));
  const page = Math.min(asked, pages);
  return { items: all.slice((page - 1) * rowsOnPage, page * rowsOnPage), page, pages };
}

export function pageLinks(
  path: string,
  { state, query }: { readonly state: string | null; readonly query: string },
  { page, pages }: Pick<Shown<unknown>, 'page' | 'pages'>,
): Html | null {
  if (pages === 1) return null;
  const link = (to: number, words: string) => {
    const target = new URLSearchParams({
      ...(state !== null && { state }),
      ...(query !== '' && { q: query }),
      page: String(to),
    });
    return html`<a href="${path}?${target.toString()}">${words}</a>`;
  };
  return html`<nav class="pages" aria-label="Pages of the list">${page > 1 && link(page - 1, 'Previous')} <span>Page ${page} of ${pages}</span> ${page < pages && link(page + 1, 'Next')}</nav>`;
}
