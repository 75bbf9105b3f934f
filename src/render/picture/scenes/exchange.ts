// A visitor's message and the assistant's, as both faces of a chat show them.
import { around } from '../draw/shapes.ts';
import { avatar, buttonPills, messageBubble, pillHeightPx } from './bubbles.ts';
import type { ChatScene, Drawing, PlacedPart } from './scene.ts';

interface Room {
  readonly x: number;
  readonly width: number;
  readonly mostButtonRows: number;
}

export interface Group {
  readonly drawing: Drawing;
  /** Of what is drawn, in px. */
  readonly height: number;
}

/** A visitor's message, the assistant's, and the buttons below, from y = 0 down. */
export function drawExchange(scene: ChatScene, room: Room): Group {
  const asked = messageBubble(scene.visitor, {
    edge: room.x + room.width,
    y: 0,
    from: 'visitor',
  });
  const answer = messageBubble(scene.assistant, {
    edge: room.x + 38,
    y: asked.box.y + asked.box.height + 10,
    from: 'assistant',
  });
  const low = answer.box.y + answer.box.height;
  const face = avatar(room.x + 14, low - 16);
  const buttons = drawButtons(scene, room, low + 10);
  const parts: PlacedPart[] = [
    { part: 'visitor-bubble', box: asked.box, radius: 12 },
    { part: 'assistant-bubble', box: answer.box, radius: 12 },
    buttons,
  ];
  const end = buttons.absent === undefined ? buttons.box.y + buttons.box.height : low;
  return {
    drawing: { svg: asked.svg + face + answer.svg + buttons.svg, parts },
    height: end,
  };
}

function drawButtons(
  { buttons, buttonInk }: ChatScene,
  { x, width, mostButtonRows }: Room,
  y: number,
): PlacedPart & { svg: string } {
  const pills = buttonPills(buttons, buttonInk, { x, y, width, mostRows: mostButtonRows });
  if (pills.length === 0) {
    const box = { x, y, width: 110, height: pillHeightPx };
    return { part: 'buttons', box, radius: 15, absent: 'no buttons', svg: '' };
  }
  const box = around(pills.map((one) => one.box));
  return { part: 'buttons', box, radius: 15, svg: pills.map(({ entry }) => entry.svg).join('') };
}
