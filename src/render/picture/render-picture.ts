// A scene → one self-contained SVG of plain text: no style, address, script, filter or font, so that it
// may stand in any page, and be kept in git. The same scene gives the same bytes everywhere.
import { type Marks, marksOver } from './draw/marks.ts';
import { boxShape } from './draw/shapes.ts';
import { element, escapeText } from './draw/svg.ts';
import { drawBall } from './scenes/ball.ts';
import { drawCallCard } from './scenes/call-card.ts';
import { drawClassicChat } from './scenes/classic-chat.ts';
import { drawForm } from './scenes/form.ts';
import { drawNewChat } from './scenes/new-chat.ts';
import { drawPhone } from './scenes/phone.ts';
import type { Drawing, PictureScene } from './scenes/scene.ts';

export const pictureWidthPx = 400;
export const pictureHeightPx = 640;

const whole = { x: 0, y: 0, width: pictureWidthPx, height: pictureHeightPx };
const fonts = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif";

/** 400 × 640 px. Texts of files stand in it cleaned, clipped and escaped. */
export function renderPicture(scene: PictureScene, marks: Marks = new Map()): string {
  const { svg, parts } = drawScene(scene);
  const content = [
    element('title', {}, escapeText(scene.label)),
    element('defs', {}, ground),
    boxShape(whole, 14, { fill: 'url(#ground)' }),
    svg,
    marksOver(parts, marks),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: pictureWidthPx,
    height: pictureHeightPx,
    viewBox: `0 0 ${pictureWidthPx} ${pictureHeightPx}`,
    role: 'img',
    'aria-label': scene.label,
    'font-family': fonts,
  };
  return `${element('svg', attributes, content.join(''))}\n`;
}

const ground = element(
  'linearGradient',
  { id: 'ground', x1: 0, y1: 0, x2: 0, y2: 1 },
  element('stop', { offset: 0, 'stop-color': '#eef2f7' }) +
    element('stop', { offset: 1, 'stop-color': '#dde4ee' }),
);

const drawings = new WeakMap<PictureScene, Drawing>();

/** The same scene is drawn once: a change is first looked at for its parts, and then shown. */
export function drawScene(scene: PictureScene): Drawing {
  const earlier = drawings.get(scene);
  if (earlier !== undefined) return earlier;
  const drawn = draw(scene);
  drawings.set(scene, drawn);
  return drawn;
}

function draw(scene: PictureScene): Drawing {
  switch (scene.kind) {
    case 'chat':
      return scene.face === 'new' ? drawNewChat(scene) : drawClassicChat(scene);
    case 'phone':
      return drawPhone(scene);
    case 'call-card':
      return drawCallCard(scene);
    case 'ball':
      return drawBall(scene);
    case 'form':
    case 'call-form':
      return drawForm(scene);
  }
}
