// One request on the pool and what came of it, as a value: never an error of the transport, since those may
// carry the URL, and never longer than its deadline.
import { setImmediate } from 'node:timers/promises';
import { type Dispatcher, errors } from 'undici';
import type { Clock } from '../base/clock.ts';
import { codeOf, TenureLostError } from '../base/errors.ts';
import type { Answer, Failure, NetworkFailure } from './exchange.ts';
import { readBody } from './read-body.ts';
import type { Connections } from './sockets/http-pool.ts';
import type { LastLook } from './sockets/last-look.ts';

export interface Limits extends Partial<LastLook> {
  readonly clock: Clock;
  /** For the whole request, connecting included. */
  readonly timeoutMs: number;
  /** Answers of which nothing but the head is waited for; default: none. */
  readonly isHeadEnough?: (status: number) => boolean;
}

/** Rejects with `TenureLostError` alone, where `mayLeave` has held the request back. */
export async function askOnce(
  message: Dispatcher.RequestOptions,
  { dispatcher, lookingDispatcher, giveUp }: Connections,
  limits: Limits,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const { mayLeave } = limits;
  const through = mayLeave === undefined ? dispatcher : lookingDispatcher;
  const looked = mayLeave === undefined ? message : { ...message, mayLeave };
  return await withDeadline({ ...limits, giveUp }, signal, (cut) =>
    exchange(through, { ...looked, signal: cut }, limits),
  );
}

/** One request and its answer, the body read to its end, so that the socket is free again. Rejects as `askOnce`. */
async function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
  { isHeadEnough }: Pick<Limits, 'isHeadEnough'>,
): Promise<Answer | Failure> {
  try {
    const { statusCode, headers, body } = await dispatcher.request(request);
    const bytes = await (isHeadEnough?.(statusCode)
      ? leaveUnread(body)
      : body.bytes().catch(toFailure));
    // undici gives a connection back one turn of the event loop after the body ends. A request made
    // before that would open another one.
    await setImmediate();
    return {
      kind: 'answer',
      status: statusCode,
      retryAfter: single(headers['retry-after']),
      location: single(headers['location']),
      body: 'kind' in bytes ? bytes : await readBody(bytes, joined(headers['content-encoding'])),
    };
  } catch (error) {
    if (error instanceof TenureLostError) throw error;
    return toFailure(error);
  }
}

/** Its socket is given up with it: another one is cheaper than one that a server keeps open. */
function leaveUnread(body: Dispatcher.ResponseData['body']): Uint8Array {
  // That it was broken off is what this asks for, and an event that nobody hears would be thrown.
  body.on('error', () => {});
  body.destroy();
  return new Uint8Array();
}

function single(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

function joined(header: string | string[] | undefined): string | null {
  return header === undefined ? null : [header].flat().join(', ');
}

/** Only the code is kept of an error of the transport: message, cause and stack may hold the URL. */
function toFailure(error: unknown): NetworkFailure {
  const code = error instanceof errors.HTTPParserError ? error.name : codeOf(error);
  // undici says a proxy's refusal in words only; the number in them serves the message, no decision.
  const refusal = error instanceof Error ? /^Proxy response \((\d{3})\)/.exec(error.message) : null;
  return { kind: 'network', code, proxyStatus: refusal === null ? null : Number(refusal[1]) };
}

interface Cut extends Limits, Pick<Connections, 'giveUp'> {}

/**
 * The result of the work, or the reason it was cut off. Races with the work instead of waiting for
 * it to notice the signal: undici does not, as long as a connection is being made.
 */
async function withDeadline<Result>(
  { clock, timeoutMs, giveUp }: Cut,
  signal: AbortSignal,
  work: (cut: AbortSignal) => Promise<Result>,
): Promise<Result | Failure> {
  if (signal.aborted) return { kind: 'aborted' };
  const cut = new AbortController();
  const finished = new AbortController();
  const { promise: abandoned, resolve: abandon } = withResolver<Failure>();
  const end = (why: Failure) => {
    abandon(why);
    giveUp(cut);
  };
  const onAbort = () => end({ kind: 'aborted' });
  // A listener, not AbortSignal.any: the caller's signal may live as long as the daemon.
  signal.addEventListener('abort', onAbort);
  void clock.sleep(timeoutMs, finished.signal).then(() => {
    if (!finished.signal.aborted) end({ kind: 'timeout', timeoutMs });
  });
  try {
    return await Promise.race([work(cut.signal), abandoned]);
  } finally {
    finished.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

function withResolver<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
