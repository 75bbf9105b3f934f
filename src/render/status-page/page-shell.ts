// What every page of a daemon that serves has around its content: the head, the ways to other pages, a search.
import { type Content, type Html, html } from '../page/html.ts';

export interface Link {
  readonly path: string;
  readonly words: string;
  readonly isHere: boolean;
}

export interface Search {
  readonly path: string;
  readonly label: string;
  readonly placeholder: string;
  /** '' for nothing. */
  readonly query: string;
  /** What stays while its results are shown; null for nothing. */
  readonly state: string | null;
}

export interface Shell {
  readonly title: string;
  /** Whose page it is; null where there is one account, or all are shown. */
  readonly account: string | null;
  readonly facts: Content;
  readonly links: readonly Link[];
  readonly search: Search | null;
  /** Another one is another page. */
  readonly edition: string;
  /** Word of changes names it; '' for what all pages have in common. */
  readonly topic: string;
  readonly main: Content;
  /** Where the same is for programs. */
  readonly data: { readonly status: string; readonly metrics: string };
}

export function pageShell(shell: Shell): string {
  const { title, account, facts, links, search, edition, topic, main, data } = shell;
  const name =
    account !== null &&
    html` <span class="of">/</span> <a href="${`/accounts/${account}/`}">${account}</a>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script src="/script.js" defer></script>
<title>${title}</title>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand"><a href="/">widget-sync</a>${name}</p>
<div class="where">${facts}</div>
${links.length > 0 && html`<nav aria-label="Pages">${links.map(navLink)}</nav>`}
${search !== null && searchForm(search)}
<p id="told" role="status"></p>
</header>
<main id="main" tabindex="-1" data-version="${edition}" data-topic="${topic}">
${main}
</main>
<footer><p>Read-only. <a href="${data.status}">status.json</a> · <a href="${data.metrics}">metrics</a></p></footer>
</body>
</html>
`;
  return page.markup;
}

function navLink({ path, words, isHere }: Link): Html {
  return html`<a href="${path}"${isHere && html` aria-current="page"`}>${words}</a> `;
}

function searchForm({ path, label, placeholder, query, state }: Search): Html {
  return html`<form role="search" action="${path}" method="get"><label class="sr" for="q">${label}</label><input id="q" name="q" type="search" value="${query}" placeholder="${placeholder}" autocomplete="off">${state !== null && html`<input type="hidden" name="state" value="${state}">`}<button type="submit">Search</button></form>`;
}

/** One of the facts in the head. */
export function fact(words: Html): Html {
  return html`<span>${words}</span> `;
}
