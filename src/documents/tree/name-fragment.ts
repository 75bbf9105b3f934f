// Which file an entry of `extends` means, by its text alone. Pure: knows no links, and opens nothing.
import { posix } from 'node:path';
import { oneLine } from '../../base/text.ts';
import { isWidgetName } from './tree-limits.ts';

/** Why an entry of `extends` names nothing that may be read: said at the entry. */
export interface EntryRefusal {
  readonly code: 'missing-fragment' | 'fragment-outside' | 'not-a-fragment';
  readonly summary: string;
  readonly detail: string;
}

/** A fragment by its two names, both with forward slashes. */
export interface FragmentName {
  /** From the widget directory: `_ava.yaml`, or `../_brand.yaml` for what lies above it. */
  readonly file: string;
  /** From the source root. */
  readonly below: string;
}

/**
 * `place` is the widget directory from the source root, '' for the root itself; `from` the file that says the
 * entry, from the widget directory. Null for what lies outside of the root.
 */
export function nameFragment(
  place: string,
  from: string,
  entry: string,
): FragmentName | EntryRefusal | null {
  const misspelt = misspelling(entry);
  if (misspelt !== null) return misspelt;
  const folder = partsOf(posix.dirname(posix.join(place, from)));
  const parts = climb(folder, partsOf(entry));
  if (parts === null) return null;
  const below = parts.join('/');
  const file = posix.relative(`/${place}`, `/${below}`);
  // The way to the widget directory may well lead through a hidden folder: a volume keeps its files in one.
  const isHidden = partsOf(file).some((part) => part !== '..' && part.startsWith('.'));
  if (isHidden) return hidden(entry);
  return isFragmentName(file) ? { file, below } : notByName(entry, file);
}

/** Of a path from the widget directory: whether its name, or that of a folder that it lies in, begins with `_`. */
export function isFragmentName(file: string): boolean {
  return isWidgetName(file) && partsOf(file).some((part) => part.startsWith('_'));
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Null as soon as the way leaves the root: what lies above it has other names elsewhere. */
function climb(folder: readonly string[], parts: readonly string[]): string[] | null {
  const way = [...folder];
  for (const part of parts) {
    if (part !== '..') way.push(part);
    else if (way.pop() === undefined) return null;
  }
  return way;
}

const expected = 'Expected a path from the folder of this file, such as ../_brand.yaml.';

function misspelling(entry: string): EntryRefusal | null {
  if (entry.trim() === '') return no('an entry of extends is empty', `${expected} Or remove it.`);
  const shown = shownEntry(entry);
  if (/\p{Cc}/u.test(entry)) {
    return no(`${shown} holds a control character`, `${expected} Write it anew.`);
  }
  if (entry.trim() !== entry) {
    const where = entry.trimStart() === entry ? 'ends' : 'begins';
    const summary = `${shown} ${where} with a blank`;
    return no(summary, `${expected} Write it without the blank.`);
  }
  if (entry.includes('\\')) {
    return no(`${shown} has backslashes`, `${expected} Write / for each \\.`);
  }
  if (/^[a-z][a-z0-9+.-]+:|^\/\//i.test(entry)) {
    const detail =
      'Nothing is fetched. Put the file into this repository, and name it by its path.';
    return no(`${shown} is an address`, detail);
  }
  if (/^(?:\/|[a-z]:)/i.test(entry)) {
    return no(`${shown} is an absolute path`, `${expected} It means the same on every machine.`);
  }
  return null;
}

function hidden(entry: string): EntryRefusal {
  return no(`${shownEntry(entry)} is hidden`, 'What begins with a dot is passed over. Rename it.');
}

function notByName(entry: string, file: string): EntryRefusal {
  const summary = `${shownEntry(entry)} is no fragment by its name`;
  const name = posix.basename(file);
  if (!isWidgetName(name)) return no(summary, `${fragmentRule}${withEnding(entry, file)}`);
  const better = oneLine(posix.join(posix.dirname(entry), `_${name}`), 100);
  return no(summary, `${fragmentRule} Put what both files share into one such as ${better}.`);
}

/** `_brand` and `_brand.YAML` mean `_brand.yaml`; what leads to no file means none. */
function withEnding(entry: string, file: string): string {
  const bare = file.replace(/\.(?:ya?ml|json|txt)$/i, '');
  if (entry.endsWith('/') || !isFragmentName(`${bare}.yaml`)) return '';
  const way = entry.slice(0, entry.length - (file.length - bare.length));
  return ` Did you mean ${oneLine(way, 100)}.yaml?`;
}

export const fragmentRule =
  'The name of a fragment, or of a folder that it lies in, begins with _, and it ends in .yaml or .yml.';

export function shownEntry(entry: string): string {
  return oneLine(entry, 100);
}

function no(summary: string, detail: string): EntryRefusal {
  return { code: 'not-a-fragment', summary, detail };
}
