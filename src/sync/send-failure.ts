// Why a change was not confirmed, and what that says about trying again.
import { ApiError, type StateError } from '../errors.ts';

export type SendFailure = ApiError | StateError;

/** The key is refused: nothing else can be sent either. */
export function isAccountWide(error: Error): boolean {
  return error instanceof ApiError && error.scope === 'account';
}

/** A record that could not be written may be written later: disks fill up and are emptied again. */
export function isWorthRetrying(error: SendFailure): boolean {
  return !(error instanceof ApiError) || error.retry === 'later';
}
