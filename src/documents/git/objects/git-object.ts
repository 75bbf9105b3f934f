// One object of git, and how much of one is read.
import { createHash } from 'node:crypto';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Buffer;
}

/** No widget file, no list of files and no commit comes near to it. */
export const largestObject = 32 * 1024 * 1024;

/** The id (hexadecimal) of an object; hashes of 20 bytes are SHA-1, those of 32 SHA-256. */
export function idOf(type: ObjectType, bytes: Uint8Array, hashLength: number): string {
  const hash = createHash(hashLength === 32 ? 'sha256' : 'sha1');
  return hash.update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
}
