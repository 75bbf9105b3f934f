// What people were told, as a file of the state directory.
import { join } from 'node:path';
import type { Announcement } from '../../model/notify/notification.ts';
import { formatAnnouncements, parseAnnouncements } from '../announcement-format.ts';
import type { OpenOptions } from '../state-store.ts';
import { readStateFile, replaceStateFile } from './state-file.ts';

const announcementsIn = (directory: string) =>
  [join(directory, 'notified.json'), 'what was notified,'] as const;

/** Of a damaged file none, with a warning: what lasts is told again. Throws `StateError`. */
export async function readAnnouncements({
  directory,
  apiUrl,
  warn,
}: Pick<OpenOptions, 'directory' | 'apiUrl' | 'warn'>): Promise<readonly Announcement[]> {
  const [path, what] = announcementsIn(directory);
  const text = await readStateFile(path, what);
  const read = text === null ? [] : parseAnnouncements(text, apiUrl);
  if (read === null) {
    warn('what was notified is damaged: what lasts is told again', { file: path });
  }
  return read ?? [];
}

/** Throws `StateError`. */
export async function writeAnnouncements(
  { directory, apiUrl }: Pick<OpenOptions, 'directory' | 'apiUrl'>,
  announcements: readonly Announcement[],
): Promise<void> {
  const [path, what] = announcementsIn(directory);
  await replaceStateFile(path, what, formatAnnouncements(announcements, apiUrl));
}
