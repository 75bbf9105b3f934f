import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { hiddenKey, registerSecret } from '../../../src/base/secrets.ts';
import type { Change, LiveWidget } from '../../../src/model/plan.ts';
import { composeBody } from '../../../src/plan/compare/compose-body.ts';
import { InheritedWrites } from '../../../src/sync/queue/inherited-writes.ts';
import { apiError, liveAt, named } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { confirmed } from '../../support/trails.ts';
import { change, former, ok, refuse, world } from '../fixtures/send-world.ts';

describe('what a write keeps', () => {
  const startMs = Date.parse('2026-03-01T08:00:00Z');
  const old = liveAt(startMs - 120_000, { widget_type: 'chat', bubble_text: 'old' });
  const fresh = liveAt(startMs - 119_999, { widget_type: 'chat', bubble_text: 'fresh' });
  const ahead = liveAt(startMs + 1, { widget_type: 'chat', bubble_text: 'ahead' });
  const newest = liveAt(startMs, { widget_type: 'chat', bubble_text: 'newest', id: 'x' });

  interface Case {
    readonly readable: boolean;
    readonly planned: LiveWidget | null;
    readonly kept: LiveWidget | null;
    readonly reads: number;
  }

  test.each<[string, Case]>([
    [
      'is what the plan read, where that is not two minutes old',
      { readable: true, planned: fresh, kept: fresh, reads: 0 },
    ],
    ['is read again where that is older', { readable: true, planned: old, kept: newest, reads: 1 }],
    [
      'is read again where the clock was set back since it was read: nobody knows its age',
      { readable: true, planned: ahead, kept: newest, reads: 1 },
    ],
    [
      'is nothing that was read in the future, where it cannot be read again',
      { readable: false, planned: ahead, kept: null, reads: 0 },
    ],
    ['is read where the plan has not', { readable: true, planned: null, kept: newest, reads: 1 }],
    [
      'is what the plan read, also once the account may not be read',
      { readable: false, planned: fresh, kept: fresh, reads: 0 },
    ],
    [
      'is nothing that may be out of date, where it cannot be read again',
      { readable: false, planned: old, kept: null, reads: 0 },
    ],
    [
      'is nothing where live state is not read',
      { readable: false, planned: null, kept: null, reads: 0 },
    ],
  ])('%s', async (_, { readable, planned, kept, reads }) => {
    const { live, send, asked, clock } = await world();
    live.readable = readable;
    live.answer = async () => newest;
    const resets = { intro_message: null };
    const one = { ...change, resets, base: planned };
    const sent = send(one, () => ok());
    await clock.advance(1000);
    expect(await sent).toMatchObject({ status: 'applied' });
    expect(live.reads).toBe(reads);
    expect(asked.map(({ body }) => body)).toEqual([composeBody(one, kept)]);
  });

  test('is read again where a request of an earlier process could have landed since', async () => {
    const { live, send, asked, clock } = await world();
    live.readable = true;
    live.answer = async () => newest;
    const { widgetId } = change;
    const fresh = liveAt(startMs - 60_000, { widget_type: 'chat' });
    const untilMs = -60_000;
    const sentAfter = async (overMs: number) => {
      const write = { widgetId, hash: 'f'.repeat(16), untilMs: overMs };
      const inherited = new InheritedWrites([write], clock);
      const sent = send({ ...change, base: fresh }, () => ok(), {}, { inherited });
      await clock.advance(2000);
      expect(await sent).toMatchObject({ status: 'applied' });
      return live.reads;
    };
    expect(await sentAfter(untilMs)).toBe(0);
    expect(await sentAfter(untilMs + 1)).toBe(1);
    const one = { ...change, base: fresh };
    expect(asked.at(-1)?.body).toEqual(composeBody(one, newest));
  });

  test('is read with the leave at hand, and the write waits for another one', async () => {
    const { live, send, asked, clock } = await world();
    live.readable = true;
    live.answer = async () => newest;
    const sent = send(change, () => ok());
    await clock.advance(999);
    expect({ reads: live.reads, writes: asked.length }).toEqual({ reads: 1, writes: 0 });
    await clock.advance(1);
    await sent;
    expect(asked).toHaveLength(1);
  });

  test('is nothing where it turns out that nothing was ever to be read', async () => {
    const { live, send, asked, clock } = await world();
    live.readable = true;
    const sent = send(change, () => ok());
    await clock.advance(1000);
    await sent;
    expect(asked).toMatchObject([{ body: change.spec }]);
  });

  describe('within a field that is ignored in part', () => {
    const spec = { widget_type: 'chat', style_params: { mine: 2, theirs: 'git' } } as const;
    const part: Change = {
      ...change,
      spec,
      sync: { drift: null, ignore: ['/style_params/theirs'] },
    };
    const shown = { widget_type: 'chat', style_params: { mine: 1, theirs: 'dash' } };
    const out = liveAt(startMs - 130_000, shown);

    test.each([
      ['may no longer be read', false],
      ['turns out never to be readable', true],
    ])('is what the plan read long ago, where the account %s', async (_, readable) => {
      const { live, send, asked, clock } = await world();
      live.readable = readable;
      const sent = send({ ...part, base: out }, () => ok());
      await clock.advance(1000);
      expect(await sent).toMatchObject({ status: 'applied' });
      expect(asked).toMatchObject([{ body: { style_params: { mine: 2, theirs: 'dash' } } }]);
    });

    test('is nothing where no plan has read it: it is not sent, and may be later', async () => {
      const { send, asked, onDisk, nextStartMs } = await world();
      const attempt = await send(part, () => ok());
      const message = expect.stringContaining('/style_params/theirs');
      expect(attempt).toMatchObject({ status: 'failed', error: { retry: 'later', message } });
      expect(asked).toEqual([]);
      expect(await onDisk()).toEqual(former);
      expect(await nextStartMs()).toBe(0);
    });
  });

  test('that shows a list where a part is ignored is not written over', async () => {
    const spec = { widget_type: 'chat', style_params: { l: { 0: 'x', b: 2 } } } as const;
    const sync = { drift: null, ignore: ['/style_params/l/0'] };
    const { live, send, asked, onDisk, clock } = await world();
    live.readable = true;
    live.answer = async () => liveAt(startMs, { widget_type: 'chat', style_params: { l: ['y'] } });
    const sent = send({ ...change, spec, sync }, () => ok());
    await clock.advance(1000);
    const message = expect.stringContaining('ignore it whole (/style_params/l)');
    expect(await sent).toMatchObject({ status: 'failed', error: { retry: 'never', message } });
    expect(asked).toEqual([]);
    expect(await onDisk()).toEqual(former);
  });

  test('of a widget that the account lacks is not known, and nothing is sent', async () => {
    const { live, send, asked, onDisk } = await world();
    const error = apiError({ status: 404 });
    live.readable = true;
    live.answer = refuse(error);
    expect(await send(change, () => ok())).toEqual({ status: 'failed', error });
    expect(asked).toEqual([]);
    expect(await onDisk()).toEqual(former);
  });

  test('that cannot be read now sends nothing, marks nothing, and holds as it is told', async () => {
    const { live, send, asked, onDisk, nextStartMs } = await world();
    const error = apiError({ status: 429, retry: 'later', retryAfterMs: 7000 });
    live.readable = true;
    live.answer = refuse(error);
    expect(await send(change, () => ok())).toEqual({ status: 'failed', error });
    expect(asked).toEqual([]);
    expect(await onDisk()).toEqual(former);
    expect(await nextStartMs()).toBe(7000);
  });

  test.each<[string, (signal: AbortSignal) => Promise<LiveWidget | null>]>([
    [
      'while it is read',
      (signal) =>
        new Promise((_resolve, reject) => {
          const lost = () => reject(apiError({ status: null, retry: 'later' }, 'aborted'));
          signal.addEventListener('abort', lost);
        }),
    ],
    ['while the write waits for its leave', async () => newest],
  ])('and is called back %s counts as not sent', async (_, answer) => {
    const { live, send, asked, onDisk, nextStartMs } = await world();
    live.readable = true;
    live.answer = answer;
    const waiting = new AbortController();
    const sent = send(change, () => ok(), { waiting: waiting.signal });
    await settle();
    waiting.abort();
    expect(await sent).toEqual({ status: 'withdrawn' });
    expect(asked).toEqual([]);
    expect(await onDisk()).toEqual(former);
    expect(await nextStartMs()).toBe(1000);
  });
});

