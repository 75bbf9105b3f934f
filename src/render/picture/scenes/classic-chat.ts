// The classic face of a chat: what the embed script opens.
import { type Box, linesIn } from '../draw/shapes.ts';
import { breakLines, keepLines } from '../text/break-lines.ts';
import { pillHeightPx, suggestionChips } from './bubbles.ts';
import { drawExchange, type Group } from './exchange.ts';
import { gapPx, heightOfRows } from './flow.ts';
import { joined, lowered } from './joined.ts';
import type { ChatScene, Drawing } from './scene.ts';
import {
  brandingHeightPx,
  brandingLine,
  closedLauncher,
  headerGround,
  headerTitle,
  textBox,
  textBoxHeightPx,
  windowGround,
} from './window.ts';

const headerHeightPx = 48;
const introFont = { size: 15.5, weight: 'bold' } as const;
const introLinePx = 21;
const rowPx = pillHeightPx + gapPx;
/** Between the groups of a chat's body. */
const gapBetweenPx = 13;

export function drawClassicChat(scene: ChatScene): Drawing {
  const window = { x: 24, y: 20, width: 352, height: scene.launcher === null ? 600 : 520 };
  const header = { ...window, height: headerHeightPx };
  const bottom = window.y + window.height;
  const last = { ...window, y: bottom - brandingHeightPx, height: brandingHeightPx };
  const box = { ...window, y: last.y - textBoxHeightPx, height: textBoxHeightPx };
  const body = { ...window, y: header.y + header.height, height: box.y - header.y - header.height };
  const { ground, ink, title } = scene.header;
  const drawn: Drawing[] = [
    { svg: windowGround(window), parts: [] },
    {
      svg:
        headerGround(header, ground) +
        headerTitle({ ...header, x: header.x + 16, width: header.width - 32 }, title, ink),
      parts: [{ part: 'header', box: header, radius: 12 }],
    },
    drawBody(scene, body),
    textBox(box, scene.placeholder, '#9ca3af'),
    brandingLine(last, scene.hasBranding),
  ];
  if (scene.launcher !== null) drawn.push(closedLauncher(window, scene.launcher));
  return joined(drawn);
}

function drawBody(scene: ChatScene, body: Box): Drawing {
  const inner = { x: body.x + 12, width: body.width - 24 };
  const talk = drawExchange(scene, { ...inner, mostButtonRows: 2 });
  // What the messages leave is shared out: three lines of the heading, up to four rows of suggestions,
  // and the rest to the heading again.
  const free = body.height - talk.height - 4 * gapBetweenPx;
  const width = inner.width - 14;
  const mostLines = 3 + Math.floor(Math.max(0, free) / introLinePx);
  const all = breakLines(scene.intro, introFont, { width, mostLines });
  const kept = Math.min(all.length, 3) * introLinePx;
  const mostRows = Math.max(1, Math.min(4, Math.floor((free - kept + gapPx) / rowPx)));
  const suggestions = drawSuggestions(scene, { ...inner, mostRows });
  const forIntro = Math.max(2, Math.floor((free - suggestions.height) / introLinePx));
  const lines = keepLines(all, introFont, { width, mostLines: forIntro });
  const top: Box = { ...inner, y: body.y + gapBetweenPx, height: lines.length * introLinePx };
  const intro: Drawing = {
    svg: linesIn(top, lines, { ...introFont, fill: '#111827', align: 'middle' }),
    parts: [{ part: 'intro', box: top, radius: 4 }],
  };
  return joined([
    intro,
    lowered(talk.drawing, top.y + top.height + gapBetweenPx),
    lowered(suggestions.drawing, body.y + body.height - gapBetweenPx - suggestions.height),
  ]);
}

interface Room {
  readonly x: number;
  readonly width: number;
  readonly mostRows: number;
}

/** From y = 0 down. */
function drawSuggestions({ suggestions, suggestionInk }: ChatScene, room: Room): Group {
  const chips = suggestionChips(suggestions, suggestionInk, { ...room, y: 0 });
  const height = heightOfRows(chips);
  const { x, width } = room;
  if (chips.length === 0) {
    const box = { x, y: -pillHeightPx, width, height: pillHeightPx };
    const part = { part: 'suggestions', box, radius: 6, absent: 'no suggestions' } as const;
    return { drawing: { svg: '', parts: [part] }, height };
  }
  const box = { x, y: 0, width, height };
  const svg = chips.map(({ entry }) => entry.svg).join('');
  return { drawing: { svg, parts: [{ part: 'suggestions', box, radius: 6 }] }, height };
}
