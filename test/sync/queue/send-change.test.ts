import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../../src/api/widget-api.ts';
import { StateError } from '../../../src/base/errors.ts';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { hashSpec, sha256 } from '../../../src/model/widget.ts';
import { apiError, changeOf } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import { before, change, former, ok, refuse, world } from '../fixtures/send-world.ts';

describe('a confirmed change', () => {
  test('sends exactly the declared body, and is recorded with a line of history', async () => {
    const { directory, asked, onDisk, send, clock } = await world();
    await clock.advance(60_000);
    const { signal } = new AbortController();
    const attempt = await send(change, () => ok(), { attempt: 3, inFlight: signal });
    expect(attempt).toEqual({ status: 'applied', httpStatus: 200, kept: [] });
    expect(asked).toMatchObject([{ body: change.spec, signal }]);
    const { widgetId, file, digest, spec, hash } = change;
    const { sync } = change;
    const found = { widgetId, file, digest, spec, hash, sync, revision: null, echo: null };
    const appliedAt = new Date('2026-03-01T08:01:00Z');
    const past = { trail: confirmed({ isEchoKnown: false }), corrections: 0 };
    expect(await onDisk()).toEqual({ ...found, ...past, appliedAt });
    const [line = ''] = (await readFile(join(directory, 'history.ndjson'), 'utf8')).split('\n');
    expect(JSON.parse(line)).toEqual({
      time: '2026-03-01T08:01:00.000Z',
      id: 'w-80000000',
      widget_id: widgetId,
      file,
      reason: 'edited',
      hash,
      revision: null,
      fields: ['/widget_type', '/display_name'],
      by: { '/widget_type': 'git', '/display_name': 'git' },
      before: { widget_type: 'chat', display_name: 'Ava' },
      before_as_applied: true,
      after: { widget_type: 'chat', display_name: 'Ben' },
      attempts: 3,
    });
  });

  const spec = { widget_type: 'chat', name: 'Ava ', style_params: { a: 1, b: 2 } } as const;
  test.each<[string, JsonObject | null, JsonObject | null, object[]]>([
    ['nothing was given back', null, null, []],
    ['everything came back', { ...spec, style_params: { b: 2, a: 1 } }, null, []],
    ['undeclared fields came along', { ...spec, id: 'x', bubble_text: 'b' }, null, []],
    ['a field was not mentioned', { widget_type: 'chat', name: 'Ava ' }, null, []],
    ['a text was trimmed', { ...spec, name: 'Ava', id: 'x' }, { ...spec, name: 'Ava' }, []],
    [
      'a text was cut',
      { ...spec, name: 'Av', id: 'x' },
      { ...spec, name: 'Av' },
      [{ path: '/name', sent: 'Ava ', kept: 'Av' }],
    ],
    [
      'a part was lost and another added',
      { ...spec, style_params: { a: 1, c: null } },
      { ...spec, style_params: { a: 1, c: null } },
      [{ path: '/style_params/b', sent: 2 }],
    ],
  ])('keeps the echo only where it differs: %s', async (_, widget, echo, kept) => {
    const { onDisk, send } = await world();
    const attempt = await send(changeOf(1, spec), () => ok(widget));
    expect(attempt).toMatchObject({ status: 'applied', kept });
    expect((await onDisk())?.echo).toEqual(echo);
  });
});

