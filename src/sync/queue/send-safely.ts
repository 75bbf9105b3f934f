// A bug that is met while one widget is sent is that widget's failure: the others go on.
import type { Attempt } from '../../model/outcome.ts';
import { UnexpectedError } from '../../model/send-failure.ts';
import type { SendRequest } from './queue-deps.ts';

/** Sends, and never throws. */
export async function sendSafely(
  send: (request: SendRequest) => Promise<Attempt>,
  request: SendRequest,
): Promise<Attempt> {
  try {
    return await send(request);
  } catch (bug) {
    return { status: 'failed', error: new UnexpectedError(bug) };
  }
}
