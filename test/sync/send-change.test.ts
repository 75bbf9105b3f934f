import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Confirmation, WidgetApi } from '../../src/api/widget-api.ts';
import { StateError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Change } from '../../src/plan/types.ts';
import type { AppliedRecord } from '../../src/state/record.ts';
import { openState, readState } from '../../src/state/store.ts';
import type { Attempt } from '../../src/sync/outcome.ts';
import { RateGate } from '../../src/sync/rate-gate.ts';
import { type SendRequest, sendChange } from '../../src/sync/send-change.ts';
import { recordOf, stateOptions, temporaryDirectory } from '../state/fixtures/state-options.ts';
import { apiError, changeOf, named } from '../support/changes.ts';
import { FakeClock } from '../support/fake-clock.ts';

const before = named(1, 'Ava');
const change = named(1, 'Ben');
const former = recordOf(before.widgetId, {
  spec: before.spec,
  hash: before.hash,
  file: before.file,
});

/** A real state directory, an API that answers as told, and what both saw. */
async function world(record: AppliedRecord | null = former) {
  const directory = await temporaryDirectory();
  const state = await openState(stateOptions(directory));
  onTestFinished(() => state.close());
  if (record !== null) await state.save(record);
  const clock = new FakeClock();
  const gate = new RateGate({ limit: 1, windowMs: 1000 }, clock);
  const asked: { body: unknown; signal: AbortSignal; disk: AppliedRecord | undefined }[] = [];

  /** What a process that starts now would find. */
  const onDisk = async () =>
    (await readState(stateOptions(directory))).records.get(before.widgetId);

  function send(
    one: Change,
    answer: () => Promise<Confirmation> | Confirmation,
    changes: Partial<SendRequest> = {},
  ): Promise<Attempt> {
    const api: WidgetApi = {
      async putWidget(_id, body, signal) {
        asked.push({ body, signal, disk: await onDisk() });
        return answer();
      },
      async close() {},
    };
    const waiting = new AbortController().signal;
    const inFlight = new AbortController().signal;
    const request = { change: one, priority: 30, attempt: 1, waiting, inFlight, ...changes };
    return sendChange(request, { api, gate, state, clock });
  }

  return { directory, state, clock, gate, asked, onDisk, send };
}

const ok = (widget: JsonObject | null = null) => ({ httpStatus: 200, widget });
const refuse = (error: unknown) => () => Promise.reject(error);

describe('a confirmed change', () => {
  test('sends exactly the declared body, and is recorded with a line of history', async () => {
    const { directory, asked, onDisk, send, clock } = await world();
    await clock.advance(60_000);
    const { signal } = new AbortController();
    const attempt = await send(change, () => ok(), { attempt: 3, inFlight: signal });
    expect(attempt).toEqual({ status: 'applied', httpStatus: 200, kept: [] });
    expect(asked).toMatchObject([{ body: change.spec, signal }]);
    const { widgetId, file, digest, spec, hash } = change;
    const found = { widgetId, file, digest, spec, hash, revision: null, echo: null };
    const appliedAt = new Date('2026-03-01T08:01:00Z');
    expect(await onDisk()).toEqual({ ...found, appliedAt, unconfirmedHash: null });
    const [line = ''] = (await readFile(join(directory, 'history.ndjson'), 'utf8')).split('\n');
    expect(JSON.parse(line)).toEqual({
      time: '2026-03-01T08:01:00.000Z',
      widget_id: widgetId,
      file,
      reason: 'edited',
      hash,
      revision: null,
      fields: ['/widget_type', '/display_name'],
      attempts: 3,
    });
  });

  const spec = { widget_type: 'chat', name: 'Ava ', style_params: { a: 1, b: 2 } } as const;
  test.each<[string, JsonObject | null, JsonObject | null, object[]]>([
    ['nothing was given back', null, null, []],
    ['everything came back', { ...spec, style_params: { b: 2, a: 1 } }, null, []],
    ['undeclared fields came along', { ...spec, id: 'x', bubble_text: 'b' }, null, []],
    ['a field was not mentioned', { widget_type: 'chat', name: 'Ava ' }, null, []],
    [
      'a text was trimmed',
      { ...spec, name: 'Ava', id: 'x' },
      { ...spec, name: 'Ava' },
      [{ path: '/name', sent: 'Ava ', kept: 'Ava' }],
    ],
    [
      'a part was lost and another added',
      { ...spec, style_params: { a: 1, c: null } },
      { ...spec, style_params: { a: 1, c: null } },
      [
        { path: '/style_params/b', sent: 2 },
        { path: '/style_params/c', kept: null },
      ],
    ],
  ])('keeps the echo only where it differs: %s', async (_, widget, echo, kept) => {
    const { onDisk, send } = await world();
    const attempt = await send(changeOf(1, spec), () => ok(widget));
    expect(attempt).toMatchObject({ status: 'applied', kept });
    expect((await onDisk())?.echo).toEqual(echo);
  });
});

