import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPoster } from '../../../../src/api/post.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { forgetSecrets } from '../../../../src/base/secrets.ts';
import type { Notification } from '../../../../src/model/notify/notification.ts';
import { type DeliveryEnd, longestQueue } from '../../../../src/observe/notify/outlet/delivery.ts';
import { Notifier } from '../../../../src/observe/notify/outlet/notifier.ts';
import type { NotifyTarget } from '../../../../src/observe/notify/target.ts';
import { type Received, type Respond, startServer } from '../../../api/loopback.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { captureLog } from '../capture-log.ts';
import { messageOf, signingSecret, targetAt } from '../messages.ts';

const hour = 3_600_000;

/** One target on a real server; time for deliveries moves by hand, time for requests does not. */
async function world(respond: Respond, setting: Setting = {}) {
  const { entry, timeoutMs = 10_000, onEnd = () => {}, change = (target) => target } = setting;
  const { baseUrl, received } = await startServer(respond);
  const target = change(targetAt(`${baseUrl}/hook/of/somebody?token=abcdefgh`, entry));
  onTestFinished(forgetSecrets);
  const clock = new FakeClock();
  const { log, lines } = captureLog();
  const poster = openPoster({ env: {}, clock: systemClock, version: '1', timeoutMs });
  onTestFinished(() => poster.close());
  const ends: [string, DeliveryEnd][] = [];
  const shared = new Notifier([target], { poster, clock, log, random: () => 0 });
  const listener = {
    onEnd({ id }: Notification, end: DeliveryEnd) {
      ends.push([id, end]);
      onEnd(id);
    },
  };
  const notifier = {
    notify: (message: Notification) => shared.notify(message, listener),
    hurry: () => shared.hurry(),
    stop: (deadlineMs?: number) => shared.stop(deadlineMs),
    isWanted: shared.isWanted.bind(shared),
    get counts() {
      return shared.counts;
    },
  };
  onTestFinished(async () => {
    const stopped = notifier.stop();
    await clock.advance(5000);
    await stopped;
  });
  return { notifier, clock, received, lines, ends, target, baseUrl };
}

interface Setting {
  readonly entry?: string;
  readonly timeoutMs?: number;
  readonly onEnd?: (id: string) => void;
  readonly change?: (target: NotifyTarget) => NotifyTarget;
}

