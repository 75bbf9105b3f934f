// A small file that a person writes, as text, and why it could not be read.
import { readFileSync, statSync } from 'node:fs';
import { codeOf, messageOf } from '../errors.ts';

/** Throws what `whyUnread` has words for. */
export function readTextFile(path: string, mostKiB: number): string {
  const stats = statSync(path);
  // A named pipe would block the process until someone writes to it.
  if (!stats.isFile()) throw new Error('it is not a regular file');
  if (stats.size > mostKiB * 1024) throw new Error(`it is larger than ${mostKiB} KiB`);
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
}

export function whyUnread(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is none';
    case 'EACCES':
      return 'it may not be read by this user';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text';
    default:
      return messageOf(error);
  }
}
