// A preview as a page of HTML: the widgets that differ first, each with its pictures.
import { countOthers, countWidgets, summaryWords } from './count-words.ts';
import { type Content, type Html, html } from './html.ts';
import {
  type Before,
  countProblems,
  groupOf,
  type PreviewGroup,
  type PreviewModel,
  type PreviewWidget,
  titleOf,
} from './preview-model.ts';
import { problemList } from './problem-list.ts';
import { type CardOptions, widgetCard } from './widget-card.ts';

export interface PageOptions extends Pick<CardOptions, 'addressOf' | 'sourceLine'> {
  /** What stands in the head: where the style comes from, and what may be loaded. */
  readonly head: Html;
  /** Of a page that follows the files; null for one that stands for itself. */
  readonly following: Following | null;
}

export interface Following {
  /** Another one is another page. */
  readonly version: number;
  /** What was searched for; '' for nothing. */
  readonly query: string;
  /** From 1. */
  readonly page: number;
}

/** As many as a person looks through, and as a browser shows at once. */
export const widgetsOnPage = 100;

export function previewPage(model: PreviewModel, options: PageOptions): string {
  const { head, following } = options;
  const { directory, revision } = model;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}
<title>${summaryWords(model)} – preview of ${directory}</title>
</head>
<body>
<a class="skip" href="#main">Skip to the widgets</a>
<header>
<h1>Preview</h1>
<p class="where"><code>${directory}</code>${revision !== null && html` at <code>${revision.slice(0, 12)}</code>`}, ${comparedWith(model.before)}</p>
${following !== null && model.widgets.length > 0 && searchForm(following)}
${following !== null && html`<p id="told" role="status"></p>`}
</header>
${mainPart(model, options)}
<footer>
<p>Drawn as the vendor's public scripts of August 2025 paint a widget. Images that a widget has in the dashboard are not fetched: signs stand in their place, and the talk is a sample.</p>
</footer>
</body>
</html>
`;
  return page.markup;
}

function comparedWith(before: Before): Html {
  switch (before.kind) {
    case 'applied':
      return html`compared with what was applied last (<code>${before.state}</code>)`;
    case 'live':
      return html`compared with what is live at <code>${before.apiUrl}</code>`;
    case 'directory':
      return html`compared with the files in <code>${before.directory}</code>`;
    case 'nothing':
      return html`compared with nothing: no widget was applied yet with the state in <code>${before.state}</code>. With <code>--before live</code> or <code>--before &lt;dir&gt;</code> you see what changes.`;
  }
}

function searchForm({ query }: Following): Html {
  return html`<form role="search" action="/" method="get"><label for="q">Find a widget</label> <input id="q" name="q" type="search" value="${query}" placeholder="name, file or id" autocomplete="off"> <button type="submit">Find</button></form>`;
}

function mainPart(model: PreviewModel, options: PageOptions): Html {
  const { following } = options;
  const query = following?.query ?? '';
  const found = widgetsFound(model.widgets, query);
  const pages = following === null ? 1 : Math.max(1, Math.ceil(found.length / widgetsOnPage));
  const page = Math.min(following?.page ?? 1, pages);
  const shown =
    following === null ? found : found.slice((page - 1) * widgetsOnPage, page * widgetsOnPage);
  // The empty state says it at greater length.
  const problems = model.problems.filter(({ code }) => code !== 'no-widgets');
  const card = { ...options, before: model.before.kind };
  return html`<main id="main" tabindex="-1" data-version="${following?.version ?? 0}">
