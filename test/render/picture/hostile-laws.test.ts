import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildScene } from '../../../src/render/picture/build-scene.ts';
import { linesBeneath } from '../../../src/render/picture/lines-beneath.ts';
import { markChanges } from '../../../src/render/picture/mark-changes.ts';
import { renderPicture } from '../../../src/render/picture/render-picture.ts';
import { law } from '../../support/law.ts';
import { few } from '../../support/soak.ts';
import { readSvg } from '../../support/strict-svg.ts';
import { draw, textsOf } from './draw.ts';
import { hostile, hostileBody, widgetTypes } from './hostile-bodies.ts';

const tags = [
  'svg',
  'title',
  'defs',
  'linearGradient',
  'stop',
  'g',
  'rect',
  'circle',
  'path',
  'text',
  'tspan',
];
/** Nothing among them is run, is fetched, or looks beyond its picture. */
const attributes =
  /^(xmlns|width|height|viewBox|role|aria-label|font-(family|size|weight|style)|id|[xy][12]?|c[xy]|r|rx|d|offset|stop-color|fill(-rule)?|stroke(-width|-linecap|-linejoin|-dasharray|-opacity)?|opacity|transform|text-anchor|direction)$/;

function expectPlain(svg: string): void {
  const read = readSvg(svg);
  expect([...read.tags].filter((tag) => !tags.includes(tag))).toEqual([]);
  expect(read.attributes.filter(({ name }) => !attributes.test(name))).toEqual([]);
  // The backdrop's own gradient is the only reference; a label may say anything.
  const references = read.attributes.filter(
    ({ name, value }) => name !== 'aria-label' && /url/i.test(value),
  );
  expect(references).toEqual([{ name: 'fill', value: 'url(#ground)' }]);
}

describe('whatever a body holds', () => {
  law.prop([hostileBody], { numRuns: few(800, { soak: 4000 }) })(
    'its picture is well-formed, of plain elements, the same again, and small',
    (body) => {
      const svg = draw(body);
      expectPlain(svg);
      expect(draw(structuredClone(body))).toBe(svg);
      expect(svg.length).toBeLessThan(40_000);
      expect(linesBeneath(body).length).toBeGreaterThan(0);
    },
  );

  law.prop([hostileBody, hostileBody], { numRuns: 400 })(
    'both pictures of a change are well-formed, and each field has one number or none',
    (before, after) => {
      const { marks, legend, notInPicture } = markChanges(before, after);
      for (const body of [before, after]) readSvg(renderPicture(buildScene(body), marks));
      expect(legend.map(({ number }) => number)).toEqual(legend.map((_, at) => at + 1));
      expect([...marks.values()].flat().sort((a, b) => a - b)).toEqual(
        legend.map(({ number }) => number),
      );
      const fields = [...legend.map(({ field }) => field), ...notInPicture];
      expect(new Set(fields).size).toBe(fields.length);
    },
  );
});

test.each(widgetTypes)('as %s no text gets out of its place', (widgetType) => {
  for (const text of hostile) {
    const body = {
      widget_type: widgetType,
      name: text,
      display_name: text,
      intro_message: text,
      user_opening_messages: Array(30).fill(text),
      action_buttons: Array(20).fill({ label: text, icon: text }),
      attributes: { [text]: text, a: [text, { b: text }] },
      header_color: text,
      bubble_text: text,
      style_params: { placeholder: text, header_name: text, button_label: text, sub_heading: text },
    };
    const svg = draw(body);
    expectPlain(svg);
    expect(svg).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  }
});

test('a picture costs a millisecond or so, whatever its body holds', () => {
  const bodies = fc.sample(hostileBody, { numRuns: few(60, { soak: 4000 }), seed: 1 });
  // Processor time, the least of three: other programs are not what is measured.
  const spent = bodies.map((body) =>
    Math.min(...[1, 2, 3].map(() => processorMs(() => draw(body)))),
  );
  const [median = Number.NaN] = spent.sort((a, b) => a - b).slice(spent.length / 2);
  expect(median).toBeLessThan(3);
  expect(spent.at(-1)).toBeLessThan(40);
});

function processorMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('a long text costs no more than a short one', () => {
  test.each([
    ['words', 'word '],
    ['one word', 'x'],
    ['marks', '\u0300'],
    ['spaces', ' '],
    ['Chinese', '中'],
    ['families', '👩‍👩‍👧‍👦'],
  ])('of %s', (_, piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const texts = textsOf({
      widget_type: 'chat',
      intro_message: text,
      user_opening_messages: Array(1000).fill(text),
    });
    expect(texts.join('').length).toBeLessThan(5000);
  });
});
