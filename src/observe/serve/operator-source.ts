// What the pages of the operator show at the moment: put together from the status, the newest plan and the
// records when somebody asks, and kept for no longer than that.
import { hideSecrets } from '../../base/secrets.ts';
import { parseWidgetId } from '../../model/widget.ts';
import { historyPage, writesOnPage } from '../../render/status-page/history-page.ts';
import type { Asked, Moment } from '../../render/status-page/layout.ts';
import { planPage } from '../../render/status-page/plan-page.ts';
import { statusPage } from '../../render/status-page/status-page.ts';
import { widgetPage } from '../../render/status-page/widget-page.ts';
import { nameIn } from '../../status/widget-name.ts';
import type { AccountStatus } from '../../status/widget-status.ts';
import type { Listener } from '../../sync/events.ts';
import { traceChangeFromFiles } from '../trace-from-files.ts';
import { PageMemory } from './page-memory.ts';
import { Pictures } from './pictures.ts';
import type { ServeDeps } from './serve-deps.ts';
import { ServedSnapshot } from './served-snapshot.ts';
import { bodiesIn, ServedWidgets } from './served-widgets.ts';
import { StatusJson } from './status-json.ts';

/** The last writes of one widget. */
const writesOfWidget = 20;

export class OperatorSource {
  readonly #deps: ServeDeps;
  readonly #widgets: ServedWidgets;
  readonly #pictures: Pictures;
  readonly #memory: PageMemory;
  readonly #statusJson: StatusJson;
  readonly #snapshot: ServedSnapshot | null;
  /** Later than that of any earlier process, so that pages which are still open swap. */
  readonly #startedAtMs: number;
  #changes = 0;

  constructor(deps: ServeDeps) {
    this.#deps = deps;
    this.#widgets = new ServedWidgets(deps);
    this.#pictures = new Pictures(this.#widgets);
    this.#memory = new PageMemory(deps.clock);
    this.#statusJson = new StatusJson({ ...deps, pictures: this.#pictures }, () => this.#changes);
    const { snapshot: values } = deps;
    this.#snapshot = values === null ? null : new ServedSnapshot({ ...deps, values });
    this.#startedAtMs = deps.clock.now().getTime();
  }

  readonly hear: Listener = (event) => {
    this.#widgets.hear(event);
    this.#snapshot?.hear(event);
    if (event.kind === 'status-changed') this.#changes += 1;
  };

  /** Another one is another page. */
  get edition(): string {
    return `${this.#startedAtMs}-${this.#changes}`;
  }

  list(asked: Asked): Promise<string> {
    const address = JSON.stringify(asked);
    return this.#page(address, (moment) =>
      statusPage(moment(), asked, (widgetId) => this.#pictures.of(widgetId)?.small ?? null),
    );
  }

  plan(page: number): Promise<string> {
    const { command, directory } = this.#deps;
    const changeOf = (widgetId: string) => {
      const change = this.#widgets.changeOf(widgetId);
      return change && traceChangeFromFiles(change, directory);
    };
    return this.#page(`plan ${page}`, (moment) => planPage(moment(), page, { changeOf, command }));
  }

  history(): Promise<string> {
    return this.#page('history', async (moment) => {
      const request = { limit: writesOnPage, widgetId: null };
      const { entries } = await this.#deps.view.history(request);
      return historyPage(moment(), entries);
    });
  }

  /** Null where no such widget is known. */
  async widget(text: string): Promise<string | null> {
    const widgetId = parseWidgetId(text);
    const known = widgetId === null ? null : this.#statusOf(widgetId);
    if (widgetId === null || known === null) return null;
    const { view, directory, explain } = this.#deps;
    return this.#page(`widget ${widgetId}`, async (moment) => {
      const { entries } = await view.history({ limit: writesOfWidget, widgetId });
      // It may have gone meanwhile.
      const widget = this.#statusOf(widgetId) ?? known;
      const source = this.#widgets.sourceOf(widgetId);
      return widgetPage(moment(), {
        widgetId,
        widget,
        bodies: source && bodiesIn(source),
        pictures: this.#pictures.of(widgetId),
        problems: this.#widgets.problemsOf(widget.file),
        sourceLine: directory.sourceLine,
        writes: entries,
        explanation: explain(widget, entries.at(-1) ?? null),
      });
    });
  }

  /** An SVG by the name that a page gave it; null for others. */
  picture(digest: string): string | null {
    return this.#pictures.svg(digest);
  }

  /** JSON, in UTF-8. */
  statusJson(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#statusJson.bytes();
  }

  /** As `ServedSnapshot.text`, or `off` where none is served. */
  async snapshot(): Promise<string | null | 'off'> {
    return this.#snapshot === null ? 'off' : await this.#snapshot.text();
  }

  #statusOf(widgetId: string) {
    const found = this.#account().widgets.filter((widget) => widget.widgetId === widgetId);
    // Of files that declare one widget the page tells of the one that it was applied from.
    return found.find(({ appliedAt }) => appliedAt !== null) ?? found[0] ?? null;
  }

  /** With names and types also of widgets that have no record, as far as their files tell. */
  #account(): AccountStatus {
    const account = this.#deps.account();
    const widgets = account.widgets.map((widget) => {
      if (widget.name !== null || widget.widgetType !== null || widget.widgetId === null)
        return widget;
      const declared = this.#widgets.sourceOf(widget.widgetId)?.declared;
      if (declared == null) return widget;
      const { widget_type: type = null } = declared;
      const widgetType = typeof type === 'string' ? type : null;
      return { ...widget, name: nameIn(declared), widgetType };
    });
    return { ...account, widgets };
  }

  /** `moment`: to be asked for once all is read that the page shows. */
  #page(address: string, make: (moment: () => Moment) => string | Promise<string>) {
    const { clock, version, place } = this.#deps;
    // That of before the reading: a browser that is told of a later one asks again.
    const { edition } = this;
    const moment = () => ({
      ...{ place, version, edition, nowMs: clock.now().getTime(), account: this.#account() },
    });
    return this.#memory.get(address, edition, async () => hideSecrets(await make(moment)));
  }
}
