// One file's bytes, or why they cannot be had. Refuses to open anything but a regular file (a FIFO
// would block for ever), to read more than 1 MiB, and to trust bytes that moved while being read.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { codeOf } from '../../base/errors.ts';
import type { Finding } from '../../model/document.ts';
import { changing, largestFile, notRegular, tooLarge, unreadable } from './unreadable-file.ts';

export type FileRead =
  /** It was removed since it was listed. */
  | { readonly gone: true }
  | { readonly bytes: Uint8Array; readonly stats: Stats; readonly readAt: Date }
  | { readonly finding: Finding };

/** `now` is asked while the file is open: writes after that instant are seen by their times. */
export function readFile(path: string, now: () => Date): FileRead {
  let descriptor: number;
  try {
    // Not blocking: between looking and opening the file may have become a FIFO.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { gone: true } : { finding: unreadable(error) };
  }
  try {
    return readDescriptor(descriptor, now);
  } catch (error) {
    return { finding: unreadable(error) };
  } finally {
    closeSync(descriptor);
  }
}

function readDescriptor(descriptor: number, now: () => Date): FileRead {
  const before = fstatSync(descriptor);
  if (!before.isFile()) return { finding: notRegular() };
  if (before.size > largestFile) return { finding: tooLarge(before.size) };
  const readAt = now();
  const bytes = readBytes(descriptor, before.size);
  const after = fstatSync(descriptor);
  if (bytes === null || !isSameFile(before, after)) return { finding: changing() };
  return { bytes, stats: after, readAt };
}

/** Null when the file does not hold exactly the `size` bytes that it was said to hold. */
function readBytes(descriptor: number, size: number): Uint8Array | null {
  // A byte more than it was said to hold: what was added since shows, without asking for more than once.
  const buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  do {
    const amount = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (amount === 0) break;
    length += amount;
  } while (length < size);
  return length === size ? buffer.subarray(0, size) : null;
}

/** The part of a file's stats that moves when its content may have. */
export type FileMark = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/**
 * Never by the inode alone (a file created again often gets the same one) and never by times alone (a
 * checkout may restore an older one).
 */
export function isSameFile(a: FileMark, b: FileMark): boolean {
  return (
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.dev === b.dev
  );
}
