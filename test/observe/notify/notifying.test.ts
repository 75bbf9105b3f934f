import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../src/base/errors.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { failedOf, notifyWorld, obstacle, queuedOf, refused, startedAt, taken } from './world.ts';

const minute = 60_000;
const statesOf = (told: readonly { type: string; state: string }[]) =>
  told.map(({ type, state }) => `${type} ${state}`);

const many = <Item>(count: number, make: (n: number) => Item) =>
  Array.from({ length: count }, (_, n) => make(n));

describe('a cause', () => {
  test('is told once it has lasted ten seconds, once, and once more when it is over', async () => {
    const { show, passed, clock, told } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1)] }, 10_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toMatchObject([
      {
        type: 'widget.failed',
        state: 'raised',
        severity: 'error',
        title: 'Widget 1 was refused (422)',
        text: 'The API refused the widget (422) (w1.yaml, line 7).',
        count: 1,
        widgets: [{ widget_id: 'id-1', file: 'w1.yaml', name: 'Widget 1' }],
      },
    ]);
    await show({ failed: [failedOf(1, { attempts: 9, time: new Date(0) })] }, 3_600_000);
    expect(told).toHaveLength(1);
    await show({}, 10 * minute);
    await show({}, 10 * minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
    expect(told[1]).toMatchObject({
      title: 'Resolved: Widget 1 was refused (422)',
      cause: told[0]?.cause,
      ends: [told[0]?.cause],
    });
    expect(told[1]?.id).not.toBe(told[0]?.id);
  });

  test('that ends within ten seconds is not told', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1)] }, 9000);
    await show({}, minute);
    expect(told).toEqual([]);
  });

  test('that comes back within ten seconds was not over', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1)] }, 20_000);
    for (let n = 0; n < 5; n += 1) {
      await show({}, 8000);
      await show({ failed: [failedOf(1)] }, 8000);
    }
    expect(told).toHaveLength(1);
  });

  test('stays while its widget is on its way, and is over once that has arrived', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1)] }, 20_000);
    await show({ queue: [queuedOf(1)] }, 10 * minute);
    expect(told).toHaveLength(1);
    await show({}, 20_000);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
  });

  test.each([
    ['file.held', 'warning', { held: [heldOf(1)] }, 'w1.yaml is held'],
    ['drift.found', 'info', { drifted: [driftOf('policy')] }, 'w1.yaml was changed in the dash'],
    ['drift.fought-over', 'warning', { drifted: [driftOf('fought-over')] }, 'w1.yaml is fought'],
    ['widget.orphaned', 'info', { orphaned: [orphan(1)] }, 'w1.yaml has no file any more'],
    ['plan.refused', 'warning', { obstacles: [obstacle('changes')] }, 'A plan waits for an'],
    ['key.refused', 'error', { obstacles: [obstacle('key')] }, 'The API refuses the key'],
    ['service.down', 'error', { obstacles: [obstacle('service')] }, 'The API is down'],
    ['service.down', 'error', { obstacles: [obstacle('limit')] }, 'The API takes no more'],
    ['pass.failed', 'error', { obstacles: [obstacle('pass')] }, 'No pass can be made'],
    ['pass.failed', 'error', { obstacles: [obstacle('sweep')] }, 'What is live cannot be read'],
  ])('is one of the types: %s, %s', async (type, severity, record, title) => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show(record, 3 * minute);
    expect(told).toMatchObject([{ type, severity, state: 'raised' }]);
    expect(told[0]?.title).toContain(title);
    await show({}, minute);
    expect(statesOf(told)).toEqual([`${type} raised`, `${type} cleared`]);
  });

  test('is told again only where that is asked for, as often as that', async () => {
    const { show, passed, told } = await notifyWorld({ againMs: 3_600_000 });
    passed();
    await show({ failed: [failedOf(1)] }, 10 * minute);
    expect(told).toHaveLength(1);
    for (let n = 0; n < 2; n += 1) await show({ failed: [failedOf(1)] }, 60 * minute);
    expect(statesOf(told)).toEqual(many(3, () => 'widget.failed raised'));
    expect(told[2]?.text).toBe(`${told[0]?.text}\nIt has lasted 2 hours.`);
    expect(new Set(told.map(({ cause }) => cause)).size).toBe(1);
  });

  test('that was told is over for people also where its reminder was given up', async () => {
    const { show, passed, told, ended, world } = await notifyWorld({ againMs: 60 * minute });
    passed();
    await show({ failed: [failedOf(1)] }, minute);
    world.answer = refused;
    await show({ failed: [failedOf(1)] }, 100 * minute);
    expect(ended).toEqual(['sent', 'failed']);
    world.answer = taken;
    await show({}, 20 * minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
  });

  test('lasted from when it began until it was gone, whenever that was told', async () => {
    const { show, passed, hear, told } = await notifyWorld();
    passed();
    const since = new Date(startedAt.getTime() - 100_000);
    const down = [{ ...obstacle('service'), since }];
    await show({ obstacles: down, failed: [failedOf(1)] }, 3 * minute);
    hear({ kind: 'outage-ended', durationMs: 1 });
    // A change is looked at a second later.
    await show({ obstacles: down }, 20 * minute);
    await show({}, minute);
    expect(told.filter(({ state }) => state === 'cleared').map(({ text }) => text)).toEqual([
      'It lasted 3 minutes.',
      'It lasted 24 minutes.',
    ]);
  });

  test('that comes and goes is not over until it has stayed away for ten minutes', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    const flap = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        await show({ failed: [failedOf(1)] }, 40_000);
        await show({}, 40_000);
      }
    };
    await flap(20);
    const all = many(3, () => ['widget.failed raised', 'widget.failed cleared']).flat();
    expect(statesOf(told)).toEqual(all.slice(0, -1));
    await show({}, 9 * minute);
    expect(told).toHaveLength(5);
    await show({}, minute);
    expect(statesOf(told)).toEqual(all);
    // Once it has been quiet for long it is as any other.
    await show({}, 60 * minute);
    await flap(1);
    expect(told).toHaveLength(8);
  });

  test('that no target wants is not told, nor kept', async () => {
    const { show, passed, told, announced } = await notifyWorld({
      entry: '{ to: slack, url_file: url, events: [key.refused] }',
    });
    passed();
    await show({ failed: [failedOf(1)] }, minute);
    expect(told).toEqual([]);
    expect(await announced()).toEqual([]);
  });
});

