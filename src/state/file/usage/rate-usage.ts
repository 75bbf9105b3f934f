// The usage of the rate by requests, as a file of the state directory. Knows nothing of leave and waiting.
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync } from '../../../base/atomic-file.ts';
import type { Clock } from '../../../base/clock.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { readRegular } from '../../../base/read-regular-file.ts';
import { briefWaitMs, type Rate } from '../../../config/rate.ts';
import type { InheritedWrite, RateUsage, UnderWay } from '../../state-store.ts';
import { EndedRequests } from '../../usage/ended-requests.ts';
import {
  type ArrivingWrite,
  formatUsage,
  parseUsage,
  type UsageRecord,
} from '../../usage/rate-usage-format.ts';

export interface RateUsageOptions {
  readonly directory: string;
  readonly rate: Rate;
  /** How long a request of this process may be under way. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly warn: (message: string, fields: object) => void;
}

export const usageFile = 'spent.json';

/**
 * Only for who holds the lock of the state directory, so for `run` and `apply`: `plan`, `import` and
 * `validate` leave no trace there, and their few reads are not counted.
 *
 * A request that was under way when a process ended is taken to end now: nothing more of it leaves. What has
 * left may still be on its way, so that a widget which it may write is named until the request would have been
 * given up. While the clock was set back no time is taken to have passed. Each end holds its place for the window of the rate that is in force now,
 * whatever it was then; that is why ends are kept for the longest window that there is. A clock that is set
 * ahead between two processes frees places early: nothing tells that from time that passed.
 *
 * Never rejects: a damaged file means that a full window is used.
 */
export async function openRateUsage(options: RateUsageOptions): Promise<FileRateUsage> {
  const { directory, rate, warn } = options;
  const path = join(directory, usageFile);
  const found = await readUsage(path);
  if (found.kind === 'damaged' && rate.windowMs > briefWaitMs) {
    const facts = { path, reason: found.reason, wait_ms: rate.windowMs };
    warn(unknownWords, facts);
  }
  const { ended, inherited } = broughtUpToNow(found, options);
  const usage = new FileRateUsage(path, options, { ended, inherited, found: found.kind });
  // A request that was under way at a kill is to end once, and not again with each process that comes after it.
  void usage.keep([]);
  return usage;
}

const unknownWords =
  'how much of --rate is used up is not known: a full window is taken as used up; ' +
  'where nothing was sent in that time, stop this, remove what stands there, and start again';

/**
 * The `earlierMs` of a process that would open the state now: takes no lock and writes nothing. Of a
 * damaged file nothing is known, and a process that sends warns of that.
 */
export async function readEarlierRequests(
  options: Omit<RateUsageOptions, 'warn' | 'timeoutMs'>,
): Promise<readonly number[]> {
  const found = await readUsage(join(options.directory, usageFile));
  if (found.kind === 'damaged') return [];
  return broughtUpToNow(found, options).ended.places(options.rate.limit);
}

type Found =
  | { readonly kind: 'read'; readonly record: UsageRecord }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'damaged'; readonly reason: string };

async function readUsage(path: string): Promise<Found> {
  try {
    const record = parseUsage(await readRegular(path));
    if (record !== null) return { kind: 'read', record };
    return { kind: 'damaged', reason: 'damaged, or of another version' };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'nothing' };
    return { kind: 'damaged', reason: messageOf(error) };
  }
}

/** What earlier processes have left, on the clock of this one. */
function broughtUpToNow(
  found: Found,
  { rate, clock }: Pick<RateUsageOptions, 'rate' | 'clock'>,
): Pick<Beginning, 'ended' | 'inherited'> {
  const ended = new EndedRequests(rate.windowMs);
  // The wall clock first, here, and last where it is written: a process that is stopped in between
  // then takes too little time to have passed, never too much.
  const writtenAt = found.kind === 'read' ? found.record.writtenAt.getTime() : 0;
  const passedMs = Math.max(0, clock.now().getTime() - writtenAt - wallRoundingMs);
  const nowMs = clock.monotonicMs();
  const endedNow = (count: number) => ended.add({ firstMs: nowMs, lastMs: nowMs, count });
  if (found.kind === 'damaged') endedNow(rate.limit);
  if (found.kind !== 'read') return { ended, inherited: [] };
  const atMs = nowMs - passedMs;
  for (const { firstMs, lastMs, count } of found.record.ended) {
    ended.add({ firstMs: atMs - firstMs, lastMs: atMs - lastMs, count });
  }
  if (found.record.underWay > 0) endedNow(found.record.underWay);
  ended.settle(nowMs);
  const inherited = found.record.arriving.map(({ overInMs, ...write }) => {
    return { ...write, untilMs: atMs + overInMs };
  });
  return { ended, inherited: inherited.filter(({ untilMs }) => untilMs > nowMs) };
}

const kept = Promise.resolve();

/** The usage that a process begins with. */
interface Beginning {
  readonly ended: EndedRequests;
  readonly inherited: readonly InheritedWrite[];
  readonly found: Found['kind'];
}

