// What is live, read through the same budget as every write, at the smallest number of requests.
// Decides nothing about what was read.
import type PQueue from 'p-queue';
import type { WidgetApi } from '../api/widget-api.ts';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type LiveView, type LiveWidget, nothingLive } from '../plan/types.ts';
import { parseWidgetId, type WidgetId } from '../widget.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { RateGate } from './rate-gate.ts';
import { isAccountWide } from './send-failure.ts';

/** The largest page that the API gives. */
const pageSize = 100;

export interface LiveDeps {
  readonly api: Pick<WidgetApi, 'getWidget' | 'listWidgets'>;
  readonly gate: RateGate;
  /** Shared with the writes, so that both together keep to the concurrency. */
  readonly requests: PQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: LiveObserver;
}

export interface LiveObserver {
  /** The account cannot be read (said once): decisions rest on hashes from now on. */
  unreadable(error: ApiError): void;
  /** A read failed and is tried again in `retryInMs`. */
  retryingRead(error: ApiError, facts: { attempts: number; retryInMs: number }): void;
  /** This widget could not be read; a decision about it rests on its hash. */
  unread(widgetId: WidgetId, error: ApiError): void;
  /** Every widget that was read, for whoever watches the contract. */
  readWidget(body: JsonObject): void;
}

export interface LivePolicy {
  readonly live: 'auto' | 'off';
  readonly backoff: Backoff;
  /** Attempts after which a read that might still succeed is given up. */
  readonly maxAttempts: number;
}

export interface ReadRequest {
  readonly priority: number;
  readonly signal: AbortSignal;
}

/** Thrown to leave a read that its signal aborted; never leaves this file. */
class Withdrawn extends Error {}

export class LiveReader {
  readonly #policy: LivePolicy;
  readonly #deps: LiveDeps;
  #readable: boolean;
  /** A read has succeeded: from then on a 404 speaks of the widget, not of the route. */
  #routeProven = false;
  /** Widgets in the account, when last told. */
  #accountSize: number | null = null;

  constructor(policy: LivePolicy, deps: LiveDeps) {
    this.#policy = policy;
    this.#deps = deps;
    this.#readable = policy.live === 'auto';
  }

  /** Whether live state takes part in decisions. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Another key may be allowed to read. */
  forgive(): void {
    this.#readable = this.#policy.live === 'auto';
  }

  /**
   * The widgets asked for, and whatever else came with them; null once the signal aborts. Throws
   * `ApiError` when the API cannot be reached or refuses the key.
   */
  async read(wanted: ReadonlySet<WidgetId>, request: ReadRequest): Promise<LiveView | null> {
    if (!this.#readable || wanted.size === 0) return nothingLive;
    const reading = new Reading();
    try {
      await this.#readInto(reading, wanted, request);
      return reading.view();
    } catch (error) {
      if (error instanceof Withdrawn) return null;
      if (!this.#standsInTheWay(error)) throw error;
      return nothingLive;
    }
  }

  /** The whole account; null once the signal aborts. Throws `ApiError`, also where it cannot be read. */
  async readAccount(request: ReadRequest): Promise<LiveView | null> {
    const reading = new Reading();
    try {
      const { pages, total } = await this.#list(reading, 1, request);
      await this.#listRest(reading, pages, request);
      reading.total = total;
      return reading.view();
    } catch (error) {
      if (error instanceof Withdrawn) return null;
      throw error;
    }
  }

  /**
   * One widget, for a write that holds a place in the queue and leave to start a request already:
   * one attempt. Null when there is nothing to keep: no such widget (the write will be told so), or
   * an account that cannot be read. Throws `ApiError`, also when the signal aborts.
   */
  async readForWrite(widgetId: WidgetId, signal: AbortSignal): Promise<LiveWidget | null> {
    const readAtMs = this.#deps.clock.now().getTime();
    try {
      const body = await this.#deps.api.getWidget(widgetId, signal);
      if (body === null) return null;
      this.#deps.observer.readWidget(body);
      return { body, readAtMs };
    } catch (error) {
      if (this.#standsInTheWay(error)) return null;
      throw error;
    }
  }

  async #readInto(reading: Reading, wanted: ReadonlySet<WidgetId>, request: ReadRequest) {
    if (!this.#listingPays(wanted.size)) return this.#getAll(reading, [...wanted], request);
    const first = await this.#list(reading, 1, request).catch((error: unknown) => {
      // A list that fails need not stop what single reads can still do, while those are few.
      if (wanted.size > pageSize || !this.#concernsOneRead(error)) throw error;
      return null;
    });
    if (first === null) return this.#getAll(reading, [...wanted], request);
    const { pages, total } = first;
    const missing = () => [...wanted].filter((widgetId) => !reading.has(widgetId));
    if (pages === 1 || missing().length > pages - 1) {
      await this.#listRest(reading, pages, request);
      reading.total = total;
    }
    // Also what no page held: widgets move between pages while they are read, so only the API's
    // own word makes one absent.
    await this.#getAll(reading, missing(), request);
  }

  async #listRest(reading: Reading, pages: number, request: ReadRequest): Promise<void> {
    const rest = Array.from({ length: pages - 1 }, (_, index) => index + 2);
    await Promise.all(rest.map((page) => this.#list(reading, page, request)));
  }

  #listingPays(wanted: number): boolean {
    if (wanted === 1) return false;
    return this.#accountSize === null || wanted > Math.ceil(this.#accountSize / pageSize);
  }

  async #list(reading: Reading, page: number, request: ReadRequest) {
    const readAtMs = this.#deps.clock.now().getTime();
    const { items, total, pages } = await this.#request(request, (signal) =>
      this.#deps.api.listWidgets(page, pageSize, signal),
    );
    reading.lists += 1;
    this.#routeProven = true;
    this.#accountSize = total;
    for (const body of items) this.#keep(reading, { body, readAtMs });
    return { total, pages: Math.max(1, pages) };
  }