function heldOf(n: number) {
  const what = { code: 'yaml-syntax', message: 'it is broken', line: 3, until: null };
  return { widgetId: `id-${n}`, file: `w${n}.yaml`, ...what, since: startedAt };
}

function driftOf(why: 'policy' | 'fought-over') {
  const at = { widgetId: 'id-1', file: 'w1.yaml' };
  return { ...at, why, until: null, fields: ['/name'], since: startedAt };
}

function orphan(n: number) {
  return { widgetId: `id-${n}`, file: `w${n}.yaml`, since: startedAt };
}

describe('many at once', () => {
  test('what one mistake in a fragment holds is one message, however few', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    const mistake = '_brand.yaml, line 2: unknown field x';
    const broken = (n: number) => ({ ...heldOf(n), code: 'broken-fragment', message: mistake });
    const held = [broken(1), broken(2), heldOf(3), broken(4)] as const;
    await show({ held }, minute);
    expect(told.map(({ title }) => title).sort()).toEqual([
      '3 widgets are held',
      'w3.yaml is held',
    ]);
    const group = told.find(({ count }) => count === 3);
    expect(group?.text.split('\n')).toEqual([`${mistake}:`, 'w1.yaml', 'w2.yaml', 'w4.yaml']);
    expect(group?.widgets).toHaveLength(3);
    await show({ held: [broken(4)] }, minute);
    expect(told.filter(({ state }) => state === 'cleared')).toHaveLength(1);
    await show({}, minute);
    expect(told.at(-1)).toMatchObject({
      ...{ state: 'cleared', title: 'Resolved: 3 widgets are held', ends: [group?.cause] },
    });
  });

  test('up to five are told apart, more in one message with the first five', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show(
      { held: many(5, (n) => heldOf(n + 100)), failed: many(6, (n) => failedOf(n)) },
      minute,
    );
    expect(statesOf(told).sort()).toEqual([
      ...many(5, () => 'file.held raised'),
      'widget.failed raised',
    ]);
    const group = told.find(({ type }) => type === 'widget.failed');
    expect(group).toMatchObject({ title: '6 widgets failed', count: 6 });
    expect(group?.widgets).toHaveLength(5);
    expect(group?.text.split('\n')).toHaveLength(6);
    expect(group?.text).toMatch(/and 1 more$/);
  });

  test('a group is over when all of it is, in one message', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: many(7, failedOf) }, minute);
    await show({ failed: many(1, failedOf) }, minute);
    expect(told).toHaveLength(1);
    await show({}, minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
    expect(told[1]).toMatchObject({ count: 7, ends: [told[0]?.cause] });
  });

  test('a fault that spreads over minutes is a message a minute', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    for (let n = 1; n <= 120; n += 1) await show({ failed: many(n, failedOf) }, 1000);
    await show({ failed: many(120, failedOf) }, 2 * minute);
    const counts = told.map(({ count }) => count);
    expect(counts.length).toBeLessThanOrEqual(4);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(120);
  });

  test('many that were told apart and end together end in one message', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: many(4, failedOf) }, 2 * minute);
    await show({ failed: many(8, failedOf) }, 2 * minute);
    expect(told).toHaveLength(8);
    const causes = told.map(({ cause }) => cause);
    await show({}, minute);
    expect(told).toHaveLength(9);
    expect(told[8]).toMatchObject({ state: 'cleared', count: 8, ends: causes });
  });
});