${model.unsettled !== null && html`<p class="unsettled" role="alert">${unsettledText(model.unsettled, model)}</p>`}
${counts(model)}
${problems.length > 0 && html`<section aria-labelledby="files"><h2 id="files">Files that could not be used</h2>${problemList(problems, options.sourceLine)}</section>`}
${found.length === 0 && (model.leftOut === 0 || query !== '') && emptyState(model, following)}
${groupNames.map((name) => group(name, shown, card))}
${query === '' && orphanedPart(model)}
${pages > 1 && following !== null && pageLinks(following, page, pages)}
</main>`;
}

function unsettledText(why: string, { widgets }: PreviewModel): string {
  return widgets.length === 0
    ? why
    : `${why.replace(/\.$/, '')}. Below is what the files said last.`;
}

const groupNames: readonly PreviewGroup[] = ['differ', 'mend', 'alone', 'waiting', 'same'];
const groupTitles: { readonly [name in PreviewGroup]: string } = {
  differ: 'What differs',
  mend: 'To be mended',
  alone: 'Not compared',
  waiting: 'Waiting',
  same: 'As before',
};

function group(name: PreviewGroup, shown: readonly PreviewWidget[], options: CardOptions): Content {
  const widgets = shown.filter((widget) => groupOf(widget) === name);
  if (widgets.length === 0) return null;
  const isAll = name === 'alone' && options.before === 'nothing';
  const title = isAll ? 'All widgets' : groupTitles[name];
  const layout = name === 'same' || isAll ? 'same' : 'differ';
  return html`<section aria-labelledby="${name}"><h2 id="${name}">${title}</h2><div class="cards ${layout}">${widgets.map((widget) => widgetCard(widget, options))}</div></section>`;
}

function orphanedPart({ orphaned }: PreviewModel): Html | null {
  if (orphaned.length === 0) return null;
  const rows = orphaned.map(
    ({ widgetId, file, name }) =>
      html`<li><bdi>${name ?? widgetId}</bdi>${file !== null && html` <code>${file}</code>`}: stays as it is</li>`,
  );
  return html`<section aria-labelledby="orphaned"><h2 id="orphaned">No file any more</h2><ul class="orphaned">${rows}</ul></section>`;
}

function widgetsFound(widgets: readonly PreviewWidget[], query: string): readonly PreviewWidget[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return widgets;
  return widgets.filter((widget) =>
    [titleOf(widget), widget.file, widget.widgetId].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
}

function counts(model: PreviewModel): Html | null {
  const { widgets, leftOut, orphaned, before } = model;
  if (widgets.length + leftOut + orphaned.length === 0) return null;
  const found = countProblems(model);
  const told = [
    ...countWidgets(model),
    ...countOthers(model),
    ...(['error', 'warning', 'note'] as const).map(
      (severity) => [found[severity], found[severity] === 1 ? severity : `${severity}s`] as const,
    ),
  ];
  const isSame = widgets.every((widget) => widget.status === 'same') && orphaned.length === 0;
  const isCalm = isSame && found.error === 0 && before.kind !== 'nothing';
  return html`<ul class="counts" aria-label="Counts">${told
    .filter(([number]) => number > 0)
    .map(([number, words]) => html`<li><strong>${number}</strong> ${words}</li>`)}</ul>
${isCalm && html`<p class="calm">${nothingLeft[before.kind]}</p>`}`;
}

const nothingLeft: Readonly<Record<Exclude<Before['kind'], 'nothing'>, string>> = {
  applied: 'Nothing is left to be applied: every widget looks as it did when it was applied.',
  live: 'Nothing is left to be applied: every widget is live as its file declares it.',
  directory: 'Nothing differs: both directories declare the same.',
};

function emptyState({ widgets, directory }: PreviewModel, following: Following | null): Html {
  if (widgets.length > 0 && following !== null) {
    return html`<p class="empty">No widget has “${following.query}” in its name, file or id. <a href="/">Show all</a></p>`;
  }
  return html`<div class="empty"><p>There is nothing to show in <code>${directory}</code>.</p><p>Write one <code>.yaml</code> file for each widget there, with its <code>widget_id</code> and <code>widget_type</code>; or let <code>widget-sync import ${directory}</code> write files for the widgets that are live. They appear here as soon as they are saved.</p></div>`;
}

function pageLinks({ query }: Following, page: number, pages: number): Html {
  const link = (to: number, words: string) => {
    const target = new URLSearchParams({ ...(query !== '' && { q: query }), page: String(to) });
    return html`<a href="/?${target.toString()}">${words}</a>`;
  };
  return html`<nav class="pages" aria-label="Pages">${page > 1 && link(page - 1, 'Previous')} <span>Page ${page} of ${pages}</span> ${page < pages && link(page + 1, 'Next')}</nav>`;
}
