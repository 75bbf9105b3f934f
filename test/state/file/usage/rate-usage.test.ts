import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rate } from '../../../../src/config/rate.ts';
import { sha256, type WidgetId } from '../../../../src/model/widget.ts';
import {
  type FileRateUsage,
  openRateUsage,
  readEarlierRequests,
  usageFile,
} from '../../../../src/state/file/usage/rate-usage.ts';
import type { UnderWay } from '../../../../src/state/state-store.ts';
import { EndedRequests } from '../../../../src/state/usage/ended-requests.ts';
import {
  formatUsage,
  parseUsage,
  usageBytes,
} from '../../../../src/state/usage/rate-usage-format.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { law } from '../../../support/law.ts';
import { ava, ben, temporaryDirectory, type Warning } from '../../fixtures/state-options.ts';

const second = { limit: 3, windowMs: 1000 };
const minute = { limit: 3, windowMs: 60_000 };
const hour = { limit: 10, windowMs: 3_600_000 };

const timeoutMs = 30_000;
const cas = '00000000-0000-4000-8000-0000000000c3' as WidgetId;

function reads(count: number): UnderWay[] {
  return Array.from({ length: count }, () => ({ widgetId: null, hash: null }));
}

const writes = (...widgetIds: WidgetId[]): UnderWay[] =>
  widgetIds.map((widgetId) => ({ widgetId, hash: sha256(widgetId) }));

const hashOf = (widgetId: WidgetId) => sha256(widgetId).slice(0, 16);

/** Two wall times of whole milliseconds lie between the processes. */
const roundingMs = 1;

/** A state directory, and processes that come one after another to it. */
async function startWorld() {
  const directory = await temporaryDirectory();
  const clock = new FakeClock();
  const warnings: Warning[] = [];
  const warn = (message: string, fields: object) => void warnings.push({ message, fields });
  const open = (rate: Rate) => openRateUsage({ directory, rate, timeoutMs, clock, warn });
  const agesMs = ({ earlierMs }: FileRateUsage) =>
    earlierMs.map((atMs) => clock.monotonicMs() - atMs);
  return { path: join(directory, usageFile), directory, clock, warnings, open, agesMs };
}

