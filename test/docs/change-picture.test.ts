// The picture at the top of the README: the change that its recorded plan tells of, as `preview` draws it.
// `WRITE_PICTURES=1` rewrites it (CONTRIBUTING.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPreviewJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { readSvg } from '../support/strict-svg.ts';
import { changePicture } from './change-picture.ts';
import { editedExamples } from './edited-examples.ts';
import { pageOf, root } from './pages.ts';

const file = join(root, 'docs/change.svg');

test('docs/change.svg is what preview draws of the change that the README shows', async () => {
  const place = await editedExamples();
  const preview = ['preview', '--out', 'preview/', '--changed'];
  expect(await runIn(place, preview)).toMatchObject({ code: 0, stderr: '' });
  const folder = join(place.cwd, 'preview');
  const { widgets } = readPreviewJson(readFileSync(join(folder, 'preview.json'), 'utf8'));
  const ava = widgets.find((widget) => widget.file === 'ava.yaml');
  if (ava === undefined) throw new Error('the change of ava.yaml is not in the preview');
  const svg = changePicture(folder, ava);
  readSvg(svg);
  if (process.env['WRITE_PICTURES'] === '1') writeFileSync(file, svg);
  expect(svg).toBe(readFileSync(file, 'utf8'));
  // Each field of the legend stands in the plan below the picture, too.
  const { text } = pageOf('README.md');
  expect(text).toMatch(/^!\[[^\]]+\]\(docs\/change\.svg\)$/m);
  for (const { field } of ava.changes) expect(text).toContain(` ${field}`);
});