/** The network moves in between. Turns without a pause would take a processor for as long as it does not. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(1);
}

const failing: Respond = (response) => response.writeHead(500).end();
const taking: Respond = (response) => response.end('ok');

test('notifying returns at once, and messages go out one after another', async () => {
  const { notifier, received, ends } = await world(taking);
  for (const id of ['a', 'b', 'c']) notifier.notify(messageOf({ id }));
  expect(ends).toEqual([]);
  await until(() => ends.length === 3);
  expect(received).toHaveLength(3);
  expect(notifier.counts).toEqual({ sent: 3, failed: 0, dropped: 0 });
});

describe('a target that answers 500 for an hour', () => {
  test('is tried five times within a quarter of an hour, and complained of once', async () => {
    const { notifier, clock, received, lines, ends } = await world(failing);
    notifier.notify(messageOf());
    const triedAtMs: number[] = [];
    while (ends.length === 0) {
      await until(() => clock.sleeping > 0 || ends.length > 0);
      triedAtMs.push(clock.monotonicMs());
      await clock.advance(ends.length > 0 ? hour : firstWait(received));
    }
    expect(triedAtMs).toEqual([0, 10_000, 40_000, 160_000, 760_000]);
    expect(received).toHaveLength(5);
    expect(ends).toEqual([['a-message', 'failed']]);
    expect(notifier.counts).toEqual({ sent: 0, failed: 1, dropped: 0 });
    expect(lines()).toEqual([
      {
        level: 'warn',
        target: 'slack 1',
        detail: 'it answered 500 Internal Server Error',
        msg: 'a notification target fails',
      },
    ]);
  });

  test('holds messages back, drops none of them at once, and tells when it is back', async () => {
    let isDown = true;
    const { notifier, clock, received, lines, ends } = await world((response, one) =>
      (isDown ? failing : taking)(response, one),
    );
    notifier.notify(messageOf({ id: 'a' }));
    notifier.notify(messageOf({ id: 'b' }));
    await until(() => clock.sleeping > 0);
    isDown = false;
    await clock.advance(10_000);
    await until(() => ends.length === 2);
    expect(ends).toEqual([
      ['a', 'sent'],
      ['b', 'sent'],
    ]);
    expect(received).toHaveLength(3);
    expect(lines().map(({ msg }) => msg)).toEqual([
      'a notification target fails',
      'the notification target is back',
    ]);
  });
});

function firstWait({ length }: readonly Received[]): number {
  return [10_000, 30_000, 120_000, 600_000][length - 1] ?? hour;
}

test('a 429 is waited for as long as it says', async () => {
  let tries = 0;
  const { notifier, clock, received, ends } = await world((response) => {
    tries += 1;
    response.writeHead(tries === 1 ? 429 : 200, { 'retry-after': '77' }).end();
  });
  notifier.notify(messageOf());
  await until(() => clock.sleeping > 0);
  await clock.advance(76_999);
  expect(received).toHaveLength(1);
  await clock.advance(1);
  await until(() => ends.length === 1);
  expect(ends).toEqual([['a-message', 'sent']]);
});

test('a wait beyond the quarter of an hour gives the message up, and the next gets its own try', async () => {
  let tries = 0;
  const { notifier, received, ends } = await world((response) => {
    tries += 1;
    response.writeHead(tries === 1 ? 503 : 200, { 'retry-after': '901' }).end();
  });
  notifier.notify(messageOf({ id: 'a' }));
  notifier.notify(messageOf({ id: 'b' }));
  await until(() => ends.length === 2);
  expect(ends).toEqual([
    ['a', 'failed'],
    ['b', 'sent'],
  ]);
  expect(received).toHaveLength(2);
});

test('what is refused for good is not tried again', async () => {
  const { notifier, received, ends } = await world((response) => response.writeHead(404).end());
  notifier.notify(messageOf());
  await until(() => ends.length === 1);
  expect(received).toHaveLength(1);
});

test('a target that resets or hangs is tried again', async () => {
  let tries = 0;
  const { notifier, clock, received, ends, lines } = await world(
    (response) => {
      tries += 1;
      if (tries === 1) response.socket?.resetAndDestroy();
      // An answer that a busy machine gives too late is one more that hangs.
      if (tries >= 3) response.end('ok');
    },
    { timeoutMs: 500 },
  );
  notifier.notify(messageOf());
  while (ends.length === 0) {
    await until(() => clock.sleeping > 0 || ends.length > 0);
    if (ends.length === 0) await clock.advance(firstWait(received));
  }
  expect(tries).toBeGreaterThanOrEqual(3);
  expect(ends).toEqual([['a-message', 'sent']]);
  expect(lines()).toHaveLength(2);
});

test('beyond a thousand that wait, messages are dropped and counted', async () => {
  const { notifier, ends } = await world(() => {});
  for (let n = 0; n < longestQueue + 7; n += 1) notifier.notify(messageOf({ id: `${n}` }));
  expect(notifier.counts.dropped).toBe(7);
  expect(ends).toEqual(Array.from({ length: 7 }, (_, n) => [`${longestQueue + n}`, 'dropped']));
});

describe('a bug', () => {
  /** Is met with the first message only. */
  const once = () => {
    let isFirst = true;
    return () => {
      if (isFirst) {
        isFirst = false;
        throw new TypeError('nobody thought of this');
      }
    };
  };
  const hitsAddress = (): Setting => {
    const hit = once();
    return {
      change: ({ address, ...target }) => {
        const read = () => {
          hit();
          return address.read();
        };
        return { ...target, address: { read } };
      },
    };
  };
  test.each([
    ['while a message is made', hitsAddress, 'failed'],
    ['where its end is told', (): Setting => ({ onEnd: once() }), 'sent'],
  ] as const)('%s is logged, and the next message goes out', async (_, setting, first) => {
    const { notifier, ends, lines } = await world(taking, setting());
    notifier.notify(messageOf({ id: 'a' }));
    notifier.notify(messageOf({ id: 'b' }));
    await until(() => ends.length === 2);
    expect(ends).toEqual([
      ['a', first],
      ['b', 'sent'],
    ]);
    expect(lines()).toMatchObject([
      { level: 'error', target: 'slack 1', err: { message: 'nobody thought of this' } },
    ]);
  });
});

