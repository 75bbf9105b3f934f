// A preview as files: one page that holds all, or a folder with a page, its pictures and JSON. Whole or not
// there; refuses to write into a folder that it did not make.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceBy, writePublic } from '../../base/atomic-file.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { listed, printable } from '../../base/text.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { drawWidget, type WidgetPicture } from '../../render/page/draw-widget.ts';
import { Html } from '../../render/page/html.ts';
import { pageStyle } from '../../render/page/page-style.ts';
import { previewJson } from '../../render/page/preview-json.ts';
import type { PreviewModel, PreviewWidget } from '../../render/page/preview-model.ts';
import { previewPage } from '../../render/page/preview-page.ts';
import { type Browser, takePictures } from './take-pictures.ts';

export interface Target {
  /** As the user named it. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** The Chromium that makes a PNG beside each picture; null for none. */
  readonly browser: Browser | null;
}

/** Throws what says how a target is named. */
export function readTarget(text: string): Pick<Target, 'path' | 'kind'> {
  if (text.endsWith('/')) return { path: text, kind: 'folder' };
  if (/\.html?$/i.test(text)) return { path: text, kind: 'file' };
  throw new Error('a file that ends in .html, or a folder with a slash at its end');
}

/** Throws `UsageError` where it cannot be written. */
export async function writePreview(
  model: PreviewModel,
  directory: Pick<WidgetDirectory, 'sourceLine'>,
  target: Target,
): Promise<void> {
  try {
    await requireParent(target.path);
    if (target.kind === 'file') await writePage(model, directory, target.path);
    else await writeFolder(model, directory, target);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    throw new UsageError(`--out ${printable(target.path)}: ${messageOf(error)}`);
  }
}

/** Throws `UsageError` where there is no folder to write into. */
async function requireParent(path: string): Promise<void> {
  const parent = dirname(path);
  const found = await stat(parent).catch(absent);
  if (found?.isDirectory() === true) return;
  const [given, folder] = [printable(path), printable(parent)];
  const why = found === null ? `the folder ${folder} does not exist` : `${folder} is not a folder`;
  throw new UsageError(`--out ${given}: ${why}`);
}

async function writePage(
  model: PreviewModel,
  { sourceLine }: Pick<WidgetDirectory, 'sourceLine'>,
  path: string,
): Promise<void> {
  const page = previewPage(model, {
    head: headOf('data:'),
    addressOf: ({ svg }) =>
      `data:image/svg+xml;base64,${Buffer.from(hideSecrets(svg)).toString('base64')}`,
    sourceLine,
    following: null,
  });
  await replaceBy(path, (temporary) => writePublic(temporary, page));
}

/** Nothing is loaded but pictures, and no script runs, whoever serves the page. */
function headOf(pictures: string): Html {
  const hash = createHash('sha256').update(pageStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src ${pictures}; base-uri 'none'; form-action 'none'`;
  return new Html(
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<style>${pageStyle}</style>`,
  );
}

/** Stands in every folder that a preview has made. */
const marker = '.widget-sync-preview';

async function writeFolder(
  model: PreviewModel,
  { sourceLine }: Pick<WidgetDirectory, 'sourceLine'>,
  { path, browser }: Target,
): Promise<void> {
  const folder = path.replace(/(?<=.)\/+$/, '');
  await refuseForeign(folder);
  const made = join(dirname(folder), `.${randomUUID()}.tmp`);
  try {
    await mkdir(made);
    await writePublic(
      join(made, marker),
      'Made by widget-sync preview, which replaces this folder.\n',
    );
    const pictures = await writePictures(model.widgets, made);
    if (browser !== null) await takePictures(pictures, browser);
    const page = previewPage(model, {
      head: headOf("'self' file:"),
      addressOf: placeOf,
      sourceLine,
      following: null,
    });
    await writePublic(join(made, 'index.html'), page);
    const json = previewJson(model, placeOf);
    await writePublic(join(made, 'preview.json'), `${stringifyJson(json, 2)}\n`);
    await swap(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** What a preview makes, within its folder. */
const ofPreview =
  /^(?:\.widget-sync-preview|index\.html|preview\.json|pictures(?:\/[0-9a-f-]{36}(?:\/(?:before|after)\.(?:svg|png))?)?)$/;

/**
 * An empty folder may be filled; else it is replaced only where the marker says that it may be, and all
 * that it holds was made by a preview.
 */
async function refuseForeign(folder: string): Promise<void> {
  const found = await stat(folder).catch(absent);
  if (found === null) return;
  if (!found.isDirectory()) {
    throw new UsageError(`--out ${printable(folder)}/ is not a folder: name another one`);
  }
  const names = await readdir(folder);
  if (names.length === 0) return;
  const isMade = names.includes(marker);
  const all = isMade ? await readdir(folder, { recursive: true }) : names;
  const foreign = (isMade ? all.filter((name) => !ofPreview.test(name)) : all).sort();
  if (foreign.length === 0) return;
  throw new UsageError(
    `--out ${printable(folder)}/ would be replaced, and holds what no preview has made: ` +
      `${printable(listed(foreign, 3))}; name another folder, or take that out`,
  );
}

/** Within the folder. */
function placeOf({ widgetId, side }: Pick<WidgetPicture, 'widgetId' | 'side'>): string {
  return `pictures/${widgetId}/${side}.svg`;
}

/** Resolves with their paths. */
async function writePictures(widgets: readonly PreviewWidget[], made: string): Promise<string[]> {
  const paths: string[] = [];
  await mkdir(join(made, 'pictures'));
  const writeOne = async ({ widgetId, bodies }: PreviewWidget): Promise<void> => {
    const drawn = drawWidget(bodies);
    if (drawn === null) return;
    await mkdir(join(made, `pictures/${widgetId}`));
    for (const side of ['before', 'after'] as const) {
      const svg = drawn[side];
      if (svg === null) continue;
      const path = join(made, placeOf({ widgetId, side }));
      paths.push(path);
      await writePublic(path, svg);
    }
  };
  // What one waits for on the disk, another one uses to draw.
  const waiting = widgets.values();
  await Promise.all(
    Array.from({ length: writtenAtOnce }, async () => {
      for (const widget of waiting) await writeOne(widget);
    }),
  );
  return paths;
}

const writtenAtOnce = 8;

/** The former folder goes once the new one stands in its place. */
async function swap(made: string, folder: string): Promise<void> {
  const former = join(dirname(folder), `.${randomUUID()}.tmp`);
  const hadFormer = await rename(folder, former).then(() => true, absent);
  try {
    await rename(made, folder);
  } catch (error) {
    if (hadFormer !== null) await rename(former, folder);
    throw error;
  }
  await rm(former, { recursive: true, force: true });
}

function absent(error: unknown): null {
  if (codeOf(error) !== 'ENOENT') throw error;
  return null;
}
