// Temporary directories are in memory where the machine has some to spare: a disk makes tests wait, for
// milliseconds at each file that is written over or synced, and that shows nothing. Tests of how changes
// of files are noticed stay on the disk, whose inodes and times they are about, and so does the soak.
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { inSoak } from './soak.ts';

const aboutFiles =
  /\/test\/(documents\/(tree|watch|widget-directory)|e2e\/(editors|edits|published-(trees|fragments)|fragment-edits)\.)/;
/** Linux has it everywhere; a container may have been given a few megabytes. */
const memory = '/dev/shm';
const leastFreeBytes = 2 ** 30;

/** A process of tests runs one file after the other, and has to find the disk again. */
const variable = 'TMPDIR_ON_DISK';
const disk = process.env[variable] ?? tmpdir();
process.env[variable] = disk;

const isOnDisk = inSoak || aboutFiles.test(expect.getState().testPath ?? '') || !hasRoom(memory);
process.env['TMPDIR'] = isOnDisk ? disk : memory;

function hasRoom(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= leastFreeBytes;
  } catch {
    return false;
  }
}
