// The page of an account on PostgreSQL. Its times are the database's: holders come and go on many machines.
// A request of a former holder that was under way may have left at any moment up to the takeover, and is
// over one timeout later.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TenureLostError } from '../../base/errors.ts';
import { briefWaitMs, type Rate } from '../../config/rate.ts';
import type { InheritedWrite, OpenOptions, RateUsage, UnderWay } from '../state-store.ts';
import { EndedRequests } from '../usage/ended-requests.ts';
import {
  type ArrivingWrite,
  parseUsage,
  type UsageRecord,
  usageText,
} from '../usage/rate-usage-format.ts';
import type { Database, StoreTime } from './database/database.ts';
import { type Kept, readKept } from './kept.ts';
import type { HeldAccount } from './tenured.ts';

export interface PageOptions extends Pick<OpenOptions, 'clock' | 'warn'> {
  readonly rate: Rate;
  /** How long a request of this process may be under way. */
  readonly timeoutMs: number;
}

type Reading = Omit<PageOptions, 'warn'>;

/** Requests of former holders that end later than now, on the clock of this process. */
interface Later {
  readonly untilMs: number;
  readonly count: number;
}

/** What earlier holders have left, on the clock of this process. */
interface Beginning {
  readonly ended: EndedRequests;
  /** The soonest first. */
  readonly later: readonly Later[];
  readonly inherited: readonly InheritedWrite[];
}

/** Waits for PostgreSQL as long as the tenure lasts. Throws `TenureLostError`. */
export async function openPage(
  held: HeldAccount,
  kept: Kept,
  options: PageOptions,
): Promise<PostgresPage> {
  const text = kept.read('usage');
  const time = await untilDone(held, options.warn, () => held.database.time(options.clock));
  const found = text === null ? null : parseUsage(text);
  if (text !== null && found === null && options.rate.windowMs > briefWaitMs) {
    options.warn(unknownWords, { account: held.name, wait_ms: options.rate.windowMs });
  }
  const beginning = text === null ? nothing(options) : broughtUpToNow(found, time, options);
  const page = new PostgresPage({ held, kept, ...options }, beginning);
  // What was under way is to end once, and not again with each holder that comes after this one.
  await page.keep([]);
  return page;
}

const unknownWords =
  'how much of --rate is used up is not known, for what is kept of it is damaged: a full window is taken as used up';

/** The `earlierMs` of a process that would hold the account now. Never rejects. */
export async function readEarlierRequests(
  database: Database,
  account: string,
  options: Omit<Reading, 'timeoutMs'>,
): Promise<readonly number[]> {
  try {
    const text = await readKept(database, account, 'usage');
    const found = text === null ? null : parseUsage(text);
    if (found === null) return [];
    const time = await database.time(options.clock);
    return placesOf(broughtUpToNow(found, time, { ...options, timeoutMs: 0 }), options.rate.limit);
  } catch {
    // Whoever sends finds the same, and warns.
    return [];
  }
}

function nothing({ rate }: Pick<Reading, 'rate'>): Beginning {
  return { ended: new EndedRequests(rate.windowMs), later: [], inherited: [] };
}

/** `found`: null where it is damaged. */
function broughtUpToNow(found: UsageRecord | null, time: StoreTime, reading: Reading): Beginning {
  const { rate, clock, timeoutMs } = reading;
  const { ended } = nothing(reading);
  const nowMs = clock.monotonicMs();
  if (found === null) {
    ended.add({ firstMs: nowMs, lastMs: nowMs, count: rate.limit });
    return { ended, later: [], inherited: [] };
  }
  // Rounded towards a shorter time on both sides: a place is rather held a millisecond too long.
  const passedMs = Math.max(0, Math.floor(time.earliestMs()) - found.writtenAt.getTime());
  const atMs = nowMs - passedMs;
  const later: Later[] = [];
  for (const { firstMs, lastMs, count } of found.ended) {
    const one = { firstMs: atMs - firstMs, lastMs: atMs - lastMs, count };
    if (one.lastMs <= nowMs) ended.add(one);
    else later.push({ untilMs: one.lastMs, count });
  }
  ended.settle(nowMs);
  const overMs = nowMs + (found.timeoutMs ?? timeoutMs);
  if (found.underWay > 0) later.push({ untilMs: overMs, count: found.underWay });
  later.sort((a, b) => a.untilMs - b.untilMs);
  // Who was under way had this long from its start, which may have been a moment ago.
  const inherited = found.arriving.map(({ overInMs, ...write }) => {
    return { ...write, untilMs: nowMs + overInMs };
  });
  return { ended, later, inherited: inherited.filter(({ untilMs }) => untilMs > nowMs) };
}