describe('what is remembered of a write', () => {
  const startMs = Date.parse('2026-03-01T08:00:00Z');

  test('are the values it replaced, of declared and released fields alone', async () => {
    const { send, onDisk } = await world();
    const body = {
      id: 'x',
      widget_type: 'chat',
      display_name: 'Ava',
      intro_message: 'Hi',
      name: 'n',
    };
    const one = { ...change, resets: { intro_message: null }, base: liveAt(startMs, body) };
    await send(one, () => ok());
    const replaced = { widget_type: 'chat', display_name: 'Ava', intro_message: 'Hi' };
    expect((await onDisk())?.trail.replaced).toEqual(replaced);
  });

  test('is nothing replaced where it was not known', async () => {
    const { send, onDisk } = await world({
      ...former,
      trail: confirmed({ replaced: { name: 'long ago' } }),
    });
    await send(change, () => ok());
    expect((await onDisk())?.trail.replaced).toBeNull();
  });

  test('is a released field that did not stick', async () => {
    const { send } = await world();
    const one = { ...change, resets: { intro_message: null } };
    const attempt = await send(one, () =>
      ok({ ...change.spec, intro_message: 'Hi' } as JsonObject),
    );
    expect(attempt).toMatchObject({
      kept: [{ path: '/intro_message', sent: null, kept: 'Hi' }],
    });
  });

  test('never holds the key, wherever the API repeats it', async () => {
    onTestFinished(registerSecret('in-repeated-by-the-api'));
    const { directory, send, onDisk } = await world();
    const url = 'https://example.org/?api_key=in-repeated-by-the-api';
    const base = liveAt(startMs, { widget_type: 'chat', display_name: url });
    await send({ ...change, base }, () => ok({ ...change.spec, display_name: url } as JsonObject));
    const { echo, trail } = (await onDisk()) ?? {};
    const hidden = `https://example.org/?api_key=${hiddenKey}`;
    expect(echo).toMatchObject({ display_name: hidden });
    expect(trail?.replaced).toMatchObject({ display_name: hidden });
    expect(await readFile(join(directory, 'history.ndjson'), 'utf8')).not.toContain('in-repeated');
  });

  const hourMs = 3_600_000;
  test.each<[string, Change['reason'], { before: number; laterMs: number; after: number }]>([
    ['the first correction', 'drifted', { before: 0, laterMs: hourMs, after: 1 }],
    ['one more correction', 'drifted', { before: 3, laterMs: hourMs, after: 4 }],
    ['a correction long after the last', 'drifted', { before: 1, laterMs: 25 * hourMs, after: 1 }],
    ['an edit, which begins anew', 'edited', { before: 3, laterMs: hourMs, after: 0 }],
    [
      'everything being sent, which is no correction',
      'forced',
      { before: 3, laterMs: hourMs, after: 3 },
    ],
  ])('counts corrections in a row: %s', async (_, reason, { before, laterMs, after }) => {
    const { send, onDisk, clock } = await world({
      ...former,
      appliedAt: new Date(startMs),
      corrections: before,
    });
    await clock.advance(laterMs);
    await send(named(1, 'Ava', reason), () => ok());
    expect((await onDisk())?.corrections).toBe(after);
  });
});
