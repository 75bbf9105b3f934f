// Why something cannot be watched, and what a person can do about it.
import { printable } from '../../base/text.ts';

export function unseen(folder: string): string {
  return `${printable(folder)} may not be listed by this user, so that changes in it are not seen at once`;
}

export function isForbidden(code: string | null): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

export function isExhausted(code: string | null): boolean {
  return code === 'ENOSPC' || code === 'EMFILE';
}

export function limitOf(code: string | null): string {
  return code === 'EMFILE'
    ? 'fs.inotify.max_user_instances, or the limit of open files'
    : 'fs.inotify.max_user_watches';
}
