// Reads what is live on the same budget as every write, with as few requests as possible.
// Decides nothing about what was read.
import type { WidgetApi } from '../../api/widget-api.ts';
import { ApiError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { blindView, type LiveView, type LiveWidget, nothingLive } from '../../model/plan.ts';
import { isAccountWide } from '../../model/send-failure.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { Emit } from '../events.ts';
import { compareList, type ListFinding, type ListStanding } from './compare-list.ts';
import { type Page, pageSize, Reading, type ReadingDeps } from './live-reading.ts';
import {
  isSweep,
  type LimitedReadDeps,
  RateLimitedReads,
  type ReadRequest,
  type ReadRetryPolicy,
  ServiceDown,
  Withdrawn,
} from './rate-limited-reads.ts';
import { forNow, isRefusalOfOne, isRefusalToRead, ReadAccess } from './read-access.ts';
import { readForWrite, type WriteTurn } from './read-for-write.ts';

/** With a list that is refused, so many refused or missing widgets in a row make the account unreadable. */
const mostProbes = 10;

export interface LiveDeps extends LimitedReadDeps {
  readonly api: Pick<WidgetApi, 'getWidget' | 'listWidgets'>;
}

/** The whole account, as far as the API lists it. */
export interface AccountView extends LiveView {
  /** How many widgets the API counted but did not list or give. */
  readonly missing: number;
}

export interface LivePolicy extends ReadRetryPolicy {
  readonly live: 'auto' | 'off';
}

export class LiveReader {
  readonly #emit: Emit;
  readonly #access: ReadAccess;
  readonly #parts: ReadingDeps;
  /** Widgets in the account, when last told. */
  #accountSize: number | null = null;
  #listStanding: ListStanding | null = null;
  /** Widgets that the key may not read by themselves, while it has read none. */
  readonly #refused = new Set<WidgetId>();

  constructor(policy: LivePolicy, deps: LiveDeps) {
    const { api, clock, emit } = deps;
    this.#emit = emit;
    const reads = new RateLimitedReads(policy, deps);
    this.#access = new ReadAccess(policy.live, emit);
    const onWidget = (body: JsonObject) => emit({ kind: 'widget-read', body });
    this.#parts = { api, clock, reads, access: this.#access, onWidget };
  }

  /** Whether decisions and writes rest on what is live: also while reads are refused for a time. */
  get readable(): boolean {
    return !this.#access.isBlind;
  }

  /** Another key may be allowed to read, and see another account. */
  reset(): void {
    this.#access.reset();
    this.#accountSize = null;
    this.#listStanding = null;
    this.#refused.clear();
  }

  /**
   * The widgets asked for, and whatever else came with them; null once the signal aborts. Throws
   * `ApiError` when the API cannot be reached, refuses the key, or refuses to read what it has let be
   * read before. While the service is down, a sweep waits, and a pass gets what was read so far.
   */
  async read(wanted: ReadonlySet<WidgetId>, request: ReadRequest): Promise<LiveView | null> {
    if (wanted.size === 0) return nothingLive;
    if (!this.#mayAsk(request)) return blindView;
    const reading = new Reading(request, this.#parts);
    try {
      await this.#readInto(reading, wanted);
    } catch (error) {
      if (error instanceof Withdrawn) return null;
      if (isRefusalToRead(error)) {
        if (this.readable) throw forNow(error);
      } else if (!(error instanceof ServiceDown)) throw error;
    } finally {
      this.#accountSize = reading.accountSize ?? this.#accountSize;
    }
    return this.readable ? reading.view() : { ...reading.view(), isBlind: true };
  }

  /** The whole account; null once the signal aborts. Throws `ApiError`, also where it cannot be read. */
  async readAccount(request: ReadRequest): Promise<AccountView | null> {
    const reading = new Reading(request, this.#parts);
    try {
      // Widgets move between pages while they are read; a second look finds what the first missed.
      for (let look = 1; look <= 2 && reading.listed.length < (reading.total ?? 1); look += 1) {
        const { pages, total } = await reading.list(1);
        reading.total = total;
        await listRest(reading, pages);
      }
      const { listed } = reading;
      if (!(await this.#relyOnList(reading, listed))) await this.#getAll(reading, listed);
      const missing = Math.max(0, (reading.total ?? 0) - reading.widgets.size);
      return { ...reading.view(), missing };
    } catch (error) {
      if (error instanceof Withdrawn) return null;
      throw error;
    }
  }

  /** One widget, for a write that holds a slot already: see `readForWrite`. */
  async readForWrite(widgetId: WidgetId, turn: WriteTurn): Promise<LiveWidget | null> {
    return await readForWrite(widgetId, turn, this.#parts);
  }

  /** An account that was refused from the beginning is asked for again by sweeps alone. */
  #mayAsk(request: ReadRequest): boolean {
    return this.readable || (!this.#access.isOff && isSweep(request));
  }

  async #readInto(reading: Reading, wanted: ReadonlySet<WidgetId>): Promise<void> {
    const missing = () => [...wanted].filter((widgetId) => !reading.has(widgetId));
    const first = this.#listingPays(wanted.size) ? await this.#tryList(reading, wanted) : null;
    if (first !== null && (first.pages === 1 || missing().length > first.pages - 1)) {
      await listRest(reading, first.pages);
      reading.total = first.total;
    }
    if (first !== null) {
      const asked = [...wanted].filter((widgetId) => reading.has(widgetId));
      const listed = asked.length === 0 && reading.total !== null ? reading.listed : asked;
      // The other widgets are not worth that many reads, and without these they cannot be counted.
      if (!(await this.#relyOnList(reading, listed))) reading.total = null;
    }
    // Also what no page held: widgets move between pages while they are read, so only the API's
    // own word makes one absent. A list that gave nothing leaves it to a few to try the way.
    const left = missing();
    const probes = first === null ? mostProbes : left.length;
    await this.#getAll(reading, left.slice(0, probes));
    await this.#getAll(reading, left.slice(probes));
  }

  /** Whether what was listed may stand for reads of their own; where it may not, it is dropped. */
  async #relyOnList(reading: Reading, widgetIds: readonly WidgetId[]): Promise<boolean> {
    if (widgetIds.length === 0) {
      reading.dropList();
      return true;
    }
    const known = { areGiven: this.#access.hasGivenOne, refused: this.#refused };
    return this.#settleList(reading, await compareList(reading, widgetIds, known));
  }

  #settleList(reading: Reading, { standing: found, fields }: ListFinding): boolean {
    // A list that was found to leave something out does so until another comparison says otherwise.
    const isStillLess = this.#listStanding === 'less' && found !== 'whole';
    const standing = isStillLess ? 'less' : found;
    const isNews = standing !== this.#listStanding;
    this.#listStanding = standing;
    if (isNews && standing === 'less') this.#emit({ kind: 'list-incomplete', fields });
    if (isNews && standing === 'uncompared') this.#emit({ kind: 'list-uncompared' });
    const mayRely = standing === 'whole' || standing === 'uncompared';
    if (mayRely) reading.trustList();
    else reading.dropList();
    return mayRely;
  }

  #listingPays(wanted: number): boolean {
    if (wanted === 1) return false;
    return this.#accountSize === null || wanted > Math.ceil(this.#accountSize / pageSize);
  }

  /** The first page; null where the list fails and single reads may do without it. */
  async #tryList(reading: Reading, wanted: ReadonlySet<WidgetId>): Promise<Page | null> {
    try {
      return await reading.firstPage();
    } catch (error) {
      // A list that fails need not stop what single reads can still do, while those are few.
      const isFew = wanted.size <= pageSize && this.#concernsOneRead(error);
      if (!isRefusalToRead(error) && !isFew) throw error;
      return null;
    }
  }

  /** Judges what failed only once all have ended: any answer tells what the others' failures mean. */
  async #getAll(reading: Reading, widgetIds: readonly WidgetId[]): Promise<void> {
    const ends = await Promise.all(widgetIds.map((widgetId) => getOne(reading, widgetId)));
    const failures = ends.filter((end) => end !== null);
    if (failures.length === 0) return;
    const refusal = await this.#refusalOfAll(reading, failures);
    if (refusal !== null) {
      this.#access.refused(refusal);
      throw refusal;
    }
    if (failures.some(({ widgetId }) => reading.has(widgetId)))
      this.#settleUnread(reading, failures);
    for (const { widgetId, error } of failures) {
      if (reading.has(widgetId)) continue;
      // It stays unknown, and a write reads it again first: one widget that cannot be read
      // must not hold up the others.
      if (error === null) reading.widgets.set(widgetId, 'absent');
      else if (this.#concernsOneRead(error)) this.#emit({ kind: 'widget-unread', widgetId, error });
      else throw error;
    }
  }

  /** Some widgets are listed and refused by themselves: where none was ever given, the list has to do. */
  #settleUnread(reading: Reading, failures: readonly Failure[]): void {
    const areRefused = failures.every(({ error }) => error !== null && isRefusalOfOne(error));
    const isAllThereIs = areRefused && !this.#access.hasGivenOne;
    const otherwise = isAllThereIs ? 'uncompared' : 'unknown';
    const standing = this.#listStanding === 'whole' ? 'whole' : otherwise;
    this.#settleList(reading, { standing, fields: [] });
  }

  /** A refusal is the widget's own where others were read just now, or the list answers: then null. */
  async #refusalOfAll(reading: Reading, failures: readonly Failure[]): Promise<ApiError | null> {
    const isRefused = failures.some(({ error }) => error === null || isRefusalToRead(error));
    if (!isRefused || reading.widgets.size > 0) return null;
    try {
      return await reading.listRefusal();
    } catch (error) {
      if (!this.#concernsOneRead(error)) throw error;
      return null;
    }
  }

  /** Once a read has succeeded, a failure says nothing of the account, unless the key is refused. */
  #concernsOneRead(error: unknown): error is ApiError {
    return this.#access.hasAnswered && error instanceof ApiError && !isAccountWide(error);
  }
}

async function listRest(reading: Reading, pages: number): Promise<void> {
  const rest = Array.from({ length: pages - 1 }, (_, index) => index + 2);
  await Promise.all(rest.map((page) => reading.list(page)));
}

/** A single read that gave no widget. */
interface Failure {
  readonly widgetId: WidgetId;
  /** Null: a 404, before any read had succeeded. */
  readonly error: ApiError | null;
}

async function getOne(reading: Reading, widgetId: WidgetId): Promise<Failure | null> {
  try {
    return (await reading.get(widgetId)) ? null : { widgetId, error: null };
  } catch (error) {
    // A refused key is everybody's, whatever becomes of the others.
    if (!(error instanceof ApiError) || isAccountWide(error)) throw error;
    return { widgetId, error };
  }
}
