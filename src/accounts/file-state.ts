// What tells the state of a file or a folder from each other one that it was in.
import { statSync } from 'node:fs';

/** Throws the file system's error. */
export function fileState(path: string): string {
  // stat follows links: what Kubernetes or git-sync publish is renewed by swapping a link.
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
