// What people were told of the accounts of one process, such as that one is not followed: beside the states of
// the accounts, none of which may be there or be this process's.
import { join } from 'node:path';
import { makeDirectory } from '../../../base/atomic-file.ts';
import type { Announcement } from '../../../model/notify/notification.ts';
import { formatAnnouncements, parseAnnouncements } from '../../announcement-format.ts';
import { stateFailure } from '../state-failure.ts';
import { readStateFile, replaceStateFile } from '../state-file.ts';

/** Of which accounts. */
export interface NotifiedOf {
  /** That holds the states of all of them. */
  readonly directory: string;
  /** The absolute path of the file that names them: what another one's process has told is not its own. */
  readonly file: string;
}

// No account and no state of one process has such a file.
const pathIn = (directory: string) =>
  [join(directory, 'notified-accounts.json'), 'what was notified of accounts,'] as const;

/** Of a damaged file none: what lasts is told again. Throws `StateError`. */
export async function readNotifiedAccounts(of: NotifiedOf): Promise<readonly Announcement[]> {
  const text = await readStateFile(...pathIn(of.directory));
  return (text === null ? null : parseAnnouncements(text, `accounts:${of.file}`)) ?? [];
}

/** Throws `StateError`. */
export async function writeNotifiedAccounts(
  { directory, file }: NotifiedOf,
  announcements: readonly Announcement[],
): Promise<void> {
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw stateFailure(`cannot make the state directory ${directory}`, error);
  }
  const text = formatAnnouncements(announcements, `accounts:${file}`);
  await replaceStateFile(...pathIn(directory), text);
}
