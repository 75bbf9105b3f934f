// The one place where it is decided what a response, or the lack of one, means: confirmed, to be
// tried later, or never. Pure; decides from status and shape, never from the wording of a message.
import { STATUS_CODES } from 'node:http';
import { ApiError, type ApiErrorFacts } from '../base/errors.ts';
import { isJsonObject, parseJson } from '../base/json/json.ts';
import {
  describeAnswer,
  describeCause,
  describeFailure,
  describeRedirect,
  describeRefusal,
} from './describe-response.ts';
import type { Answer, ApiRequest, Failure } from './exchange.ts';
import { explain } from './parse-error-body.ts';
import { type DataReader, foreignEnvelope } from './read-data.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The facts of the request that judge its answer. */
export interface Asked {
  readonly request: ApiRequest;
  /** Whom the request was sent to, for messages. */
  readonly host: string;
  readonly receivedAt: Date;
  /** Another key came into force while the request was on its way. */
  readonly keyReplaced: boolean;
  /** Where the key comes from, as `ApiKey` has it; absent or null: the variables of one account. */
  readonly keySetting?: string | null;
  /** See `WidgetApiOptions`; without it, `later`. */
  readonly movedForGood?: 'later' | 'never';
}

/** Gives what `read` makes of the `data` of a success; everything else is an error. */
export function classify<Value>(
  result: Answer | Failure,
  asked: Asked,
  read: DataReader<Value>,
): Value | ApiError {
  const { request, host } = asked;
  if (result.kind !== 'answer') return later(describeFailure(result, request, host), null);
  if (isSuccess(result.status)) return classifySuccess(result, asked, read);
  if (isRedirect(result.status)) return classifyRedirect(result, asked);
  if (isWorthRepeating(result.status)) {
    const message = `${describeAnswer(result, request)}${reason(result)}`;
    return later(message, result.status, retryAfterOf(result, asked));
  }
  return classifyRefusal(result, asked);
}

/** Created, accepted or without content: whatever the API calls it, it has taken the request. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** RFC 9110: too slow, too early, too often, or the server's own trouble; a 1xx is no answer yet. */
function isWorthRepeating(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500 || status < 200;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/**
 * Never followed, and no refusal either: a proxy may send everybody elsewhere for a few seconds, and a
 * write that a daemon gave up for that would wait for the next resync. Who has a person waiting may
 * take a server at its word that it has moved for good.
 */
function classifyRedirect(answer: Answer, { movedForGood = 'later' }: Asked): ApiError {
  const message = describeRedirect(answer);
  const isForGood = answer.status === 301 || answer.status === 308;
  return isForGood && movedForGood === 'never'
    ? never(message, answer)
    : later(message, answer.status);
}

function classifySuccess<Value>(
  answer: Answer,
  { request }: Asked,
  read: DataReader<Value>,
): Value | ApiError {
  const { status, body } = answer;
  const unreadable = (why: string) =>
    later(`${describeAnswer(answer, request)}, but ${why}`, status);
  if (typeof body !== 'string') {
    const { kind } = body;
    if (kind === 'garbled') return unreadable(body.why);
    return unreadable(`its body did not arrive whole: ${describeCause(body)}`);
  }
  // An API that has nothing to say may say it with nothing, with null, or with an empty object.
  if (body.trim() === '' && request.kind !== 'put') return unreadable('its body is empty');
  const envelope = /^\s*(null\s*)?$/.test(body) ? {} : parseJson(body);
  if (!isJsonObject(envelope)) return unreadable('its body is not a JSON object');
  const { data, message, meta, ...others } = envelope;
  // A proxy or a portal in between may answer 200 with words of its own.
  if (data === undefined && Object.keys(others).length > 0)
    return unreadable(foreignEnvelope.unreadable);
  const found = read(data, status);
  return 'unreadable' in found ? unreadable(found.unreadable) : found.value;
}

function classifyRefusal(answer: Answer, asked: Asked): ApiError {
  const { status } = answer;
  if (status === 401 || status === 403) return classifyKey(answer, asked);
  return never(`${describeRefusal(answer, asked.request)}${reason(answer)}`, answer);
}

function classifyKey(answer: Answer, { request, keyReplaced, keySetting }: Asked): ApiError {
  const { status } = answer;
  // Without this, a late answer to the old key would stop the queue after the key was corrected.
  if (keyReplaced) {
    return later(`The API refused the key (${status}), which has been replaced since`, status);
  }
  const message = `${describeRefusal(answer, request)}${reason(answer)}`;
  // A key that may not read may still write, and one that may not write this widget others.
  if (status === 403) {
    return never(
      request.kind === 'put'
        ? `${message}. ${forbiddenAdvice(keySetting ?? variables.both)}`
        : message,
      answer,
    );
  }
  return never(`${message}. Check ${keySetting ?? variables.either}.`, answer, 'account');
}

const variables = {
  either: 'INSIGHTO_API_KEY or the file that INSIGHTO_API_KEY_FILE names',
  both: 'INSIGHTO_API_KEY or INSIGHTO_API_KEY_FILE',
} as const;

function forbiddenAdvice(setting: string): string {
  return `Check what the key in ${setting} may do; where other widgets are written, a firewall on the way may object to what this one holds.`;
}

function later(message: string, status: number | null, retryAfterMs: number | null = null) {
  const facts: ApiErrorFacts = {
    status,
    retry: 'later',
    scope: 'widget',
    retryAfterMs,
    refusedFields: [],
  };
  return new ApiError(message, facts);
}

function never(message: string, answer: Answer, scope: 'widget' | 'account' = 'widget'): ApiError {
  return new ApiError(message, {
    status: answer.status,
    retry: 'never',
    scope,
    retryAfterMs: null,
    refusedFields: bodyOf(answer).refusedFields,
  });
}

function retryAfterOf(answer: Answer, asked: Asked): number | null {
  return answer.retryAfter === null ? null : parseRetryAfter(answer.retryAfter, asked.receivedAt);
}

/** The status alone decides about a refusal: a body that broke off takes away only the explanation. */
function bodyOf(answer: Answer) {
  return explain(typeof answer.body === 'string' ? answer.body : '');
}

/** `: …`, ready to be appended, or nothing where the body only repeats what the status says. */
function reason(answer: Answer): string {
  const text = bodyOf(answer).text.replace(/[.\s]+$/, '');
  return text === '' || text === STATUS_CODES[answer.status] ? '' : `: ${text}`;
}
