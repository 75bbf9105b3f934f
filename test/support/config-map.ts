// What the kubelet does to the volume of a ConfigMap, a Secret or a projection: all files in a folder
// named by the time, one link that is swapped to it, and links that lead through that one.
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { writeFile } from './command.ts';

/** File contents by path; only a projected volume has paths with a slash. */
export type Payload = Readonly<Record<string, string>>;

export interface ConfigMapVolume {
  /** Replaces all that the volume shows, in the kubelet's order of steps. */
  update(payload: Payload): void;
}

/** `now` is what the folders are named by. */
export function configMapVolume(dir: string, now: () => Date = () => new Date()): ConfigMapVolume {
  const data = join(dir, '..data');

  function update(payload: Payload): void {
    const former = targetOf(data);
    const folder = mkdtempSync(join(dir, `..${stamp(now())}.`));
    chmodSync(folder, 0o755);
    for (const [path, content] of Object.entries(payload)) writeFile(folder, path, content);
    symlinkSync(basename(folder), join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), data);
    // Of a path with folders, only the outermost is a link.
    const shown = new Set(Object.keys(payload).map((path) => path.split('/')[0] ?? path));
    for (const name of shown) {
      if (!isThere(join(dir, name))) symlinkSync(join('..data', name), join(dir, name));
    }
    for (const name of readdirSync(dir)) {
      if (!name.startsWith('..') && !shown.has(name)) rmSync(join(dir, name));
    }
    if (former !== null) rmSync(join(dir, former), { recursive: true });
  }

  return { update };
}

function stamp(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-T:]/g, '_');
}

function targetOf(link: string): string | null {
  return isThere(link) ? readlinkSync(link) : null;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
