// The pictures of all examples, as they were last looked at: a change of any of them is to be looked at
// again. `WRITE_PICTURES=1` rewrites them (CONTRIBUTING.md).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { asJson } from '../../../src/model/widget.ts';
import { buildScene } from '../../../src/render/picture/build-scene.ts';
import { markChanges } from '../../../src/render/picture/mark-changes.ts';
import { renderPicture } from '../../../src/render/picture/render-picture.ts';
import { readSvg } from '../../support/strict-svg.ts';

const references = join(import.meta.dirname, 'reference');
const widgets = join(import.meta.dirname, '../../../widgets');
const files = readdirSync(widgets, { recursive: true, encoding: 'utf8' }).sort();

/** The suspended one too: as it would be applied. */
const examples = files
  .filter((file) => /\.ya?ml$/.test(file))
  .map((file) => {
    const name = `${file.replaceAll('/', '-').replace(/\.ya?ml$/, '')}.svg`;
    const { widget } = readContent(readFileSync(join(widgets, file)));
    return [name, asJson(widget?.spec ?? { widget_type: null })] as const;
  });

/** An edit of the example that everybody begins with, of nearly all that is painted. */
function editOfAva(): string[] {
  const ava = Object.fromEntries(examples)['ava.svg'] ?? {};
  const edited = {
    ...ava,
    header_color: '#7c2d12',
    intro_message: 'Winter sale: 30 % off all tents until Sunday. Ask me about an order.',
    user_opening_messages: ['Where is my order?', 'Show me tents on sale'],
    user_message_color: '#9a3412',
    bot_message_color: '#fff7ed',
    ice_break_color: '#9a3412',
    action_buttons: [],
    remove_branding: false,
    bubble_text: '30 % off tents ⛺',
    bot_icon_color: '#9a3412',
  };
  const { marks } = markChanges(ava, edited);
  return [ava, edited].map((body) => renderPicture(buildScene(body), marks));
}

const [before = '', after = ''] = editOfAva();
const pictures: readonly (readonly [name: string, svg: string])[] = [
  ...examples.map(([name, body]) => [name, renderPicture(buildScene(body))] as const),
  ['ava-change-before.svg', before],
  ['ava-change-after.svg', after],
];

if (process.env['WRITE_PICTURES'] === '1') {
  rmSync(references, { recursive: true, force: true });
  mkdirSync(references);
  for (const [name, svg] of pictures) writeFileSync(join(references, name), svg);
}

test('each example has one, and nothing else has', () => {
  expect(examples.length).toBeGreaterThanOrEqual(8);
  expect(readdirSync(references).sort()).toEqual(pictures.map(([name]) => name).sort());
});

test.each(pictures)('%s is drawn as it was looked at', (name, svg) => {
  readSvg(svg);
  expect(svg).toBe(readFileSync(join(references, name), 'utf8'));
});
