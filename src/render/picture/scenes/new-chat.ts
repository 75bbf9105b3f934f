// The new face of a chat (chat-widget-v2): a tall header with the welcome, a start card that overlaps
// it, and the messages below.
import { icon } from '../draw/icons.ts';
import { type Box, boxShape, circleShape, linesIn, shadowOf, textIn } from '../draw/shapes.ts';
import { breakLines, fitLine } from '../text/break-lines.ts';
import { directionOf } from '../text/plain-text.ts';
import type { Font } from '../text/text-width.ts';
import { drawExchange } from './exchange.ts';
import { joined, lowered } from './joined.ts';
import type { ChatScene, Drawing } from './scene.ts';
import {
  brandingHeightPx,
  brandingLine,
  closedLauncher,
  headerGround,
  textBox,
  textBoxHeightPx,
  windowGround,
} from './window.ts';

const introFont = { size: 18.5, weight: 'bold' } as const;
const introLinePx = 24;
const rowPx = 30;
/** So far the start card reaches up into the header. */
const overlapPx = 20;

export function drawNewChat(scene: ChatScene): Drawing {
  const window = { x: 24, y: 20, width: 352, height: scene.launcher === null ? 600 : 534 };
  const bottom = window.y + window.height;
  const last = { ...window, y: bottom - brandingHeightPx, height: brandingHeightPx };
  const box = { ...window, y: last.y - textBoxHeightPx, height: textBoxHeightPx };
  const header = drawHeader(scene, window);
  const inner = { x: window.x + 14, width: window.width - 28 };
  const talk = drawExchange(scene, { ...inner, mostButtonRows: 1 });
  const top = header.bottom - overlapPx;
  const card = drawStart(scene, { ...inner, y: top, height: box.y - top - talk.height - 20 });
  const empty = { ...inner, y: box.y - 44, height: 34 };
  const drawn: Drawing[] = [
    { svg: windowGround(window), parts: [] },
    header.drawing,
    ...(card === null ? [] : [card.drawing]),
    lowered(talk.drawing, (card?.bottom ?? header.bottom) + 11),
    ...(card === null ? [noStart(empty)] : []),
    textBox(box, scene.placeholder, scene.header.ground),
    brandingLine(last, scene.hasBranding),
  ];
  if (scene.launcher !== null) drawn.push(closedLauncher(window, scene.launcher));
  return joined(drawn);
}

function drawHeader(scene: ChatScene, window: Box) {
  const { ground, ink, title } = scene.header;
  const inner = { x: window.x + 20, width: window.width - 40 };
  const lines = breakLines(scene.intro, introFont, { width: inner.width, mostLines: 3 });
  const name = { ...inner, x: inner.x + 42, y: window.y + 16, width: inner.width - 80, height: 32 };
  const intro = { ...inner, y: window.y + 58, height: Math.max(1, lines.length) * introLinePx };
  const sub = { ...inner, y: intro.y + intro.height + 2, height: 20 };
  const low = scene.subHeading === '' ? intro.y + intro.height : sub.y + sub.height;
  const box = { ...window, height: low + 12 + overlapPx - window.y };
  const middle = name.y + name.height / 2;
  const svg =
    headerGround(box, ground) +
    circleShape(inner.x + 16, middle, 16, { fill: '#ffffff', opacity: 0.22 }) +
    icon('bot', { x: inner.x + 16, y: middle, size: 20 }, ink) +
    textIn(name, fitLine(title, titleFont, name.width), { ...titleFont, fill: ink }) +
    icon('close', { x: inner.x + inner.width - 8, y: middle, size: 18 }, ink) +
    linesIn(intro, lines, { ...introFont, fill: ink }) +
    textIn(sub, fitLine(scene.subHeading, subFont, sub.width), {
      ...subFont,
      fill: ink,
      opacity: 0.9,
    });
  const drawing: Drawing = {
    svg,
    parts: [
      // Down to where the start card lies over it.
      { part: 'header', box: { ...box, height: box.height - overlapPx - 6 }, radius: 12 },
      { part: 'intro', box: { ...intro, x: intro.x - 6, width: intro.width + 12 }, radius: 4 },
    ],
  };
  return { drawing, bottom: box.y + box.height };
}

const titleFont = { size: 15, weight: 'bold' } as const;
const subFont = { size: 13.5 };
const headingFont = { size: 15, weight: 'bold' } as const;
const smallFont = { size: 13 };
const labelFont = { size: 13, weight: 'bold' } as const;

interface Row {
  readonly svg: (box: Box) => string;
  readonly height: number;
}

/** Null where there is nothing to start with: then nothing overlaps the header. */
function drawStart(scene: ChatScene, room: Box) {
  const head = headingsOf(scene);
  const headHeight = head.reduce((sum, row) => sum + row.height, 0);
  const mostRows = Math.max(1, Math.floor((room.height - headHeight - 14) / rowPx));
  const rows = [...head, ...listRows(scene, mostRows)];
  if (rows.length === 0) return null;
  const height = rows.reduce((sum, row) => sum + row.height, 14);
  const box = { x: room.x, y: room.y, width: room.width, height };
  let y = box.y + 7;
  const written = rows.map((row) => {
    const place = { x: box.x + 16, y, width: box.width - 32, height: row.height };
    y += row.height;
    return row.svg(place);
  });
  const ground = shadowOf(box, 10, 8) + boxShape(box, 10, { fill: '#ffffff' });
  const drawing: Drawing = {
    svg: ground + written.join(''),
    parts: [{ part: 'suggestions', box, radius: 10 }],
  };
  return { drawing, bottom: box.y + box.height };
}

function noStart(box: Box): Drawing {
  return { svg: '', parts: [{ part: 'suggestions', box, radius: 10, absent: 'no suggestions' }] };
}

function headingsOf({ startHeading, startSubHeading, suggestionsHeading }: ChatScene): Row[] {
  const row = (text: string, font: Font, fill: string): Row[] => {
    if (text === '') return [];
    const height = font.size + 9;
    return [
      { height, svg: (box) => textIn(box, fitLine(text, font, box.width), { ...font, fill }) },
    ];
  };
  return [
    ...row(startHeading, headingFont, '#111827'),
    ...row(startSubHeading, smallFont, '#4b5563'),
    ...row(suggestionsHeading, labelFont, '#374151'),
  ];
}

function listRows({ suggestions, suggestionInk }: ChatScene, mostRows: number): Row[] {
  const { shown, more } = suggestions;
  const all = shown.length + more;
  const kept = all <= mostRows ? all : mostRows - 1;
  const texts = shown.slice(0, kept);
  const hidden = all - texts.length;
  return [...texts, ...(hidden > 0 ? [`+${hidden}`] : [])].map((text) => ({
    height: rowPx,
    svg: (box) => listRow(text, suggestionInk, box),
  }));
}

function listRow(text: string, ink: string, box: Box): string {
  const isRtl = directionOf(text) === 'rtl';
  const room = { ...box, x: isRtl ? box.x + 26 : box.x, width: box.width - 26 };
  const chevron = { x: isRtl ? box.x + 7 : box.x + box.width - 7, y: box.y + rowPx / 2, size: 16 };
  const rule = { x: box.x, y: box.y, width: box.width, height: 1 };
  return (
    boxShape(rule, 0, { fill: '#eef1f5' }) +
    textIn(room, fitLine(text, listFont, room.width), { ...listFont, fill: ink }) +
    icon(isRtl ? 'chevronBack' : 'chevron', chevron, ink)
  );
}

const listFont = { size: 13.5 };
