// A messenger or SMS on a phone: the first message, and what a visitor may answer.
import { type ChannelLook, lookOf } from '../channels.ts';
import { icon } from '../draw/icons.ts';
import {
  around,
  type Box,
  boxShape,
  halfRounded,
  inset,
  linesIn,
  shadowOf,
  textIn,
} from '../draw/shapes.ts';
import { breakLines, fitLine, keepLines } from '../text/break-lines.ts';
import { textWidth } from '../text/text-width.ts';
import { pillHeightPx } from './bubbles.ts';
import { deviceFrame, initialsCircle, screen, screenCornerPx } from './device.ts';
import type { Group } from './exchange.ts';
import { flowWithRest, gapPx, type Placed } from './flow.ts';
import { joined, lowered } from './joined.ts';
import type { Drawing, PhoneScene, Some } from './scene.ts';

const header: Box = { ...screen, height: 66 };
const inputTop = screen.y + screen.height - 64;
const messageFont = { size: 14.5 };
const messageLinePx = 20;
const bubbleWidthPx = 226;

export function drawPhone(scene: PhoneScene): Drawing {
  const look = lookOf(scene.channel);
  const top = header.y + header.height + 14;
  const day = { x: screen.x + screen.width / 2 - 30, y: top, width: 60, height: 22 };
  const room = { x: screen.x + 12, y: top + 34, width: screen.width - 24, height: 0 };
  const below = { ...room, height: inputTop - 10 - room.y };
  return joined([
    { svg: deviceFrame(look.ground), parts: [] },
    drawHeader(scene.title, look),
    {
      svg:
        boxShape(day, 8, { fill: '#ffffff', opacity: 0.85 }) +
        textIn(day, 'Today', { size: 11.5, fill: '#475569', align: 'middle' }),
      parts: [],
    },
    drawTalk(scene, look, below),
    { svg: inputRow(), parts: [] },
  ]);
}

function drawHeader(title: string, look: ChannelLook): Drawing {
  const middle = header.y + header.height / 2 + 2;
  const font = { size: 15.5, weight: 'bold' } as const;
  const x = header.x + 80;
  const room = { x, y: middle - 19, width: header.width - 96, height: 20 };
  const svg =
    halfRounded(header, { top: screenCornerPx }, look.header) +
    boxShape({ ...header, y: header.y + header.height, height: 1 }, 0, {
      fill: '#0f172a',
      opacity: 0.1,
    }) +
    icon('back', { x: header.x + 22, y: middle, size: 22 }, look.headerInk) +
    initialsCircle(title, { x: header.x + 54, y: middle, radius: 18, fill: look.avatar }) +
    textIn(room, fitLine(title, font, room.width), {
      ...font,
      fill: look.headerInk,
      align: 'left',
    }) +
    textIn({ ...room, y: middle + 2, height: 16 }, look.name, {
      size: 12,
      fill: look.headerInk,
      opacity: 0.8,
    });
  const box = { x: header.x + 37, y: header.y + 10, width: header.width - 51, height: 50 };
  return { svg, parts: [{ part: 'header', box, radius: 8 }] };
}

function drawTalk(scene: PhoneScene, look: ChannelLook, room: Box): Drawing {
  const width = bubbleWidthPx - 24;
  const all = breakLines(scene.message, messageFont, { width, mostLines: 24 });
  // Low enough that the outline of a message that changes leaves it free.
  const note = scene.note === '' ? 0 : 26;
  // The message keeps six lines at least; answers take what is left, and it takes the rest.
  const free = room.height - 30 - note - 8;
  const kept = Math.min(all.length, 6) * messageLinePx;
  const mostRows = Math.max(1, Math.floor((free - kept) / (pillHeightPx + gapPx)));
  const replies = drawReplies(scene.replies, look, { ...room, y: 0 }, mostRows);
  const mostLines = Math.max(2, Math.floor((free - replies.height) / messageLinePx));
  const lines = keepLines(all, messageFont, { width, mostLines });
  const message = drawMessage(lines, look, room);
  const low = message.box.y + message.box.height;
  const said = { x: room.x + 4, y: low + 8, width: room.width - 8, height: 18 };
  const noted = scene.note === '' ? '' : textIn(said, scene.note, { size: 12, fill: '#475569' });
  return joined([
    message.drawing,
    { svg: noted, parts: [] },
    lowered(replies.drawing, low + note + 8),
  ]);
}

