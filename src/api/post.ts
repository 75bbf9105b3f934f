// One POST to an address that is a secret, such as the webhook of a chat, and what came of it in words that
// do not name it. Has sockets of its own: whatever these addresses do, the API's connections are free.
import { STATUS_CODES } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import { count } from '../base/text.ts';
import { askOnce } from './ask-once.ts';
import { describeCause } from './describe-response.ts';
import type { Answer, Failure } from './exchange.ts';
import { safeLine } from './parse-error-body.ts';
import { parseRetryAfter } from './retry-after.ts';
import { openSockets } from './sockets/http-pool.ts';
import { chooseProxy } from './sockets/proxy.ts';

export interface Post {
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type PostResult =
  | { readonly isTaken: true; readonly says: string }
  | {
      readonly isTaken: false;
      /** What happened, as the end of a sentence; without the address. */
      readonly says: string;
      /** `never`: the same post will not be taken later either. */
      readonly retry: 'later' | 'never';
      /** How long the receiver asks to wait. */
      readonly retryAfterMs: number | null;
    };

export interface Poster {
  /** Never rejects. Redirects are not followed: the address would be told to whoever they name. */
  post(post: Post, signal: AbortSignal): Promise<PostResult>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export interface PosterOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly version: string;
  /** For one whole request. */
  readonly timeoutMs: number;
}

export function openPoster({ env, clock, version, timeoutMs }: PosterOptions): Poster {
  const sockets = openSockets(timeoutMs);
  return {
    async post({ address, headers, body }, signal) {
      const proxy = proxyTo(address, env);
      if (proxy instanceof UsageError) return failed(proxy.message, 'later');
      const message = {
        origin: address.origin,
        path: `${address.pathname}${address.search}`,
        method: 'POST' as const,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'user-agent': `widget-sync/${version}`,
        },
        body,
      };
      const limits = { clock, timeoutMs, isHeadEnough: isTaken };
      const result = await askOnce(message, sockets.by(proxy), limits, signal);
      return result.kind === 'answer' ? read(result, clock.now()) : describe(result);
    },
    close: () => sockets.close(),
  };
}

function proxyTo(address: URL, env: NodeJS.ProcessEnv) {
  try {
    return chooseProxy(address, env);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function failed(says: string, retry: 'later' | 'never', retryAfterMs: number | null = null) {
  return { isTaken: false, says, retry, retryAfterMs } as const;
}

/** By the head alone: a receiver that never ends its answer has taken the message all the same. */
function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}

function read(answer: Answer, now: Date): PostResult {
  const { status, retryAfter } = answer;
  const says = `it answered ${status}${phraseOf(status)}${excerptOf(answer)}`;
  if (isTaken(status)) return { isTaken: true, says };
  // The likes of 404 and 410 end by themselves only where somebody changes the address.
  const mayPass = status >= 500 || status === 429 || status === 408 || status === 425;
  const waitMs = retryAfter === null ? null : parseRetryAfter(retryAfter, now);
  return failed(says, mayPass ? 'later' : 'never', waitMs);
}

function phraseOf(status: number): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? '' : ` ${phrase}`;
}

/** What a chat says of a message that it refuses, such as `invalid_payload`; a page of HTML says nothing. */
function excerptOf({ status, body }: Answer): string {
  if (status < 400 || typeof body !== 'string' || body.trimStart().startsWith('<')) return '';
  const line = safeLine(body);
  return line === '' ? '' : `: ${line}`;
}

function describe(failure: Failure): PostResult {
  switch (failure.kind) {
    case 'aborted':
      return failed('it was broken off', 'later');
    case 'timeout':
      return failed(`no answer came within ${count(failure.timeoutMs / 1000, 'second')}`, 'later');
    case 'network':
      return failed(`no answer came: ${describeCause(failure)}`, 'later');
  }
}