function placesOf({ ended, later }: Beginning, most: number): number[] {
  const places = later.flatMap(({ untilMs, count }) => {
    return Array.from({ length: Math.min(count, most) }, () => untilMs);
  });
  return [...ended.places(most), ...places].slice(-most);
}

interface PageDeps extends PageOptions {
  readonly held: HeldAccount;
  readonly kept: Kept;
}

export class PostgresPage implements RateUsage {
  readonly earlierMs: readonly number[];
  readonly inherited: readonly InheritedWrite[];
  readonly #deps: PageDeps;
  readonly #ended: EndedRequests;
  #later: readonly Later[];
  #underWay: readonly UnderWay[] = [];
  readonly #closing = new AbortController();

  constructor(deps: PageDeps, beginning: Beginning) {
    this.#deps = deps;
    this.#ended = beginning.ended;
    this.#later = beginning.later;
    this.inherited = beginning.inherited;
    this.earlierMs = placesOf(beginning, deps.rate.limit);
  }

  ended(atMs: number): void {
    this.#settle(atMs);
    this.#ended.add({ firstMs: atMs, lastMs: atMs, count: 1 });
  }

  async keep(underWay: readonly UnderWay[]): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#underWay = underWay;
    const { held, warn } = this.#deps;
    await untilDone(held, warn, () => this.#write(), this.#closing.signal);
  }

  /** Tells what is still under way as of now: the account may be another's from here on. Never rejects. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    if (this.#deps.held.tenure.ended.aborted) return;
    // Without an answer the page stands as it was, which names no less.
    await this.#write().catch(() => undefined);
  }

  async #write(): Promise<void> {
    const { clock, held, kept, timeoutMs } = this.#deps;
    const time = await held.database.time(clock);
    const nowMs = clock.monotonicMs();
    this.#settle(nowMs);
    const record: UsageRecord = {
      writtenAt: new Date(Math.ceil(time.latestMs())),
      underWay: this.#underWay.length,
      ended: [
        ...this.#ended.groups().map(({ firstMs, lastMs, count }) => {
          return { firstMs: nowMs - firstMs, lastMs: nowMs - lastMs, count };
        }),
        ...this.#later.map(({ untilMs, count }) => {
          return { firstMs: nowMs - untilMs, lastMs: nowMs - untilMs, count };
        }),
      ],
      arriving: this.#arriving(nowMs),
      timeoutMs,
    };
    await kept.write('usage', `${usageText(record)}\n`);
  }

  #arriving(nowMs: number): ArrivingWrite[] {
    const { timeoutMs } = this.#deps;
    const own = this.#underWay.filter(({ widgetId }) => widgetId !== null);
    const inherited = this.inherited.filter(({ untilMs }) => untilMs > nowMs);
    return [
      ...own.map((write) => ({ ...write, overInMs: timeoutMs })),
      ...inherited.map(({ untilMs, ...write }) => ({ ...write, overInMs: untilMs - nowMs })),
    ];
  }

  /** What was to end later has ended by now: before whatever ended after it. */
  #settle(nowMs: number): void {
    for (const { untilMs, count } of this.#later) {
      if (untilMs <= nowMs) this.#ended.add({ firstMs: untilMs, lastMs: untilMs, count });
    }
    this.#later = this.#later.filter(({ untilMs }) => untilMs > nowMs);
    this.#ended.settle(nowMs);
  }
}

const firstPauseMs = 100;
const longestPauseMs = 1000;

/**
 * Tries until it is done: nothing may be sent that the page does not name. Throws `TenureLostError` once
 * the tenure is over, or the page is closed.
 */
async function untilDone<Done>(
  { name, tenure }: HeldAccount,
  warn: OpenOptions['warn'],
  act: () => Promise<Done>,
  closing?: AbortSignal,
): Promise<Done> {
  const over = closing === undefined ? tenure.ended : AbortSignal.any([tenure.ended, closing]);
  let pauseMs = firstPauseMs;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof TenureLostError) throw error;
      if (over.aborted) throw new TenureLostError('what may be under way could not be written');
      if (pauseMs === firstPauseMs) {
        warn(stuckWords, { account: name, error: messageOf(error) });
      }
      await sleep(pauseMs, undefined, { signal: over }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  }
}

const stuckWords = 'what may be under way cannot be written: nothing is sent until it can';