describe('at the end', () => {
  test('what waits for its next try has one more, at once', async () => {
    let isDown = true;
    const { notifier, clock, ends } = await world((response, one) =>
      (isDown ? failing : taking)(response, one),
    );
    notifier.notify(messageOf({ id: 'a' }));
    notifier.notify(messageOf({ id: 'b' }));
    await until(() => clock.sleeping > 0);
    isDown = false;
    await notifier.stop();
    expect(ends).toEqual([
      ['a', 'sent'],
      ['b', 'sent'],
    ]);
  });

  test('a target that hangs holds it up for five seconds, and what is left is dropped', async () => {
    const { notifier, clock, received, ends } = await world(() => {});
    for (const id of ['a', 'b']) notifier.notify(messageOf({ id }));
    await until(() => received.length === 1);
    const stopped = notifier.stop();
    await clock.advance(4999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    await stopped;
    expect(notifier.counts).toEqual({ sent: 0, failed: 0, dropped: 2 });
    notifier.notify(messageOf({ id: 'late' }));
    expect(ends.at(-1)).toEqual(['late', 'dropped']);
  });
});

describe('a webhook', () => {
  const entry = '{ to: webhook, url_file: url, secret_file: secret }';

  test('is signed as Standard Webhooks says, with one id over all tries', async () => {
    let tries = 0;
    const { notifier, clock, received, ends } = await world(
      (response) => {
        tries += 1;
        response.writeHead(tries === 1 ? 500 : 200).end();
      },
      { entry },
    );
    notifier.notify(messageOf({ id: 'msg_1', title: 'Grüße “α”' }));
    await until(() => clock.sleeping > 0);
    await clock.advance(10_000);
    await until(() => ends.length === 1);
    expect(received.map(verified)).toEqual([
      { id: 'msg_1', atSeconds: 1_772_352_000, title: 'Grüße “α”' },
      { id: 'msg_1', atSeconds: 1_772_352_010, title: 'Grüße “α”' },
    ]);
    expect(received[0]?.body).toBe(received[1]?.body);
  });
});

/** As a receiver would do it that knows nothing of the sender's code. */
function verified({ headers, body }: Received) {
  const [id, time] = [headers['webhook-id'], headers['webhook-timestamp']];
  const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  expect(String(headers['webhook-signature']).split(' ')).toContain(`v1,${expected}`);
  const { title } = JSON.parse(body) as Notification;
  return { id, atSeconds: Number(time), title };
}

test('a target gets what it asks for, and nothing else', async () => {
  const { notifier, received, ends } = await world(taking, {
    entry: '{ to: slack, url_file: url, events: [key.refused] }',
  });
  notifier.notify(messageOf({ id: 'unwanted' }));
  expect(ends).toEqual([['unwanted', 'sent']]);
  notifier.notify(messageOf({ id: 'wanted', type: 'key.refused' }));
  await until(() => ends.length === 2);
  expect(received).toHaveLength(1);
  expect(notifier.isWanted('widget.failed')).toBe(false);
});

test('the address is in no line of the log', async () => {
  const { notifier, lines, ends, baseUrl } = await world((response) =>
    response.writeHead(400).end('no such hook: /hook/of/somebody?token=abcdefgh'),
  );
  notifier.notify(messageOf());
  await until(() => ends.length === 1);
  const told = JSON.stringify(lines());
  expect(told).toContain('no such hook');
  expect(told).not.toMatch(/somebody|abcdefgh/);
  expect(told).not.toContain(baseUrl);
});
