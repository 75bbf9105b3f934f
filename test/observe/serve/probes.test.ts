import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError, UsageError } from '../../../src/base/errors.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { nothingLive } from '../../../src/model/plan.ts';
import { graceMs, Liveness } from '../../../src/observe/status/liveness.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { viewsOf } from '../../plan/fixtures.ts';
import { ask } from '../../support/ask-over-wire.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openWorld, planMade } from './world.ts';

const passed = planMade(viewsOf({ live: nothingLive }));
const failed = (message: string): SyncEvent => ({
  kind: 'work-failed',
  work: 'pass',
  error: new UsageError(message),
  trigger: 'start',
  retryInMs: 1000,
});
const refused: SyncEvent = {
  kind: 'sending-halted',
  error: new ApiError('the key is refused (401)', { status: 401 } as never),
  isFinal: false,
};
const outage: SyncEvent = {
  kind: 'outage-began',
  error: new ApiError('503', { status: 503 } as never),
  failures: 9,
  since: new Date(0),
  nextTryInMs: 1000,
};

describe('/readyz', () => {
  test.each([
    ['before a pass', [], 'not ready: no pass has gone through yet\n'],
    ['while passes fail', [failed('no directory')], 'not ready: no directory\n'],
    ['after a pass', [failed('no directory'), passed], null],
    ['while the key is refused', [passed, refused], 'not ready: the key is refused (401)\n'],
    ['with another key', [passed, refused, { kind: 'sending-resumed' }], null],
    ['in an outage', [passed, outage], null],
    ['when a later pass fails', [passed, failed('git')], null],
    ['with a reason of two lines', [failed('a\nb')], 'not ready: a b\n'],
  ] as const)('%s', async (_, events, reason) => {
    const { url, hear } = await openWorld();
    for (const event of events) hear(event);
    const told = reason === null ? [200, 'ready\n'] : [503, reason];
    const { status, text } = await ask(url, '/readyz', { headers: { host: '10.1.2.3:8080' } });
    expect([status, text]).toEqual(told);
  });

  test('does not tell a key', async () => {
    onTestFinished(registerSecret('in-registered-Key1'));
    const { url, hear } = await openWorld();
    hear(failed('no in-registered-Key1 here'));
    expect((await ask(url, '/readyz')).text).toBe('not ready: no [api key] here\n');
  });
});

test('/healthz is 200 while something happens, or may not start yet', async () => {
  const clock = new FakeClock();
  const limiter = { wait: null as null | { reason: 'rate'; forMs: number } };
  const quietMs = 60_000;
  const liveness = new Liveness({ clock, limiter: limiter as never, quietMs });
  const { url } = await openWorld({ deps: { liveness } });
  const health = async () => {
    const { status, text } = await ask(url, '/healthz');
    return [status, text];
  };
  await clock.advance(graceMs + quietMs);
  expect(await health()).toEqual([200, 'ok\n']);
  await clock.advance(60_000);
  expect(await health()).toEqual([503, 'no sign of work for 7 min\n']);
  limiter.wait = { reason: 'rate', forMs: 1 };
  expect(await health()).toEqual([200, 'ok\n']);
  limiter.wait = null;
  liveness.hear({ kind: 'sweep-ended' });
  expect(await health()).toEqual([200, 'ok\n']);
});
