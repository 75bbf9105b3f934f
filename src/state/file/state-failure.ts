// Errors of the file system about the state directory, in words that say what to do.
import { codeOf, messageOf, StateError } from '../../base/errors.ts';

/** `what` names what could not be done, with the path: `cannot write /state/widgets/….json`. */
export function stateFailure(what: string, error: unknown): StateError {
  const advice = adviceFor(codeOf(error));
  return new StateError(`${what}: ${advice} (${messageOf(error)})`, { cause: error });
}

function adviceFor(code: string | null): string {
  switch (code) {
    case 'EROFS':
      return 'the file system is read-only; mount it writable, or give --state another directory';
    case 'EACCES':
    case 'EPERM':
      return `permission denied to ${whoAmI()}; change its owner or mode, or give --state another directory`;
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a file stands where a directory is needed; remove it, or give --state another directory';
    case 'EISDIR':
      return 'a directory, or a pipe or device, stands where a file is needed; remove it';
    case 'EBUSY':
      return 'something is mounted where a file is needed; unmount it';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space is left; free some, or give --state another directory';
    case 'EFBIG':
      return 'a file would be larger than this process may make one; raise the limit (ulimit -f)';
    case 'ENOENT':
      return 'it is not there and cannot be made; give --state another directory';
    default:
      return 'it cannot be used; mend the cause, or give --state another directory';
  }
}

function whoAmI(): string {
  const uid = process.getuid?.();
  return uid === undefined ? 'this user' : `user ${uid}`;
}
