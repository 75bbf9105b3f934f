// One widget on the page: what it looks like now and after, what became of each field, and what is to be
// known of it beside.
import { count } from '../../base/text.ts';
import { channelName } from '../picture/channels.ts';
import { pictureHeightPx, pictureWidthPx } from '../picture/render-picture.ts';
import { type Drawn, drawWidget, type WidgetPicture } from './draw-widget.ts';
import type { SourceLine } from './excerpt.ts';
import { fieldChange } from './field-change.ts';
import { type Html, html } from './html.ts';
import { type Before, type PreviewWidget, titleOf, typeOf } from './preview-model.ts';
import { problemList } from './problem-list.ts';

export interface CardOptions {
  /** Where the browser finds a picture. */
  readonly addressOf: (picture: WidgetPicture) => string;
  readonly sourceLine: SourceLine;
  readonly before: Before['kind'];
}

export function widgetCard(widget: PreviewWidget, options: CardOptions): Html {
  const { widgetId, file, problems, status } = widget;
  const title = titleOf(widget);
  const drawn = drawWidget(widget.bodies);
  const id = `w-${widgetId}`;
  return html`<article id="${id}" class="card ${status}" aria-labelledby="${id}-name">
<h3 id="${id}-name"><bdi>${title}</bdi></h3>
<p class="about"><code>${file}</code> <span class="chip">${channelName(typeOf(widget.bodies))}</span>${chipOf(widget, options)}</p>
${heldNote(widget)}${uncomparedNote(widget)}${problemList(problems, options.sourceLine)}
${drawn === null ? noPicture : widgetPictures(drawn, { widget, title, afterwards: pairCaption(widget), addressOf: options.addressOf })}
</article>
`;
}

function chipOf({ status }: PreviewWidget, { before }: CardOptions): Html | null {
  if (status === 'broken') return chip('broken', 'file to be mended');
  if (status === 'waiting') return chip('held', 'suspended');
  if (status !== 'new') return null;
  return chip('new', before === 'live' ? 'not in the account' : 'new here');
}

function chip(kind: string, words: string): Html {
  return html` <span class="chip ${kind}">${words}</span>`;
}

/** Of a broken file its problems tell. */
function heldNote({ held, status, problems }: PreviewWidget): Html | null {
  if (held === null || (status === 'broken' && problems.length > 0)) return null;
  const waits = status === 'broken' ? '' : ' This is what waits.';
  return html`<p class="note">Not applied for now: ${held.message}.${waits}</p>`;
}

function uncomparedNote({ uncompared }: PreviewWidget): Html | null {
  return uncompared === null ? null : html`<p class="note">${sentence(uncompared)}</p>`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

export const noPicture = html`<p class="note">There is no picture yet: nothing is known of this widget but its file, which cannot be used.</p>`;

export interface PicturesShown {
  readonly widget: Pick<PreviewWidget, 'widgetId' | 'status' | 'bodies'>;
  readonly title: string;
  /** What the second picture of two shows. */
  readonly afterwards: string;
  readonly addressOf: CardOptions['addressOf'];
}

/** The pictures, and beside them what their marks mean. */
export function widgetPictures(drawn: Drawn, shown: PicturesShown): Html {
  const { before, after } = drawn;
  const { widget, title, addressOf } = shown;
  const { widgetId } = widget;
  const isPair = before !== null && drawn.legend.length + drawn.unseen.length > 0;
  const afterwards = isPair ? shown.afterwards : onlyCaption(widget);
  return html`<div class="${isPair ? 'pair' : 'single'}">
${isPair && figure({ widgetId, side: 'before', svg: before }, { caption: 'Now', alt: `${title}, now`, addressOf })}
${figure({ widgetId, side: 'after', svg: after }, { caption: afterwards, alt: altOf(title, isPair || widget.status === 'broken' ? afterwards : ''), addressOf })}
${aside(drawn)}${noteList(drawn)}
</div>`;
}

/** What the second picture of two shows. */
function pairCaption({ status }: Pick<PreviewWidget, 'status'>): string {
  if (status === 'broken') return lastUsable;
  return status === 'waiting' ? 'After the suspension' : 'After this change';
}

const lastUsable = 'As the file was when it could be used last';

function altOf(title: string, caption: string): string {
  if (caption === '') return title;
  return `${title}, ${caption.slice(0, 1).toLowerCase()}${caption.slice(1)}`;
}

/** What the only picture of a widget shows; '' where that goes without saying. */
function onlyCaption({ status, bodies }: PicturesShown['widget']): string {
  if (status === 'new') return 'As the file declares it';
  if (status !== 'broken') return '';
  return bodies.after === null ? 'Now' : lastUsable;
}

interface Caption {
  readonly caption: string;
  readonly alt: string;
  readonly addressOf: CardOptions['addressOf'];
}

function figure(picture: WidgetPicture, { caption, alt, addressOf }: Caption): Html {
  const address = addressOf(picture);
  // What is in the page already need not be waited for.
  const isLazy = !address.startsWith('data:');
  return html`<figure>${caption !== '' && html`<figcaption>${caption}</figcaption>`}<img src="${address}" width="${pictureWidthPx}" height="${pictureHeightPx}" alt="${alt}"${isLazy && html` loading="lazy"`} decoding="async"></figure>`;
}

function aside({ legend, unseen }: Drawn): Html | null {
  if (legend.length + unseen.length === 0) return null;
  return html`<div class="aside">
${
  legend.length > 0 &&
  html`<h4>${count(legend.length, 'change')} in the picture</h4><ol class="legend">${legend.map(
    (entry) =>
      html`<li><span class="badge">${entry.number}</span><div><code class="field">${entry.field}</code>${fieldChange(entry)}</div></li>`,
  )}</ol>`
}
${
  unseen.length > 0 &&
  html`<h4>Not in the picture</h4><ul class="unseen">${unseen.map(
    ({ field, change }) =>
      html`<li><code class="field">${field}</code>${change !== null && fieldChange(change)}</li>`,
  )}</ul>`
}
</div>`;
}

function noteList({ notes }: Drawn): Html | null {
  if (notes.length === 0) return null;
  return html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}
