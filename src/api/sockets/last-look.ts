// The last look before a request leaves. Between leave to send and the sending a connection may be made, or the
// whole process may stand still: only here is it certain that nothing lies in between.
import type { Dispatcher } from 'undici';
import { TenureLostError } from '../../base/errors.ts';

export interface LastLook {
  /**
   * Asked once a connection is free, in the same turn in which the request is written to its socket. Where it
   * says no, nothing is written, and the request fails with `TenureLostError`.
   */
  readonly mayLeave: () => boolean;
}

const heldBackWords = 'nothing has confirmed it for too long, and a request was held back';

/**
 * undici's HTTP/1.1 client calls `onRequestStart` and writes in one synchronous function, and a handler that
 * throws there keeps the request from the socket, which stays open (`writeH1` in its `client-h1.js`).
 */
export const lookLast: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) =>
  (
    options: Dispatcher.DispatchOptions & Partial<LastLook>,
    handler: Dispatcher.DispatchHandler,
  ) => {
    const { mayLeave } = options;
    if (mayLeave === undefined) return dispatch(options, handler);
    return dispatch(options, {
      onRequestStart(controller, context) {
        if (!mayLeave()) throw new TenureLostError(heldBackWords);
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
      onResponseError: (...told) => handler.onResponseError?.(...told),
    });
  };
