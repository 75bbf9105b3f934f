// One reading of live widgets: the requests it makes, and what they have gathered so far.
import type { WidgetApi } from '../api/widget-api.ts';
import type { Clock } from '../clock.ts';
import type { ApiError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { LiveState, LiveView } from '../plan/types.ts';
import { parseWidgetId, type WidgetId } from '../widget.ts';
import { toLive } from './live-widget.ts';
import type { PacedReads, ReadRequest } from './paced-reads.ts';
import { isRefusalToRead, type Readability } from './readability.ts';

/** The largest page that the API gives. */
export const pageSize = 100;

export interface ReadingDeps {
  readonly api: Pick<WidgetApi, 'getWidget' | 'listWidgets'>;
  readonly reads: PacedReads;
  readonly readability: Readability;
  readonly clock: Clock;
  /** Told of every widget that was read. */
  readonly onWidget: (body: JsonObject) => void;
}

/** What a page of the list tells of the account. */
export interface Page {
  readonly total: number;
  readonly pages: number;
}

export class Reading {
  readonly widgets = new Map<WidgetId, LiveState>();
  /** Widgets in the account, as the list told last. */
  accountSize: number | null = null;
  /** The same, where the whole of it was read. */
  total: number | null = null;
  readonly #request: ReadRequest;
  readonly #deps: ReadingDeps;
  /** Requests that were started: what was refused or tried again has its price too. */
  readonly #requests = { list: 0, get: 0 };
  #firstPage: Promise<Page> | null = null;

  constructor(request: ReadRequest, deps: ReadingDeps) {
    this.#request = request;
    this.#deps = deps;
  }

  has(widgetId: WidgetId): boolean {
    return this.widgets.has(widgetId);
  }

  view(): LiveView {
    const { widgets, total } = this;
    return { widgets, total, requests: { ...this.#requests } };
  }

  /** Asked for once: nobody who waits for it learns more from another request. */
  firstPage(): Promise<Page> {
    this.#firstPage ??= this.list(1);
    return this.#firstPage;
  }

  async list(page: number): Promise<Page> {
    const { api, reads, readability, clock } = this.#deps;
    const readAtMs = clock.now().getTime();
    const { items, total, pages } = await reads.read(this.#request, {
      about: `page ${page}`,
      send: (signal) => {
        this.#requests.list += 1;
        return api.listWidgets(page, pageSize, signal);
      },
    });
    readability.answered();
    this.accountSize = total;
    for (const body of items) this.#keep(body, readAtMs);
    return { total, pages: Math.max(1, pages) };
  }

  /** False for a 404 that may also mean that this API has no such route: a list tells them apart. */
  async get(widgetId: WidgetId): Promise<boolean> {
    const { api, reads, readability, clock } = this.#deps;
    const readAtMs = clock.now().getTime();
    const body = await reads.read(this.#request, {
      about: widgetId,
      send: (signal) => {
        this.#requests.get += 1;
        return api.getWidget(widgetId, signal);
      },
    });
    if (body !== null) {
      readability.answered();
      this.#keep(body, readAtMs);
    } else if (readability.hasAnswered) this.widgets.set(widgetId, 'absent');
    return readability.hasAnswered;
  }

  /** Whether the list refuses too, where single reads are refused; null: it answers. */
  async listRefusal(): Promise<ApiError | null> {
    try {
      await this.firstPage();
      return null;
    } catch (error) {
      if (!isRefusalToRead(error)) throw error;
      return error;
    }
  }

  #keep(body: JsonObject, readAtMs: number): void {
    const widgetId = parseWidgetId(body['id']);
    if (widgetId === null) return;
    this.widgets.set(widgetId, toLive(body, readAtMs));
    this.#deps.onWidget(body);
  }
}
