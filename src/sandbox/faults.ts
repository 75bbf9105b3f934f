// What can go wrong between a client and the API, on demand. Decides nothing by itself: the hook
// says which request is to suffer what.
import type { IncomingMessage } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { systemClock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { SandboxRequest } from './request-log.ts';

/** How a request ends when it does not end as the API would end it. */
export type Ending =
  /** Text is sent as it is; an object as JSON. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | JsonObject;
    }
  /** The connection is reset (RST) without a byte of an answer. */
  | { readonly kind: 'reset' }
  /** No answer until the client, or the sandbox, closes the connection. */
  | { readonly kind: 'hang' };

export type Fault =
  /** Handled after a while, even when the client has gone away by then. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Handled as usual, but the client is told otherwise: a confirmation that got lost. */
  | { readonly kind: 'store-then'; readonly ending: Ending }
  /** Not handled: nothing is stored. */
  | Ending;

/** Asked once for every request, after its body was read. `undefined` means: no fault. */
export type FaultHook = (request: SandboxRequest) => Fault | undefined | Promise<Fault | undefined>;

export interface Exchange {
  readonly incoming: IncomingMessage;
  /** Does what the API does with this request. */
  handle(): Response | Promise<Response>;
  /** Aborted when the client is gone. */
  readonly disconnected: AbortSignal;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** The answer to a request that suffers `fault`; `noAnswer` when it gets none. */
export async function answer(fault: Fault | undefined, exchange: Exchange): Promise<Response> {
  switch (fault?.kind) {
    case undefined:
      return exchange.handle();
    case 'delay':
      await systemClock.sleep(fault.delayMs, exchange.closing);
      return exchange.closing.aborted ? noAnswer : exchange.handle();
    case 'store-then':
      await exchange.handle();
      return end(fault.ending, exchange);
    case 'answer':
    case 'reset':
    case 'hang':
      return end(fault, exchange);
  }
}

/** Tells the server that there is nothing to send. */
export const noAnswer: Response = RESPONSE_ALREADY_SENT;

async function end(ending: Ending, exchange: Exchange): Promise<Response> {
  switch (ending.kind) {
    case 'answer':
      return toResponse(ending);
    case 'reset':
      exchange.incoming.socket.resetAndDestroy();
      return noAnswer;
    case 'hang':
      await aborted(exchange.disconnected);
      return noAnswer;
  }
}

function toResponse({ status, headers, body }: Extract<Ending, { kind: 'answer' }>): Response {
  return typeof body === 'object'
    ? Response.json(body, { status, headers: { ...headers } })
    : new Response(body ?? null, { status, headers: { ...headers } });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