describe('a service outage with 500 failing widgets', () => {
  const unavailable = { httpStatus: 503, error: 'The API answered 503' };

  test('is one message after two minutes, and one when it is over', async () => {
    const { show, passed, hear, clock, told } = await notifyWorld();
    passed();
    await show({ failed: many(5, (n) => failedOf(n, unavailable)) }, 5000);
    const obstacles = [obstacle('service')];
    for (let n = 5; n <= 500; n += 15) {
      const failed = many(n, (one) => failedOf(one, { ...unavailable, time: clock.now() }));
      await show({ failed, obstacles }, 15_000);
    }
    expect(statesOf(told)).toEqual(['service.down raised']);
    hear({ kind: 'outage-ended', durationMs: 1 });
    const before = clock.now();
    for (let left = 500; left > 0; left -= 5) {
      const failed = many(left, (n) => failedOf(n, { ...unavailable, time: before }));
      await show({ failed }, 1000);
    }
    await show({}, 10 * minute);
    expect(statesOf(told)).toEqual(['service.down raised', 'service.down cleared']);
  });

  test('is the same one where nothing can be looked at for want of an answer', async () => {
    const { show, passed, hear, start, stop, told } = await notifyWorld();
    passed();
    await show({ obstacles: [obstacle('service')] }, 3 * minute);
    await stop();
    await start();
    hear(workFailed(503, 'later'));
    await show({ obstacles: [obstacle('sweep'), obstacle('service')] }, 3 * minute);
    await show({ obstacles: [obstacle('sweep')] }, 3 * minute);
    expect(statesOf(told)).toEqual(['service.down raised']);
    passed();
    await show({}, minute);
    expect(statesOf(told)).toEqual(['service.down raised', 'service.down cleared']);
    hear(workFailed(404, 'never'));
    await show({ obstacles: [obstacle('sweep')] }, minute);
    expect(told.at(-1)).toMatchObject({ type: 'pass.failed', state: 'raised' });
    hear(workFailed(401, 'never', 'account'));
    await show({ obstacles: [obstacle('sweep')] }, minute);
    expect(statesOf(told).slice(3)).toEqual(['pass.failed cleared', 'key.refused raised']);
  });

  test('that lasts less than two minutes is none', async () => {
    const { show, passed, hear, told } = await notifyWorld();
    passed();
    await show({ obstacles: [obstacle('service')] }, 110_000);
    hear({ kind: 'outage-ended', durationMs: 1 });
    await show({}, 10 * minute);
    expect(told).toEqual([]);
  });

  test('a widget that fails so by itself is told when it lasts as long', async () => {
    const { show, passed, told } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1, unavailable)] }, 2 * minute);
    expect(told).toEqual([]);
    await show({ failed: [failedOf(1, { ...unavailable, httpStatus: 502 })] }, 2 * minute);
    expect(told).toMatchObject([{ title: 'Widget 1 cannot be written' }]);
  });
});

