// Carries out the faults that can happen between a client and the API. Decides nothing by itself: a rule or
// the hook says which request is to suffer what.
import { STATUS_CODES } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { systemClock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { SandboxRequest } from '../request-log.ts';
import type { RuleFault, StatusBody, StatusFault } from './fault-rules.ts';
import type { Exchange } from './spoil-response.ts';
import { spoil } from './spoil-response.ts';

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
  | Ending
  /** The faults that a rule can ask for, its own words for the above included. */
  | Exclude<RuleFault, { readonly kind: 'delay' }>;

/**
 * Asked once for every request for which no rule fires, after its body was read. `undefined` means: no
 * fault.
 */
export type FaultHook = (request: SandboxRequest) => Fault | undefined | Promise<Fault | undefined>;

/** The answer to a request that suffers `fault`; `noAnswer` when it gets none, or has got it already. */
export async function answer(fault: Fault | undefined, exchange: Exchange): Promise<Response> {
  if (fault === undefined) return exchange.handle('as-usual');
  switch (fault.kind) {
    case 'delay':
      await systemClock.sleep(fault.delayMs, exchange.closing);
      return exchange.closing.aborted ? noAnswer : exchange.handle('as-usual');
    case 'store-then':
      await exchange.handle('as-usual');
      return end(fault.ending, exchange);
    case 'lost-answer':
      await exchange.handle('as-usual');
      return end(lostEnding(fault.status), exchange);
    case 'not-stored':
      return exchange.handle(fault.echo === 'unchanged' ? 'ignore-write' : 'pretend-write');
    case 'stale':
      return exchange.handle('show-former');
    case 'status':
      return end(statusEnding(fault, systemClock.now()), exchange);
    case 'limit':
      return end(statusEnding({ kind: 'status', status: 429 }, systemClock.now()), exchange);
    case 'redirect': {
      const location = `${fault.to ?? ''}${exchange.incoming.url}`;
      return end({ kind: 'answer', status: fault.status, headers: { location } }, exchange);
    }
    case 'refuse':
      exchange.incoming.socket.resetAndDestroy();
      exchange.refuseConnections(fault.forMs);
      return noAnswer;
    case 'answer':
    case 'reset':
    case 'hang':
      return end(fault, exchange);
    default:
      return (await spoil(fault, exchange)) ?? noAnswer;
  }
}

/** Tells the server that there is nothing to send. */
export const noAnswer: Response = RESPONSE_ALREADY_SENT;

function lostEnding(status: number | undefined): Ending {
  if (status === undefined) return { kind: 'reset' };
  return statusEnding({ kind: 'status', status }, systemClock.now());
}

function statusEnding(fault: StatusFault, now: Date): Ending {
  const { status, retryAfter, retryAfterDate } = fault;
  const date = retryAfterDate === undefined ? undefined : httpDate(now, retryAfterDate);
  const wait = retryAfter ?? date;
  const headers = wait === undefined ? {} : { 'retry-after': wait };
  const phrase = STATUS_CODES[status] ?? 'Unknown';
  const body: StatusBody = fault.body ?? (status >= 500 ? 'html' : 'json');
  switch (body) {
    case 'json':
      return { kind: 'answer', status, headers, body: { detail: phrase } };
    case 'empty':
      return { kind: 'answer', status, headers };
    case 'html': {
      const title = `${status} ${phrase}`;
      const page = `<html>\n<head><title>${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`;
      const asHtml = { ...headers, 'content-type': 'text/html' };
      return { kind: 'answer', status, headers: asHtml, body: page };
    }
  }
}

function httpDate(now: Date, inSeconds: number): string {
  return new Date(now.getTime() + inSeconds * 1000).toUTCString();
}

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
  const init = { status, headers: { ...headers } };
  if (bodiless.has(status)) return new Response(null, init);
  return typeof body === 'object' ? Response.json(body, init) : new Response(body ?? null, init);
}

/** HTTP knows no body for these, and Response refuses one. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
