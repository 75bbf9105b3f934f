// A key that was ever in use must stand nowhere but in its own file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../src/base/errors.ts';

/** What may hold a key by mistake: a file with its text, or what a process has said. */
export interface Trace {
  readonly name: string;
  readonly text: string;
}

export function checkKeys(keys: readonly string[], traces: readonly Trace[]): string[] {
  return traces.flatMap(({ name, text }) =>
    keys
      .filter((key) => formsOf(key).some((form) => text.includes(form)))
      .map((key) => `the key ${key} stands in ${name}`),
  );
}

/** As it is, as it stands in a URL, and packed as a header would have it. */
function formsOf(key: string): string[] {
  return [
    key,
    encodeURIComponent(key),
    new URLSearchParams({ key }).toString().slice(4),
    packed(key),
  ];
}

/** Without its end, which depends on what follows. */
function packed(key: string): string {
  return Buffer.from(key).toString('base64').replace(/.?=*$/, '');
}

/** Every file below, temporary ones too; but one that got its name meanwhile, whose content stands there. */
export function tracesBelow(directory: string): Trace[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const text = readIfThere(path);
      return text === null ? [] : [{ name: path, text }];
    });
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
