import { expect, test } from 'vitest';
import { ApiError } from '../../../src/base/errors.ts';
import {
  inSlot,
  type RequestOutcome,
  requestOutcomeOf,
} from '../../../src/sync/rate/request-outcome.ts';
import { apiError, keyRefused } from '../../support/changes.ts';

const later = (status: number | null) => apiError({ status, retry: 'later' });
const never = (status: number | null) => apiError({ status });

test.each<[string, Error, RequestOutcome['service']]>([
  ['no answer', later(null), 'down'],
  ['a request that took too long', later(408), 'down'],
  ['a request that came too early', later(425), 'down'],
  ['too many requests', later(429), 'limited'],
  ['a fault of the server', later(500), 'down'],
  ['a proxy without a server', later(502), 'down'],
  ['a server that is shut', later(503), 'down'],
  ['a confirmation that cannot be read', later(200), 'down'],
  ['a success that confirms nothing', later(202), 'down'],
  ['a body that is refused', never(422), 'up'],
  ['a widget that is not there', never(404), 'up'],
  ['a key that is refused', keyRefused, 'up'],
  ['a key that was refused and has been replaced since', later(401), 'up'],
  ['a redirect, which anybody in between may give', later(302), 'down'],
  ['a 304, which a cache gives', later(304), 'down'],
  ['a bug', new TypeError('not part of the game'), 'unclear'],
])('%s', (_, error, service) => {
  expect(requestOutcomeOf(error, 'w1', new AbortController().signal).service).toBe(service);
});

test.each([
  ['nothing', null, 'unclear'],
  ['what its answer says, where one came first', 503, 'down'],
])('a request that was called back says %s', (_, status, service) => {
  expect(requestOutcomeOf(later(status), 'w1', AbortSignal.abort()).service).toBe(service);
});

test('an answer and a failure reach both the leave and whoever asked', async () => {
  const seen: RequestOutcome[] = [];
  const slot = { ended: (outcome: RequestOutcome) => void seen.push(outcome) };
  const asking = { slot, about: 'w1', signal: new AbortController().signal };
  const error = later(503);
  expect(await inSlot(asking, Promise.resolve('answer'))).toBe('answer');
  await expect(inSlot(asking, Promise.reject(error))).rejects.toBeInstanceOf(ApiError);
  expect(seen).toEqual([{ service: 'up' }, { service: 'down', error, about: 'w1' }]);
});
