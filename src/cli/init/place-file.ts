// One file that `init` places: made where there is none, whole or not at all. Refuses to change what is there, and
// to write through a link.
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendLine, makeDirectory } from '../../base/atomic-file.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { createFile } from '../import/import-files.ts';

/** What stands at a path: its content, or nothing. */
export type Standing = Buffer | null;

/**
 * Looks before anything is written. Throws `UsageError` where something stands in the way: a link that leads
 * nowhere, a link that would be written through, what is no file.
 */
export function lookAt(directory: string, path: string): Standing {
  const link = linkOnTheWay(directory, path);
  try {
    const stats = statSync(join(directory, path), { throwIfNoEntry: false });
    if (stats === undefined) {
      if (link !== null) throw throughLink(link, path);
      return null;
    }
    if (!stats.isFile()) throw new UsageError(`${printable(path)} is no file: move it away`);
    return readFileSync(join(directory, path));
  } catch (error) {
    throw error instanceof UsageError ? error : cannot('read', path, error);
  }
}

/** False where somebody made it in the meantime. Throws `UsageError`. */
export async function makeFile(directory: string, path: string, text: string): Promise<boolean> {
  try {
    await makeDirectory(dirname(join(directory, path)), 0o777);
    return await createFile(join(directory, path), text);
  } catch (error) {
    throw cannot('write', path, error);
  }
}

/** Adds lines at the end of a file that is there. Throws `UsageError`. */
export async function addLines(
  directory: string,
  path: string,
  lines: readonly string[],
): Promise<void> {
  requireNoLink(directory, path, lines);
  try {
    await appendLine(join(directory, path), lines.join('\n'));
  } catch (error) {
    throw cannot('write', path, error);
  }
}

/** Throws `UsageError` where the lines would be added to what a link names. */
export function requireNoLink(directory: string, path: string, lines: readonly string[]): void {
  const link = linkOnTheWay(directory, path);
  if (link === null) return;
  throw new UsageError(
    `${printable(link)} is a link, and init writes through none: add ${lines.join(' and ')} to what it names, and try again`,
  );
}

/** The first part of the path, below the directory, that is a link; null where none is. */
function linkOnTheWay(directory: string, path: string): string | null {
  const parts = path.split('/');
  const ways = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  try {
    const isLink = (way: string) =>
      lstatSync(join(directory, way), { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return ways.find(isLink) ?? null;
  } catch (error) {
    throw cannot('read', path, error);
  }
}

function throughLink(link: string, path: string): UsageError {
  const way = link === path ? '' : `, on the way to ${printable(path)}`;
  return new UsageError(
    `${printable(link)} is a link${way}, and init writes through none: remove it, or put what it names in its place`,
  );
}

function cannot(what: 'read' | 'write', path: string, error: unknown): UsageError {
  const isInTheWay = codeOf(error) === 'ENOTDIR' || codeOf(error) === 'EEXIST';
  const why = isInTheWay ? 'a file stands where a folder has to be' : messageOf(error);
  return new UsageError(`cannot ${what} ${printable(path)}: ${why}`);
}