describe('over restarts', () => {
  test('a cause is told once, and once when it is over, whatever a process knows yet', async () => {
    const { show, passed, start, stop, told } = await notifyWorld();
    const broken = { failed: [failedOf(1)], obstacles: [obstacle('pass')] };
    passed();
    await show(broken, minute);
    for (let n = 0; n < 3; n += 1) {
      await stop();
      // Before its first pass a process finds nothing wrong.
      await start();
      await show({}, minute);
      passed();
      await show({ queue: [queuedOf(1)], obstacles: broken.obstacles }, minute);
      await show(broken, minute);
    }
    expect(statesOf(told).sort()).toEqual(['pass.failed raised', 'widget.failed raised']);
    await stop();
    await start();
    passed();
    await show({}, minute);
    expect(statesOf(told).sort()).toEqual([
      ...['pass.failed cleared', 'pass.failed raised'],
      ...['widget.failed cleared', 'widget.failed raised'],
    ]);
  });

  test.each([
    ['a sweep', { kind: 'sweep-ended' }],
    ['the end of an outage', { kind: 'outage-ended', durationMs: 1 }],
  ] as const)('an outage is over only once the API has answered: %s', async (_, event) => {
    const { show, passed, hear, start, stop, told } = await notifyWorld();
    passed();
    await show({ obstacles: [obstacle('service')] }, 3 * minute);
    await stop();
    await start();
    passed();
    await show({}, 10 * minute);
    expect(told).toHaveLength(1);
    hear(event);
    await show({}, minute);
    expect(statesOf(told)).toEqual(['service.down raised', 'service.down cleared']);
  });

  test('what no target took is told by the next process, under the same id, if it lasts', async () => {
    const { show, passed, start, stop, told, world, ended } = await notifyWorld();
    world.answer = refused;
    passed();
    await show({ failed: [failedOf(1), failedOf(2)] }, minute);
    await stop();
    expect(told).toEqual([]);
    expect(ended).toEqual(['dropped', 'dropped']);
    world.answer = { isTaken: true, says: 'ok' };
    await start();
    passed();
    await show({ failed: [failedOf(2)] }, minute);
    await show({}, minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
    expect(told.map(({ title }) => title)).toEqual([
      'Widget 2 was refused (422)',
      'Resolved: Widget 2 was refused (422)',
    ]);
    expect(told[0]?.id).toBe('message 2');
  });

  test('that was told is over for people also where its reminder found no time', async () => {
    const { show, passed, start, stop, told, world } = await notifyWorld({ againMs: 60 * minute });
    passed();
    await show({ failed: [failedOf(1)] }, minute);
    world.answer = refused;
    await show({ failed: [failedOf(1)] }, 61 * minute);
    await stop();
    world.answer = taken;
    await start();
    passed();
    await show({}, minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
  });

  test('that was told late, when a reminder waited already, was told', async () => {
    const { show, passed, start, stop, told, world } = await notifyWorld({ againMs: 2 * minute });
    passed();
    let tries = 0;
    Object.defineProperty(world, 'answer', {
      get() {
        tries += 1;
        // The first message at its fourth try, and of its reminders none.
        return tries === 4 ? taken : refused;
      },
      configurable: true,
    });
    await show({ failed: [failedOf(1)] }, 3 * minute);
    expect(told).toHaveLength(1);
    await stop();
    Object.defineProperty(world, 'answer', { value: taken });
    await start();
    passed();
    await show({}, minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
  });

  test('that it is over is told by the next process where there was no time for it', async () => {
    const { show, passed, start, stop, told, world } = await notifyWorld();
    passed();
    await show({ failed: [failedOf(1)] }, minute);
    world.answer = refused;
    await show({}, minute);
    await stop();
    world.answer = { isTaken: true, says: 'ok' };
    await start();
    await show({}, minute);
    expect(statesOf(told)).toEqual(['widget.failed raised', 'widget.failed cleared']);
    await stop();
    await start();
    await show({}, minute);
    expect(told).toHaveLength(2);
  });
});

test('a target that fails for an hour: raised is given up, and so its end is not told', async () => {
  const { show, passed, told, world, clock, lines } = await notifyWorld();
  world.answer = refused;
  passed();
  await show({ failed: [failedOf(1)] }, 60 * minute);
  world.answer = { isTaken: true, says: 'ok' };
  await show({}, 20 * minute);
  expect(told).toEqual([]);
  expect(lines()).toHaveLength(1);
  await show({ failed: [failedOf(2)] }, minute);
  expect(statesOf(told)).toEqual(['widget.failed raised']);
  expect(clock.sleeping).toBe(0);
});

function workFailed(
  status: number,
  retry: 'later' | 'never',
  scope: 'widget' | 'account' = 'widget',
): SyncEvent {
  const facts = { status, retry, scope, retryAfterMs: null, refusedFields: [] } as const;
  const error = new ApiError(`answered ${status}`, facts);
  return { kind: 'work-failed', work: 'sweep', error, trigger: 'start', retryInMs: 1 };
}

test('nothing sleeps where nothing is to be told', async () => {
  const { show, passed, clock } = await notifyWorld();
  passed();
  await show({}, minute);
  expect(clock.sleeping).toBe(0);
});