describe('the record of what may have been stored', () => {
  test('is on disk before the request leaves', async () => {
    const { asked, send } = await world();
    await send(change, () => ok());
    expect(asked[0]?.disk).toEqual({ ...former, unconfirmedHash: change.hash });
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
      expect(await onDisk()).toEqual({ ...former, unconfirmedHash: change.hash });
    },
  );

  test('keeps the mark of a lost answer when the next attempt is refused', async () => {
    const { onDisk, send, clock } = await world();
    await send(change, refuse(apiError({ status: 503 })));
    await clock.advance(2000);
    await send(change, refuse(apiError({ status: 422 })));
    expect(await onDisk()).toEqual({ ...former, unconfirmedHash: change.hash });
  });

  test('loses every mark with the next confirmation, also that of the former body', async () => {
    const { onDisk, send, clock, asked } = await world();
    await send(change, refuse(apiError({ status: 503 })));
    await clock.advance(2000);
    await send(before, () => ok());
    expect(asked[1]?.disk?.unconfirmedHash).toBe(change.hash);
    expect(await onDisk()).toMatchObject({ hash: before.hash, unconfirmedHash: null });
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

  test('is as before when the request was called back while it waited', async () => {
    const { gate, onDisk, send, asked } = await world();
    gate.hold(5000);
    const waiting = new AbortController();
    const sent = send(change, () => ok(), { waiting: waiting.signal });
    await expect.poll(onDisk, { timeout: 20_000 }).toMatchObject({ unconfirmedHash: change.hash });
    waiting.abort();
    expect(await sent).toEqual({ status: 'withdrawn' });
    expect(asked).toEqual([]);
    expect(await onDisk()).toEqual(former);
  });
});

describe('the budget', () => {
  test.each<[string, () => Confirmation | Promise<Confirmation>, number]>([
    ['a confirmation', () => ok(), 1000],
    ['a failure', refuse(apiError({ status: 500 })), 1000],
    ['a failure with Retry-After', refuse(apiError({ status: 429, retryAfterMs: 7000 })), 7000],
  ])('lets the next start in time after %s', async (_, answer, expectedMs) => {
    const { gate, send, clock } = await world();
    await send(change, answer);
    let startedMs = Number.NaN;
    void gate.take(30, new AbortController().signal).then(() => {
      startedMs = clock.monotonicMs();
    });
    await clock.advance(60_000);
    expect(startedMs).toBe(expectedMs);
  });
});

describe('a state directory that is gone', () => {
  const gone = { status: 'failed', error: expect.any(StateError) };

  test('before the request: nothing is sent', async () => {
    const { directory, send, asked } = await world();
    await rm(directory, { recursive: true });
    expect(await send(change, () => ok())).toEqual(gone);
    expect(asked).toEqual([]);
  });

  test('during the request: the confirmation counts as failed', async () => {
    const { directory, send } = await world();
    const answer = () => rm(directory, { recursive: true }).then(() => ok());
    expect(await send(change, answer)).toEqual(gone);
  });

  test('during a request that is refused: the failure comes back as a value', async () => {
    const { directory, send, state } = await world();
    const error = apiError({ status: 422 });
    const answer = () => rm(directory, { recursive: true }).then(() => Promise.reject(error));
    expect(await send(change, answer)).toMatchObject({ status: 'failed' });
    expect(state.records.get(change.widgetId)?.unconfirmedHash).toBe(change.hash);
  });
});

test('what no change can meet is thrown', async () => {
  const { send } = await world();
  const bug = new TypeError('not part of the game');
  await expect(send(change, refuse(bug))).rejects.toBe(bug);
});
