// The first line of a new file tells editors where the schema is, as the files beside it say,
// else where this project keeps it.
import { existsSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { packagedFile } from '../../base/version.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree } from '../../model/document.ts';

const usual = '../schemas/widget.schema.json';
/** The folders of accounts lie deeper than the only one: `clients/<name>/widgets`. */
const higher = ['../', '../../', '../../../'];

export interface SchemaReference {
  /** From the widget directory itself, or a URL. */
  readonly path: string;
  /** The place to copy the schema from, when nothing stands where the path leads. */
  readonly copyFrom: string | null;
}

export function schemaReference(directory: WidgetDirectory, tree: LoadedTree): SchemaReference {
  const path = referenceInUse(directory, tree) ?? nearest(directory.dir);
  const isThere = isAbsoluteReference(path) || existsSync(join(directory.dir, path));
  return { path, copyFrom: isThere ? null : packagedFile('schemas/widget.schema.json') };
}

function nearest(dir: string): string {
  const paths = higher.map((up) => `${up}schemas/widget.schema.json`);
  return paths.find((path) => existsSync(join(dir, path))) ?? usual;
}

/** The path in the first file that has one, seen from the widget directory. */
function referenceInUse(directory: WidgetDirectory, tree: LoadedTree): string | null {
  for (const { file } of [...tree.documents, ...tree.held]) {
    for (const line of [1, 2, 3]) {
      const found = modeline.exec(directory.sourceLine(file, line) ?? '')?.[1];
      if (found === undefined) continue;
      if (isAbsoluteReference(found)) return found;
      const target = resolve(directory.dir, dirname(file), found);
      const path = relative(resolve(directory.dir), target).split(sep).join(posix.sep);
      return path.startsWith('.') ? path : `./${path}`;
    }
  }
  return null;
}

const modeline = /^#\s*yaml-language-server:\s*\$schema=(\S+)/;

function isAbsoluteReference(path: string): boolean {
  return /^(?:[a-z][a-z\d+.-]+:|\/)/i.test(path);
}