/** Both wall times are whole milliseconds. */
const wallRoundingMs = 1;

/** Nothing is awaited on the way to the file. */
export class FileRateUsage implements RateUsage {
  readonly earlierMs: readonly number[];
  readonly inherited: readonly InheritedWrite[];
  readonly #path: string;
  readonly #options: RateUsageOptions;
  readonly #ended: EndedRequests;
  /** The requests under way in the file; null when the file is behind in other things too. */
  /** As it was given last; it goes on changing. */
  #underWay: readonly UnderWay[] | null = null;
  #keptUnderWay: readonly UnderWay[] | null = null;
  #file: number | null = null;
  /** Whether the file is to be made: whole at once, since a power failure would leave it empty. */
  #isToMake: boolean;
  #isFailing = false;
  #isClosed = false;

  constructor(path: string, options: RateUsageOptions, beginning: Beginning) {
    const { ended, inherited, found } = beginning;
    this.inherited = inherited;
    this.#path = path;
    this.#options = options;
    this.#ended = ended;
    this.#isToMake = found !== 'read';
    // If an earlier rate allowed more, all but the newest go before any place is free.
    this.earlierMs = ended.places(options.rate.limit);
  }

  ended(atMs: number): void {
    this.#ended.add({ firstMs: atMs, lastMs: atMs, count: 1 });
    this.#keptUnderWay = null;
  }

  /**
   * The kernel has it, in place, once this returns: that outlives the process, though not a power
   * failure, and takes some ten microseconds where a file that is replaced takes hundreds.
   */
  keep(underWay: readonly UnderWay[]): Promise<void> {
    this.#underWay = underWay;
    if (!this.#isClosed && !isSame(underWay, this.#keptUnderWay)) this.#keepNow(underWay);
    return kept;
  }

  #keepNow(underWay: readonly UnderWay[]): void {
    try {
      this.#write(underWay);
      this.#keptUnderWay = [...underWay];
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The file may be another process's from now on. */
  close(): void {
    const underWay = this.#isClosed ? null : this.#underWay;
    if (underWay !== null && !isSame(underWay, this.#keptUnderWay)) this.#keepNow(underWay);
    this.#isClosed = true;
    this.#closeFile();
  }

  #write(underWay: readonly UnderWay[]): void {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#ended.settle(nowMs);
    const ended = this.#ended.groups().map(({ firstMs, lastMs, count }) => ({
      firstMs: nowMs - firstMs,
      lastMs: nowMs - lastMs,
      count,
    }));
    const arriving = this.#arriving(underWay, nowMs);
    const record = { writtenAt: clock.now(), underWay: underWay.length, ended, arriving };
    const text = formatUsage(record);
    if (this.#isToMake) {
      replaceFileSync(this.#path, text);
      this.#isToMake = false;
      return;
    }
    this.#file ??= openPage(this.#path);
    // Nothing is hidden in it on this way: these are numbers.
    const content = Buffer.from(text);
    const written = writeSync(this.#file, content, 0, content.length, 0);
    if (written < content.length) {
      throw new Error(`only ${written} of ${content.length} bytes could be written`);
    }
  }

  /**
   * Own requests as if each left now: one may be let start and wait for the disk before it leaves. Those of
   * earlier processes are left to the next one where this ends before they are over.
   */
  #arriving(underWay: readonly UnderWay[], nowMs: number): ArrivingWrite[] {
    const { timeoutMs } = this.#options;
    const own = underWay.filter(({ widgetId }) => widgetId !== null);
    const inherited = this.inherited.filter(({ untilMs }) => untilMs > nowMs);
    return [
      ...own.map((write) => ({ ...write, overInMs: timeoutMs })),
      ...inherited.map(({ untilMs, ...write }) => ({ ...write, overInMs: untilMs - nowMs })),
    ];
  }

  #fail(error: unknown): void {
    this.#keptUnderWay = null;
    this.#closeFile();
    this.#isToMake = true;
    if (this.#isFailing) return;
    this.#isFailing = true;
    const why = codeOf(error) === 'EISDIR' ? folderWords : unwritableWords;
    this.#options.warn(why, { path: this.#path, error: messageOf(error) });
  }

  /** A handle that failed may be stale: the next write opens another. */
  #closeFile(): void {
    const file = this.#file;
    this.#file = null;
    try {
      if (file !== null) closeSync(file);
    } catch {
      // The failed write is reported already.
    }
  }
}

function isSame(a: readonly UnderWay[], b: readonly UnderWay[] | null): boolean {
  return a.length === b?.length && a.every((one, n) => one === b[n]);
}

/** The words say what a restart would find: without a file a fresh budget, with a folder a full window. */
const unwritableWords =
  'how much of --rate is used up cannot be written: a restart would begin with a fresh budget';
const folderWords =
  'how much of --rate is used up cannot be written, for a folder stands in its place: remove it';

/** Throws where something else than a file stands there: a pipe would hold the writer for ever. */
function openPage(path: string): number {
  const file = openSync(path, constants.O_RDWR);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error(`not a regular file: ${path}`);
}