function drawMessage(lines: readonly string[], look: ChannelLook, room: Box) {
  const widest = Math.max(60, ...lines.map((line) => textWidth(line, messageFont)));
  const box = {
    x: room.x,
    y: room.y,
    width: Math.min(bubbleWidthPx + 8, Math.ceil(widest + 30)),
    height: lines.length * messageLinePx + 30,
  };
  const ground =
    look.bubble === look.ground ? '' : shadowOf(box, 12, look.ground === '#ffffff' ? 0 : 2);
  const text = { x: box.x + 13, y: box.y + 8, width: box.width - 26, height: box.height - 30 };
  const time = { x: box.x + 12, y: box.y + box.height - 21, width: box.width - 24, height: 14 };
  const svg =
    ground +
    boxShape(box, 12, { fill: look.bubble }) +
    linesIn(text, lines, { ...messageFont, fill: '#111827' }) +
    textIn(time, '09:41', { size: 11, fill: '#64748b', align: 'end' });
  const drawing: Drawing = { svg, parts: [{ part: 'intro', box, radius: 12 }] };
  return { box, drawing };
}

/** From the top of `room` down. */
function drawReplies(replies: Some<string>, look: ChannelLook, room: Box, mostRows: number): Group {
  const rows = replyRows(replies, look, room, mostRows);
  const radius = look.replies === 'pills' ? 15 : 8;
  if (rows.length === 0) {
    const box = { ...room, height: pillHeightPx };
    const part = { part: 'suggestions', box, radius, absent: 'no replies' } as const;
    return { drawing: { svg: '', parts: [part] }, height: 0 };
  }
  const svg = rows.map(({ entry, box }) => reply(entry, box, look)).join('');
  const box = around(rows.map((row) => row.box));
  return {
    drawing: { svg, parts: [{ part: 'suggestions', box, radius }] },
    height: box.height + 8,
  };
}

function reply(label: string, box: Box, look: ChannelLook): string {
  const frame =
    look.replies === 'pills'
      ? boxShape(inset(box, 0.75), 15, {
          fill: '#ffffff',
          stroke: look.replyInk,
          strokeWidth: 1.5,
        })
      : shadowOf(box, 8, 2) + boxShape(box, 8, { fill: '#ffffff' });
  return frame + textIn(box, label, { ...replyFont, fill: look.replyInk, align: 'middle' });
}

const replyFont = { size: 13.5 };

function replyRows(
  { shown, more }: Some<string>,
  look: ChannelLook,
  room: Box,
  mostRows: number,
): readonly Placed<string>[] {
  const sized = (text: string) => {
    const label = fitLine(text, replyFont, room.width - 28);
    const natural = Math.ceil(textWidth(label, replyFont) + 28);
    return { entry: label, width: look.replies === 'pills' ? natural : room.width };
  };
  const rows = { ...room, rowHeight: pillHeightPx, mostRows, align: 'start' } as const;
  return flowWithRest(shown.map(sized), more, rows, (count) => sized(`+${count}`));
}

function inputRow(): string {
  const middle = inputTop + 26;
  const field = { x: screen.x + 42, y: middle - 17, width: screen.width - 90, height: 34 };
  return (
    icon('plus', { x: screen.x + 23, y: middle, size: 22 }, '#64748b') +
    boxShape(field, 17, { fill: '#ffffff', stroke: '#d7dce3' }) +
    textIn({ ...field, x: field.x + 14, width: field.width - 28 }, 'Message', {
      size: 14,
      fill: '#64748b',
    }) +
    icon('mic', { x: screen.x + screen.width - 25, y: middle, size: 20 }, '#64748b')
  );
}
