// One reading of live widgets: the requests it makes, and what they have gathered so far.
import type { WidgetApi } from '../../api/widget-api.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { LiveState, LiveView, LiveWidget } from '../../model/plan.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { fieldsTooDeep } from '../../model/widget-fields.ts';
import { toLive } from './live-widget.ts';
import type { RateLimitedReads, ReadRequest } from './rate-limited-reads.ts';
import { isRefusalToRead, type ReadAccess } from './read-access.ts';

/** The largest page that the API gives. */
export const pageSize = 100;

export interface ReadingDeps {
  readonly api: Pick<WidgetApi, 'getWidget' | 'listWidgets'>;
  readonly reads: RateLimitedReads;
  readonly access: ReadAccess;
  readonly clock: Clock;
  /** Told of every widget that was read whole. */
  readonly onWidget: (body: JsonObject) => void;
}

/** The account, as a page of the list tells of it. */
export interface Page {
  readonly total: number;
  readonly pages: number;
}

/** A widget as a page of the list has it. */
interface Listed extends LiveWidget {
  readonly page: number;
}

export class Reading {
  /** The widgets that decisions may rest on. */
  readonly widgets = new Map<WidgetId, LiveState>();
  /** Not compared yet with a read of their own: until then nothing rests on these. */
  readonly #listed = new Map<WidgetId, Listed>();
  /** Widgets in the account, as the list told last. */
  accountSize: number | null = null;
  /** The same, where the whole of it was read. */
  total: number | null = null;
  readonly #request: ReadRequest;
  readonly #deps: ReadingDeps;
  /** Requests that were started: what was refused or tried again counts too. */
  readonly #requests = { list: 0, get: 0 };
  #firstPage: Promise<Page> | null = null;

  constructor(request: ReadRequest, deps: ReadingDeps) {
    this.#request = request;
    this.#deps = deps;
  }

  /** Whether it was read or listed. */
  has(widgetId: WidgetId): boolean {
    return this.widgets.has(widgetId) || this.#listed.has(widgetId);
  }

  get listed(): readonly WidgetId[] {
    return [...this.#listed.keys()];
  }

  /** Null also where it nests too deeply to be compared. */
  asListed(widgetId: WidgetId): JsonObject | null {
    const listed = this.#listed.get(widgetId);
    return listed === undefined || fieldsTooDeep(listed.body).length > 0 ? null : listed.body;
  }

  view(): LiveView {
    const { widgets, total } = this;
    return { widgets, total, requests: { ...this.#requests } };
  }

  /** Asked for once: another request would tell nothing more. */
  firstPage(): Promise<Page> {
    this.#firstPage ??= this.list(1);
    return this.#firstPage;
  }

  async list(page: number): Promise<Page> {
    const { api, reads, access, clock } = this.#deps;
    const readAtMs = clock.now().getTime();
    const { items, total, pages } = await reads.read(this.#request, {
      about: `page ${page}`,
      send: (signal) => {
        this.#requests.list += 1;
        return api.listWidgets(page, pageSize, signal);
      },
    });
    access.answered();
    this.accountSize = total;
    for (const body of items) {
      const widgetId = parseWidgetId(body['id']);
      if (widgetId !== null) this.#listed.set(widgetId, { body, readAtMs, page });
    }
    return { total, pages: Math.max(1, pages) };
  }

  /** The page on which the widget stood. */
  async listAgain(widgetId: WidgetId): Promise<void> {
    const listed = this.#listed.get(widgetId);
    if (listed !== undefined) await this.list(listed.page);
  }

  /** The list says all that there is to know: it counts for each widget that was not read by itself. */
  trustList(): void {
    for (const [widgetId, { body, readAtMs }] of this.#listed) {
      if (!this.widgets.has(widgetId)) this.#keep(widgetId, { body, readAtMs });
    }
    this.#listed.clear();
  }

  /** The list leaves something out: it does not count. */
  dropList(): void {
    this.#listed.clear();
  }

  /** False for a 404 that may also mean that this API has no such route: a list tells them apart. */
  async get(widgetId: WidgetId): Promise<boolean> {
    const { access } = this.#deps;
    const isAbsent = (await this.getOwn(widgetId)) === 'absent';
    if (isAbsent && access.hasAnswered) this.widgets.set(widgetId, 'absent');
    return access.hasAnswered;
  }

  /** Its own read; `absent` for any 404, which says nothing yet. */
  async getOwn(widgetId: WidgetId): Promise<LiveState> {
    const { api, reads, access, clock } = this.#deps;
    const readAtMs = clock.now().getTime();
    const body = await reads.read(this.#request, {
      about: widgetId,
      send: (signal) => {
        this.#requests.get += 1;
        return api.getWidget(widgetId, signal);
      },
    });
    if (body === null) return 'absent';
    access.gaveOne();
    return this.#keep(widgetId, { body, readAtMs });
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

  #keep(widgetId: WidgetId, read: LiveWidget): LiveState {
    const live = toLive(read.body, read.readAtMs);
    this.widgets.set(widgetId, live);
    this.#deps.onWidget(read.body);
    return live;
  }
}
