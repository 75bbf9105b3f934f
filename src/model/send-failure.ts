// Why a change was not confirmed, and what that says about trying again.
import { ApiError, messageOf, StateError } from '../base/errors.ts';

/** A bug that was met while one widget was handled: it concerns that widget alone, and fails the command. */
export class UnexpectedError extends Error {
  override name = 'UnexpectedError';

  constructor(bug: unknown) {
    super(`unexpected error; this is a bug: ${messageOf(bug)}`, { cause: bug });
  }
}

export type SendFailure = ApiError | StateError | UnexpectedError;

/** The key is refused: nothing else can be sent either. */
export function isAccountWide(error: Error): boolean {
  return error instanceof ApiError && error.scope === 'account';
}

/** A record that could not be written may be written later: disks fill up and are emptied again. */
export function isWorthRetrying(error: SendFailure): boolean {
  return error instanceof ApiError ? error.retry === 'later' : error instanceof StateError;
}

/** The status of a success whose body could not be read: what was asked for may be done. Null for any other end. */
export function unreadStatusOf(error: SendFailure): number | null {
  const status = error instanceof ApiError ? error.status : null;
  return status !== null && status >= 200 && status < 300 ? status : null;
}