  async #getAll(reading: Reading, widgetIds: readonly WidgetId[], request: ReadRequest) {
    await Promise.all(
      widgetIds.map((widgetId) =>
        this.#get(reading, widgetId, request).catch((error: unknown) => {
          // It stays unknown, and whoever writes it reads it again first: one widget that cannot
          // be read must not hold up the others.
          if (!this.#concernsOneRead(error)) throw error;
          this.#deps.observer.unread(widgetId, error);
        }),
      ),
    );
  }

  async #get(reading: Reading, widgetId: WidgetId, request: ReadRequest): Promise<void> {
    const readAtMs = this.#deps.clock.now().getTime();
    const body = await this.#request(request, (signal) =>
      this.#deps.api.getWidget(widgetId, signal),
    );
    reading.gets += 1;
    if (body !== null) {
      this.#routeProven = true;
      this.#keep(reading, { body, readAtMs });
      return;
    }
    // A 404 may also mean that this API has no such route; a list that answers tells them apart.
    if (!this.#routeProven) await this.#list(reading, 1, request);
    reading.widgets.set(widgetId, 'absent');
  }

  #keep(reading: Reading, widget: LiveWidget): void {
    const widgetId = parseWidgetId(widget.body['id']);
    if (widgetId === null) return;
    reading.widgets.set(widgetId, widget);
    this.#deps.observer.readWidget(widget.body);
  }

  /** One request of the budget, tried again while that can help. */
  async #request<Result>(
    request: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { clock, random, observer } = this.#deps;
    const { maxAttempts, backoff } = this.#policy;
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#attempt(request, send);
      } catch (error) {
        if (request.signal.aborted) throw new Withdrawn();
        if (!(error instanceof ApiError) || error.retry === 'never') throw error;
        if (attempts >= maxAttempts) throw error;
        const retryInMs = backoffMs(attempts, backoff, random);
        observer.retryingRead(error, { attempts, retryInMs });
        await clock.sleep(retryInMs, request.signal);
      }
    }
  }

  async #attempt<Result>(
    request: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return await this.#deps.requests.add(() => this.#paced(request, send), request);
  }

  async #paced<Result>(
    { priority, signal }: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { gate } = this.#deps;
    const permit = await gate.take(priority, signal);
    if (permit === null) throw new Withdrawn();
    try {
      return await send(signal);
    } catch (error) {
      if (error instanceof ApiError && error.retryAfterMs !== null) gate.hold(error.retryAfterMs);
      throw error;
    } finally {
      permit.seen();
    }
  }

  /** Once a read has succeeded, a failure says nothing of the account, unless the key is refused. */
  #concernsOneRead(error: unknown): error is ApiError {
    return this.#routeProven && error instanceof ApiError && !isAccountWide(error);
  }

  /** Whether the error means that this account is not to be read; then it is not tried again. */
  #standsInTheWay(error: unknown): boolean {
    if (this.#routeProven) return false;
    if (!(error instanceof ApiError) || error.retry === 'later') return false;
    if (!notForReading.has(error.status ?? 0)) return false;
    if (this.#readable) this.#deps.observer.unreadable(error);
    this.#readable = false;
    return true;
  }
}

/** Not allowed, no such route, no such method. A refused key is 401 and concerns the writes too. */
const notForReading: ReadonlySet<number> = new Set([403, 404, 405]);

/** What one reading has gathered so far. */
class Reading {
  readonly widgets = new Map<WidgetId, LiveWidget | 'absent'>();
  total: number | null = null;
  lists = 0;
  gets = 0;

  has(widgetId: WidgetId): boolean {
    return this.widgets.has(widgetId);
  }

  view(): LiveView {
    const { widgets, total, lists, gets } = this;
    return { widgets, total, requests: { list: lists, get: gets } };
  }
}
