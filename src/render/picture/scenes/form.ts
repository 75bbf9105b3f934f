// Forms: one whose fields the dashboard defines, and one that asks for a number to call.
import { icon } from '../draw/icons.ts';
import { type Box, boxShape, linesIn, textIn } from '../draw/shapes.ts';
import { breakLines, fitLine } from '../text/break-lines.ts';
import { textWidth } from '../text/text-width.ts';
import { joined } from './joined.ts';
import type { Drawing, FormScene } from './scene.ts';
import {
  brandingHeightPx,
  brandingLine,
  headerGround,
  headerTitle,
  windowGround,
} from './window.ts';

const window: Box = { x: 24, y: 20, width: 352, height: 600 };
const inner = { x: window.x + 18, width: window.width - 36 };
const introFont = { size: 15.5, weight: 'bold' } as const;

export function drawForm(scene: FormScene): Drawing {
  const header = { ...window, height: 48 };
  const bottom = window.y + window.height;
  const last = { ...window, y: bottom - brandingHeightPx, height: brandingHeightPx };
  const { ground, ink, title } = scene.header;
  const titled = { ...header, x: header.x + 16, width: header.width - 32 };
  const intro = drawIntro(scene.intro, header.y + header.height + 18);
  const [introPart] = intro.parts;
  const y = (introPart?.box.y ?? 0) + (introPart?.box.height ?? 0) + 22;
  return joined([
    { svg: windowGround(window), parts: [] },
    {
      svg: headerGround(header, ground) + headerTitle(titled, title, ink),
      parts: [{ part: 'header', box: header, radius: 12 }],
    },
    intro,
    scene.kind === 'form' ? unknownFields(scene.button, y) : numberField(scene.button, y),
    brandingLine(last, scene.hasBranding),
  ]);
}

function drawIntro(text: string, y: number): Drawing {
  const lines = breakLines(text, introFont, { width: inner.width - 12, mostLines: 8 });
  const box = { ...inner, y, height: Math.max(1, lines.length) * 21 };
  const svg = linesIn(box, lines, { ...introFont, fill: '#111827', align: 'middle' });
  return { svg, parts: [{ part: 'intro', box, radius: 4 }] };
}

function unknownFields(button: string, y: number): Drawing {
  const field = (top: number, label: number, height: number) =>
    boxShape({ x: inner.x, y: top, width: label, height: 9 }, 4.5, { fill: '#cbd5e1' }) +
    boxShape({ ...inner, y: top + 16, height }, 6, { fill: '#f1f5f9', stroke: '#e2e8f0' });
  const said = { ...inner, y: y + 268, height: 20 };
  const svg =
    field(y, 92, 34) +
    field(y + 66, 124, 34) +
    field(y + 132, 76, 64) +
    filledButton(button, y + 224, '#e2e8f0', '#111827').svg +
    textIn(said, "The form's fields are defined in the dashboard.", {
      size: 12.5,
      fill: '#6b7280',
      align: 'middle',
      italic: true,
    });
  return { svg, parts: [] };
}

function numberField(label: string, y: number): Drawing {
  const field = { ...inner, y: y + 20, height: 44 };
  const written = { ...field, x: field.x + 46, width: field.width - 60 };
  const button = filledButton(label, y + 82, '#1865e9', '#ffffff');
  const svg =
    textIn({ ...inner, y: y - 2, height: 18 }, 'Your number', { size: 13, fill: '#374151' }) +
    boxShape(field, 8, { fill: '#ffffff', stroke: '#cbd5e1' }) +
    icon('call', { x: field.x + 24, y: field.y + 22, size: 18 }, '#64748b') +
    textIn(written, '+1 555 0100', { size: 14.5, fill: '#6b7280' }) +
    button.svg;
  return { svg, parts: [{ part: 'call-button', box: button.box, radius: 8 }] };
}

function filledButton(label: string, y: number, fill: string, ink: string) {
  const font = { size: 14.5, weight: 'bold' } as const;
  const shown = fitLine(label, font, inner.width - 48);
  const width = Math.max(96, Math.ceil(textWidth(shown, font) + 48));
  const box = { x: inner.x + (inner.width - width) / 2, y, width, height: 38 };
  const svg =
    boxShape(box, 8, { fill }) + textIn(box, shown, { ...font, fill: ink, align: 'middle' });
  return { box, svg };
}
