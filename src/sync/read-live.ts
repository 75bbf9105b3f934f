// What is live, read through the same budget as every write, at the smallest number of requests.
// Decides nothing about what was read.
import type { WidgetApi } from '../api/widget-api.ts';
import { ApiError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type LiveView, type LiveWidget, nothingLive } from '../plan/types.ts';
import { parseWidgetId, type WidgetId } from '../widget.ts';
import { noting } from './evidence.ts';
import {
  type PacedReadDeps,
  PacedReads,
  type ReadPatience,
  type ReadRequest,
  ServiceDown,
  Withdrawn,
} from './paced-reads.ts';
import type { Permit } from './rate-gate.ts';
import { Reading } from './reading.ts';
import { isAccountWide } from './send-failure.ts';

/** The largest page that the API gives. */
const pageSize = 100;

export interface LiveDeps extends PacedReadDeps {
  readonly api: Pick<WidgetApi, 'getWidget' | 'listWidgets'>;
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

export interface LivePolicy extends ReadPatience {
  readonly live: 'auto' | 'off';
}

export class LiveReader {
  readonly #policy: LivePolicy;
  readonly #deps: LiveDeps;
  readonly #reads: PacedReads;
  #readable: boolean;
  /** A read has succeeded: from then on a 404 speaks of the widget, not of the route. */
  #routeProven = false;
  #listAsked: Promise<ApiError | null> | null = null;
  /** Widgets in the account, when last told. */
  #accountSize: number | null = null;

  constructor(policy: LivePolicy, deps: LiveDeps) {
    this.#policy = policy;
    this.#deps = deps;
    this.#reads = new PacedReads(policy, deps);
    this.#readable = policy.live === 'auto';
  }

  /** Whether live state takes part in decisions. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Another key may be allowed to read. */
  forgive(): void {
    this.#readable = this.#policy.live === 'auto';
    this.#routeProven = false;
    this.#accountSize = null;
  }

  /**
   * The widgets asked for, and whatever else came with them; null once the signal aborts. Throws
   * `ApiError` when the API cannot be reached or refuses the key. While the service is down, a sweep
   * waits, and a pass gets what was read so far.
   */
  async read(wanted: ReadonlySet<WidgetId>, request: ReadRequest): Promise<LiveView | null> {
    if (!this.#readable || wanted.size === 0) return nothingLive;
    const reading = new Reading();
    try {
      await this.#readInto(reading, wanted, request);
      return reading.view();
    } catch (error) {
      if (error instanceof Withdrawn) return null;
      if (error instanceof ServiceDown) return reading.view();
      if (!(await this.#standsInTheWay(error, request))) throw error;
      return nothingLive;
    }
  }

  /** The whole account; null once the signal aborts. Throws `ApiError`, also where it cannot be read. */
  async readAccount(request: ReadRequest): Promise<LiveView | null> {
    const reading = new Reading();
    try {
      // Widgets move between pages while they are read; a second look finds what the first missed.
      for (let look = 1; look <= 2 && reading.widgets.size < (reading.total ?? 1); look += 1) {
        const { pages, total } = await this.#list(reading, 1, request);
        reading.total = total;
        await this.#listRest(reading, pages, request);
      }
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
  async readForWrite(
    widgetId: WidgetId,
    { permit, ...request }: ReadRequest & { readonly permit: Permit },
  ): Promise<LiveWidget | null> {
    const { signal } = request;
    const readAtMs = this.#deps.clock.now().getTime();
    try {
      const body = await noting(
        { permit, about: widgetId, signal },
        this.#deps.api.getWidget(widgetId, signal),
      );
      if (body === null) return null;
      this.#deps.observer.readWidget(body);
      return { body, readAtMs };
    } catch (error) {
      if (await this.#standsInTheWay(error, request)) return null;
      throw error;
    }
  }

  async #readInto(reading: Reading, wanted: ReadonlySet<WidgetId>, request: ReadRequest) {
    if (!this.#listingPays(wanted.size)) return this.#getAll(reading, [...wanted], request);
    const first = await this.#list(reading, 1, request).catch((error: unknown) => {
      // A list that fails need not stop what single reads can still do, while those are few.
      const hopeless = wanted.size > pageSize || isRefusalToRead(error);
      if (hopeless || !this.#concernsOneRead(error)) throw error;
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
    const { items, total, pages } = await this.#reads.read(request, {
      about: `page ${page}`,
      send: (signal) => this.#deps.api.listWidgets(page, pageSize, signal),
    });
    reading.lists += 1;
    this.#routeProven = true;
    this.#accountSize = total;
    for (const body of items) this.#keep(reading, { body, readAtMs });
    return { total, pages: Math.max(1, pages) };
  }

  async #getAll(reading: Reading, widgetIds: readonly WidgetId[], request: ReadRequest) {
    await Promise.all(
      widgetIds.map((widgetId) =>
        this.#get(reading, widgetId, request).catch(async (error: unknown) => {
          // It stays unknown, and whoever writes it reads it again first: one widget that cannot
          // be read must not hold up the others.
          if (!this.#concernsOneRead(error)) throw error;
          if (await this.#standsInTheWay(error, request)) throw error;
          this.#deps.observer.unread(widgetId, error);
        }),
      ),
    );
  }

  async #get(reading: Reading, widgetId: WidgetId, request: ReadRequest): Promise<void> {
    const readAtMs = this.#deps.clock.now().getTime();
    const body = await this.#reads.read(request, {
      about: widgetId,
      send: (signal) => this.#deps.api.getWidget(widgetId, signal),
    });
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

  /** Once a read has succeeded, a failure says nothing of the account, unless the key is refused. */
  #concernsOneRead(error: unknown): error is ApiError {
    return this.#routeProven && error instanceof ApiError && !isAccountWide(error);
  }

  /**
   * Whether the error means that this account is not to be read; then it is not tried again. After
   * a read has succeeded, one widget's refusal is not the account's: only the list speaks for that.
   */
  async #standsInTheWay(error: unknown, request: ReadRequest): Promise<boolean> {
    if (!isRefusalToRead(error)) return false;
    const refusal = this.#routeProven ? await this.#askForListOnce(request) : error;
    if (refusal === null) return false;
    if (this.#readable) this.#deps.observer.unreadable(refusal);
    this.#readable = false;
    return true;
  }

  /** Many widgets may be refused at once: the list is asked for all of them. */
  #askForListOnce(request: ReadRequest): Promise<ApiError | null> {
    this.#listAsked ??= this.#askForList(request).finally(() => {
      this.#listAsked = null;
    });
    return this.#listAsked;
  }

  /** Null when the list answers, or fails in a way that says nothing of what may be read. */
  async #askForList(request: ReadRequest): Promise<ApiError | null> {
    try {
      await this.#reads.once(request, {
        about: 'page 1',
        send: (signal) => this.#deps.api.listWidgets(1, 1, signal),
      });
      return null;
    } catch (error) {
      return isRefusalToRead(error) ? error : null;
    }
  }
}

function isRefusalToRead(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && error.retry === 'never' && notForReading.has(error.status ?? 0)
  );
}

/** Not allowed, no such route, no such method. A refused key is 401 and concerns the writes too. */
const notForReading: ReadonlySet<number> = new Set([403, 404, 405]);
