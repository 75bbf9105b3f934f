// Trouble that the system may give any program, wherever that meets it: no bug of this one.
import { codeOf } from '../base/errors.ts';

/** Says what is wrong and what to do; null for everything else. */
export function describeSystemTrouble(error: unknown): string | null {
  switch (codeOf(error)) {
    case 'EMFILE':
      return 'too many files are open: raise the limit of this process (ulimit -n)';
    case 'ENFILE':
      return 'too many files are open on this system';
    case 'ENOENT':
      return (error as NodeJS.ErrnoException).syscall === 'uv_cwd'
        ? 'the current directory does not exist any more: change to one that does'
        : null;
    default:
      return null;
  }
}
