// The whole status as JSON. Of 10,000 widgets it is 8 MB and takes a tenth of a second and more: it is made in
// slices, between which the daemon works on, and kept until something moves.
import { setImmediate } from 'node:timers/promises';
import { hideSecrets } from '../../base/secrets.ts';
import { accountFrame, appliedJson, inOrder, widgetJson } from '../../status/account-json.ts';
import type { WidgetStatus } from '../../status/widget-status.ts';
import type { Pictures } from './pictures.ts';
import type { ServeDeps } from './serve-deps.ts';

type Deps = Pick<ServeDeps, 'account' | 'records' | 'view' | 'version' | 'clock'> & {
  readonly pictures: Pick<Pictures, 'of'>;
};

interface Made {
  readonly changes: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Widgets in a slice: it takes a few milliseconds. */
const sliceLength = 250;

export class StatusJson {
  readonly #deps: Deps;
  readonly #changes: () => number;
  #made: Made | null = null;
  #making: Promise<void> | null = null;

  /** `changes`: how often the status has changed so far. */
  constructor(deps: Deps, changes: () => number) {
    this.#deps = deps;
    this.#changes = changes;
  }

  /** As `status --json`, and of each widget the names of its pictures; nothing has changed that it lacks. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const asked = this.#changes();
    while (this.#made === null || this.#made.changes < asked) {
      this.#making ??= this.#make().finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
    return this.#made.bytes;
  }

  async #make(): Promise<void> {
    const { view, version, clock } = this.#deps;
    const holder = await view.holder();
    const changes = this.#changes();
    const account = this.#deps.account();
    const records = [...this.#deps.records.values()];
    const told = {
      records,
      account,
      holder,
      version,
      now: clock.now(),
      daemon: 'running',
    } as const;
    const { applied: _, widgets: __, ...frame } = accountFrame(told);
    const { record } = account;
    const head = {
      ...frame,
      next_resync: record?.lifetime.nextResync?.toISOString() ?? null,
      blocked_by: record?.obstacles.map(({ by }) => by) ?? [],
    };
    const text = [
      hideSecrets(JSON.stringify(head)).slice(0, -1),
      ...[',"applied":[', await inSlices(inOrder(records), appliedJson)],
      ...['],"widgets":[', await inSlices(account.widgets, this.#widgetJson), ']}'],
    ];
    this.#made = { changes, bytes: new TextEncoder().encode(text.join('')) };
  }

  readonly #widgetJson = (widget: WidgetStatus) => {
    const names = this.#deps.pictures.of(widget.widgetId);
    return { ...widgetJson(widget), pictures: names && { now: names.now, after: names.after } };
  };
}

/** The entries of a list in JSON, without keys in them; the loop turns in between. */
async function inSlices<Item>(
  items: readonly Item[],
  jsonOf: (item: Item) => object,
): Promise<string> {
  const slices: string[] = [];
  for (let from = 0; from < items.length; from += sliceLength) {
    await setImmediate();
    const slice = items.slice(from, from + sliceLength).map(jsonOf);
    slices.push(hideSecrets(JSON.stringify(slice)).slice(1, -1));
  }
  return slices.join(',');
}
