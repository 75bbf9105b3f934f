// Which file systems send no event when another machine, or another layer, has changed a file.
import { statfsSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';

/** By the magic numbers of statfs(2). */
const silent = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x794c7630, 'overlay'],
  [0x786f4256, 'vboxsf'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
]);

/** The name of such a file system; null for one whose events can be trusted, or that cannot be asked. */
export function silentFileSystem(path: string): string | null {
  try {
    // Magic numbers are 32 bits without a sign, and some systems give them with one.
    return silent.get(statfsSync(path).type >>> 0) ?? null;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}
