// What an answer of the API says of the content that was sent.
import type { FailedStatus } from './status-record.ts';

/** When a content that was refused is tried again. */
export const untilWords = 'the same content is not sent again before a full resync or SIGHUP';

/** The status by which the API has refused the content itself; null where the same may succeed later. */
export function refusalOf(failed: Pick<FailedStatus, 'httpStatus'> | undefined): number | null {
  const httpStatus = failed?.httpStatus ?? null;
  const isOfRequest = httpStatus !== null && httpStatus >= 400 && httpStatus < 500;
  // The request came too late, or there were too many of them.
  return isOfRequest && httpStatus !== 408 && httpStatus !== 429 ? httpStatus : null;
}