describe('what the next process finds', () => {
  test('where there was none before it: nothing is spent, and nothing is said', async () => {
    const { open, path, warnings } = await startWorld();
    const spent = await open(minute);
    expect(spent.earlierMs).toEqual([]);
    expect(warnings).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('can be told without the lock, for another rate too, and nothing is written', async () => {
    const { open, path, directory, clock, warnings } = await startWorld();
    const look = (rate: Rate) => readEarlierRequests({ directory, rate, clock });
    expect(await look(hour)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    const spent = await open(hour);
    for (const _ of [1, 2, 3, 4, 5]) spent.ended(clock.monotonicMs());
    void spent.keep(reads(1));
    spent.close();
    await clock.advance(20_000);
    const before = readFileSync(path, 'utf8');
    for (const rate of [hour, minute, second]) {
      const seen = await look(rate);
      expect(readFileSync(path, 'utf8')).toBe(before);
      const next = await open(rate);
      expect(seen).toEqual(next.earlierMs);
      expect(seen.length).toBeLessThanOrEqual(rate.limit);
      next.close();
      writeFileSync(path, before);
    }
    writeFileSync(path, 'damaged');
    expect(await look(minute)).toEqual([]);
    expect([readFileSync(path, 'utf8'), warnings]).toEqual(['damaged', []]);
  });

  test('each end holds its place for one window, at the time that it had', async () => {
    const { open, clock, agesMs } = await startWorld();
    const spent = await open(minute);
    for (const _ of [1, 2]) {
      spent.ended(clock.monotonicMs());
      await clock.advance(20_000);
    }
    void spent.keep(reads(0));
    await clock.advance(15_000);
    expect(agesMs(await open(minute))).toEqual([55_000 - roundingMs, 35_000 - roundingMs]);
    await clock.advance(10_000);
    expect(agesMs(await open(minute))).toEqual([45_000 - 2 * roundingMs]);
  });

  test('what was under way at the kill ended at the next start, once', async () => {
    const { open, clock, agesMs } = await startWorld();
    void (await open(minute)).keep(reads(2));
    await clock.advance(30_000);
    expect(agesMs(await open(minute))).toEqual([0, 0]);
    await clock.advance(30_000);
    expect(agesMs(await open(minute))).toEqual([30_000 - roundingMs, 30_000 - roundingMs]);
  });

  test('a clock that was set back holds places for one window, not until it has caught up', async () => {
    const { open, clock, agesMs } = await startWorld();
    const spent = await open(minute);
    spent.ended(clock.monotonicMs());
    await clock.advance(20_000);
    void spent.keep(reads(0));
    clock.step(-86_400_000);
    await clock.advance(1000);
    expect(agesMs(await open(minute))).toEqual([20_000]);
    await clock.advance(20_000);
    expect(agesMs(await open(minute))).toEqual([40_000 - roundingMs]);
  });

  test('a write that was under way may arrive until it would have been given up', async () => {
    const { open, clock } = await startWorld();
    const first = await open(minute);
    void first.keep([...writes(ava, ben), ...reads(1)]);
    first.close();
    await clock.advance(10_000);
    const second = await open(minute);
    expect(second.inherited).toEqual([
      { widgetId: ava, hash: hashOf(ava), untilMs: timeoutMs + roundingMs },
      { widgetId: ben, hash: hashOf(ben), untilMs: timeoutMs + roundingMs },
    ]);
    // It leaves these to the next one, with its own.
    void second.keep(writes(cas));
    second.close();
    await clock.advance(timeoutMs - 10_000 - roundingMs);
    expect((await open(minute)).inherited.map(({ widgetId }) => widgetId)).toEqual([cas, ava, ben]);
    await clock.advance(5);
    expect((await open(minute)).inherited.map(({ widgetId }) => widgetId)).toEqual([cas]);
  });

  test('other widgets under way are other pages, though they are as many', async () => {
    const { open } = await startWorld();
    const first = await open(minute);
    void first.keep(writes(ava));
    void first.keep(writes(ben));
    first.close();
    expect((await open(minute)).inherited).toMatchObject([{ widgetId: ben }]);
  });

  test('an earlier version has named no write', async () => {
    const { open, path, agesMs, warnings } = await startWorld();
    await open(minute);
    const text =
      '{"version":1,"written":"2026-03-01T08:00:00.000Z","under_way":2,"ended_ms_before":[]}';
    writeFileSync(path, `${text.padEnd(usageBytes - 1)}\n`);
    const next = await open(minute);
    expect(agesMs(next)).toEqual([0, 0]);
    expect(next.inherited).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('what it wrote last does not show what was longer before', async () => {
    const { open, clock, path } = await startWorld();
    const spent = await open(minute);
    for (let n = 0; n < 50; n += 1) {
      spent.ended(clock.monotonicMs());
      await clock.advance(1000);
    }
    void spent.keep(reads(0));
    await clock.advance(3_600_000);
    void spent.keep(reads(1));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      under_way: 1,
      ended_ms_before: [],
    });
  });

  test('nothing is written once it is closed, for the file may be another’s', async () => {
    const { open, path } = await startWorld();
    const spent = await open(minute);
    spent.close();
    const text = readFileSync(path, 'utf8');
    void spent.keep(reads(3));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('under another rate', () => {
  // Three requests ended, 200 seconds apart.
  test.each<[string, Rate, Rate, number[]]>([
    ['a longer window holds what a shorter one had let go', second, hour, [400, 200, 0]],
    ['a shorter window lets go what a longer one held', hour, minute, [0]],
    ['a lower limit waits for the youngest places', hour, { ...hour, limit: 2 }, [200, 0]],
    ['a higher limit has the rest at once', hour, { ...hour, limit: 99 }, [400, 200, 0]],
  ])('%s', async (_, before, after, agesS) => {
    const { open, clock, agesMs } = await startWorld();
    const spent = await open(before);
    for (const waitMs of [0, 200_000, 200_000]) {
      await clock.advance(waitMs);
      spent.ended(clock.monotonicMs());
      void spent.keep(reads(0));
    }
    expect(agesMs(await open(after))).toEqual(agesS.map((age) => age * 1000));
  });
});

test('of very many requests each holds its place at most a sixtieth of the window too long', async () => {
  const { open, clock, agesMs } = await startWorld();
  const rate = { limit: 1000, windowMs: 3_600_000 };
  const spent = await open(rate);
  const endsMs: number[] = [];
  for (let n = 0; n < 900; n += 1) {
    await clock.advance(2000);
    endsMs.push(clock.monotonicMs());
    spent.ended(clock.monotonicMs());
    void spent.keep(reads(0));
  }
  const found = agesMs(await open(rate));
  const trueAges = endsMs.map((atMs) => clock.monotonicMs() - atMs);
  expect(found).toHaveLength(900);
  const late = found.map((age, n) => (trueAges[n] ?? Number.NaN) - age);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThanOrEqual(60_000 + roundingMs);
});

// A text that is longer than a page could be left half written by a kill.
law.prop([
  fc.constantFrom(1000, 60_000, 3_600_000),
  fc.array(fc.tuple(fc.nat(), fc.nat({ max: 300 }), fc.nat({ max: 999_999 })), { maxLength: 30 }),
  fc.array(
    fc.record({
      widgetId: fc.uuid().map((id) => id as WidgetId),
      hash: fc.constant(hashOf(ava)),
      overInMs: fc.nat(),
    }),
    {
      maxLength: 200,
    },
  ),
])(
  'the text never outgrows its page, and names each write or all',
  (windowMs, bursts, arriving) => {
    const ended = new EndedRequests(windowMs);
    let nowMs = 0;
    for (const [gap, repeats, count] of bursts) {
      for (let n = 0; n < repeats; n += 1) {
        nowMs += (gap % windowMs) / (1 + (gap % 97));
        ended.add({ firstMs: nowMs, lastMs: nowMs, count });
        ended.settle(nowMs);
      }
    }
    const groups = ended.groups().map(({ firstMs, lastMs, count }) => ({
      firstMs: nowMs - firstMs,
      lastMs: nowMs - lastMs,
      count,
    }));
    const text = formatUsage({
      writtenAt: new Date(0),
      underWay: 999_999,
      ended: groups,
      arriving,
    });
    expect(Buffer.byteLength(text)).toBe(usageBytes);
    const named = parseUsage(text)?.arriving ?? [];
    for (const { widgetId, overInMs } of arriving) {
      const told = named.filter((one) => one.widgetId === widgetId || one.widgetId === null);
      expect(Math.max(...told.map((one) => one.overInMs))).toBeGreaterThanOrEqual(overInMs);
    }
    if (arriving.length <= 15) expect(named).toEqual(arriving);
  },
);

describe('a file that cannot be read for sure', () => {
  const valid = formatUsage({
    writtenAt: new Date('2026-03-01T08:00:00Z'),
    underWay: 1,
    ended: [{ firstMs: 3, lastMs: 2, count: 1 }],
    arriving: [{ widgetId: ava, hash: hashOf(ava), overInMs: 30_000 }],
  });

  test.each<[string, (path: string) => void]>([
    ['empty', (path) => writeFileSync(path, '')],
    ['half of it', (path) => writeFileSync(path, valid.trimEnd().slice(0, -5))],
    ['zeros', (path) => writeFileSync(path, Buffer.alloc(usageBytes))],
    ['a list', (path) => writeFileSync(path, '[]')],
    ['another version', (path) => writeFileSync(path, valid.replace('"version":1', '"version":2'))],
    ['no time', (path) => writeFileSync(path, valid.replace('2026-03-01', '2026-99-01'))],
    ['half a request', (path) => writeFileSync(path, valid.replace('[3,2,1]', '[3,2,0.5]'))],
    ['less than nothing', (path) => writeFileSync(path, valid.replace('[3,2,1]', '[3,2,-1]'))],
    ['an end before itself', (path) => writeFileSync(path, valid.replace('[3,2,1]', '[2,3,1]'))],
    ['a write of no widget', (path) => writeFileSync(path, valid.replace(ava, 'ava'))],
    ['a write that is never over', (path) => writeFileSync(path, valid.replace(',30000]', ']'))],
    ['a group cut short', (path) => writeFileSync(path, valid.replace('[3,2,1]', '[3,2]'))],
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a directory', (path) => mkdirSync(path)],
  ])('%s: a full window is spent, and said once', async (_, damage) => {
    const { open, path, warnings, agesMs } = await startWorld();
    damage(path);
    expect(agesMs(await open(minute))).toEqual([0, 0, 0]);
    const said = warnings.filter(({ message }) => message.includes('a full window is taken'));
    expect(said).toMatchObject([
      { message: expect.stringContaining('remove what'), fields: { path, wait_ms: 60_000 } },
    ]);
  });

  test('holds for one window, however many processes come', async () => {
    const { open, path, clock, warnings, agesMs } = await startWorld();
    writeFileSync(path, 'nothing that anybody wrote');
    await open(minute);
    await clock.advance(40_000);
    expect(agesMs(await open(minute))).toHaveLength(3);
    await clock.advance(40_000);
    expect(agesMs(await open(minute))).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  test('is not worth a word where the window is over in a moment', async () => {
    const { open, path, warnings, agesMs } = await startWorld();
    writeFileSync(path, '');
    expect(agesMs(await open(second))).toEqual([0, 0, 0]);
    expect(warnings).toEqual([]);
  });
});

describe('the file is made', () => {
  // Once, a power failure between the creation and the first write cost a full window. Whoever writes
  // in place writes through a link, and to the file that has another name as well.
  test.each<[string, (path: string, elsewhere: string) => void]>([
    ['there is none', (path, elsewhere) => symlinkSync(elsewhere, path)],
    [
      'it is empty',
      (path, elsewhere) => {
        writeFileSync(path, '');
        linkSync(path, elsewhere);
      },
    ],
    ['a pipe stands in its place', (path) => void execFileSync('mkfifo', [path])],
  ])('whole before it has its name, where %s', async (_, begin) => {
    const { open, path, directory, clock } = await startWorld();
    const elsewhere = join(await temporaryDirectory(), 'elsewhere');
    begin(path, elsewhere);
    const spent = await open(hour);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(parseUsage(readFileSync(path, 'utf8'))).not.toBeNull();
    expect(statSync(elsewhere, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    expect(readdirSync(directory)).toEqual([usageFile]);
    spent.ended(clock.monotonicMs());
    void spent.keep(reads(0));
    expect(parseUsage(readFileSync(path, 'utf8'))?.ended).not.toEqual([]);
  });

  test('once: what comes after is written in place', async () => {
    const { open, path } = await startWorld();
    const first = await open(hour);
    const { ino } = statSync(path);
    void first.keep(reads(1));
    first.close();
    void (await open(hour)).keep(reads(2));
    expect(statSync(path).ino).toBe(ino);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ under_way: 2 });
  });
});

describe('a file that cannot be written', () => {
  test('since a folder is in its place, is said with what to do', async () => {
    const { open, path, warnings } = await startWorld();
    mkdirSync(path);
    const spent = await open(second);
    void spent.keep(reads(1));
    expect(warnings).toMatchObject([
      { message: expect.stringMatching(/cannot be written.*remove it$/), fields: { path } },
    ]);
  });

  test('is said once until it can be, and then kept again', async () => {
    const { open, path, directory, clock, warnings } = await startWorld();
    const spent = await open(hour);
    rmSync(path);
    rmSync(directory, { recursive: true });
    // The handle that is open outlives the name; a process that starts has none.
    const next = await open(hour);
    for (let n = 1; n <= 3; n += 1) void next.keep(reads(n));
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('cannot be written'), fields: { path } },
    ]);
    mkdirSync(directory);
    void next.keep(reads(4));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ under_way: 4 });
    next.close();

    rmSync(path);
    mkdirSync(path);
    const third = await open(hour);
    void third.keep(reads(1));
    rmdirSync(path);
    third.ended(clock.monotonicMs());
    void third.keep(reads(0));
    expect(warnings.filter(({ message }) => message.includes('cannot be written'))).toHaveLength(2);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ under_way: 0 });
    third.close();
    spent.close();
  });
});