describe('the record of what may have been stored', () => {
  const trail = unconfirmed({
    hash: change.hash,
    at: new FakeClock().now(),
    sent: { display_name: ['Ben'] },
  });
  const marked = { ...former, trail };

  test('is on disk before the request leaves', async () => {
    const { asked, send } = await world();
    await send(change, () => ok());
    expect(asked[0]?.disk).toEqual(marked);
  });

  test.each([400, 401, 403, 404, 409, 422, 425, 429])(
    'is as before after %i, by which the API says that it stored nothing',
    async (status) => {
      const { onDisk, send } = await world();
      const error = apiError({ status });
      expect(await send(change, refuse(error))).toEqual({ status: 'failed', error });
      expect(await onDisk()).toEqual(former);
    },
  );

  test.each([408, 500, 502, 503, 504, null])(
    'stays marked after %s, which may come after the write',
    async (status) => {
      const { onDisk, send } = await world();
      const error = apiError({ status, retry: 'later' });
      expect(await send(change, refuse(error))).toEqual({ status: 'failed', error });
      expect(await onDisk()).toEqual(marked);
    },
  );

  test('keeps the mark of a lost answer when the next attempt is refused', async () => {
    const { onDisk, send, clock } = await world();
    await send(change, refuse(apiError({ status: 503 })));
    await clock.advance(2000);
    await send(change, refuse(apiError({ status: 422 })));
    expect(await onDisk()).toEqual(marked);
  });

  test('tells that another body was sent as well, and when one was sent last', async () => {
    const { onDisk, send, clock } = await world();
    await send(change, refuse(apiError({ status: 503 })));
    await clock.advance(2000);
    const at = clock.now();
    await send(before, refuse(apiError({ status: 503 })));
    expect(await onDisk()).toEqual({ ...former, trail: { ...trail, isOneOfSeveral: true, at } });
  });

  test('tells every value that was sent since the last confirmation, the newest first', async () => {
    const { onDisk, send, clock } = await world();
    const sentAs = async (title: string, bubble_text: string) => {
      const spec = { ...before.spec, bubble_text };
      const one = { ...change, spec, hash: hashSpec(spec), digest: sha256(title) };
      await send(one, refuse(apiError({ status: 503 })));
      await clock.advance(2000);
    };
    await sentAs('first', 'one');
    await sentAs('second', 'two');
    await sentAs('third', 'one');
    const sentNow = async () => {
      const pending = (await onDisk())?.trail;
      return pending?.state === 'unconfirmed' ? pending.sent : {};
    };
    expect(await sentNow()).toEqual({ bubble_text: ['one', 'two'] });
    for (let n = 0; n < 20; n++) await sentAs(`more ${n}`, `more ${n}`);
    expect((await sentNow())['bubble_text']).toHaveLength(8);
  });

  test('loses every mark with the next confirmation, also that of the former body', async () => {
    const { onDisk, send, clock, asked } = await world();
    await send(change, refuse(apiError({ status: 503 })));
    await clock.advance(2000);
    await send(before, () => ok());
    expect(asked[1]?.disk).toMatchObject({ trail: { state: 'unconfirmed', hash: change.hash } });
    expect(await onDisk()).toMatchObject({ hash: before.hash, trail: { state: 'confirmed' } });
  });

  test.each([
    ['a widget of which nothing is known', null, change],
    ['the body that was applied last', former, { ...before, reason: 'forced' as const }],
  ])('needs no mark for %s', async (_, record, one) => {
    const { asked, onDisk, send } = await world(record);
    await send(one, refuse(apiError({ status: 503 })));
    expect(asked[0]?.disk).toEqual(record ?? undefined);
    expect(await onDisk()).toEqual(record ?? undefined);
  });
});

describe('the budget', () => {
  test.each<[string, () => Confirmation | Promise<Confirmation>, number]>([
    ['a confirmation', () => ok(), 1000],
    ['a failure', refuse(apiError({ status: 500 })), 1000],
    [
      'a failure with Retry-After',
      refuse(apiError({ status: 429, retry: 'later', retryAfterMs: 7000 })),
      7000,
    ],
  ])('lets the next start in time after %s', async (_, answer, expectedMs) => {
    const { send, nextStartMs } = await world();
    await send(change, answer);
    expect(await nextStartMs()).toBe(expectedMs);
  });

  test('gets the leave back when nothing was sent', async () => {
    const { loseDirectory, send, nextStartMs } = await world();
    await loseDirectory();
    await send(change, () => ok());
    expect(await nextStartMs()).toBe(0);
  });
});

describe('a state directory that is gone', () => {
  const gone = { status: 'failed', error: expect.any(StateError) };

  test('before the request: nothing is sent', async () => {
    const { loseDirectory, send, asked } = await world();
    await loseDirectory();
    expect(await send(change, () => ok())).toEqual(gone);
    expect(asked).toEqual([]);
  });

  test('during the request: the confirmation counts as failed', async () => {
    const { loseDirectory, send } = await world();
    const answer = () => loseDirectory().then(() => ok());
    expect(await send(change, answer)).toEqual(gone);
  });

  test('during a request that is refused: the failure comes back as a value', async () => {
    const { loseDirectory, send, state } = await world();
    const error = apiError({ status: 422 });
    const answer = () => loseDirectory().then(() => Promise.reject(error));
    expect(await send(change, answer)).toMatchObject({ status: 'failed' });
    expect(state.records.get(change.widgetId)?.trail).toMatchObject({ hash: change.hash });
  });
});

test('what no change can meet is thrown', async () => {
  const { send } = await world();
  const bug = new TypeError('not part of the game');
  await expect(send(change, refuse(bug))).rejects.toBe(bug);
});
