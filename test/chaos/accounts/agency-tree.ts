// The tree of an agency under chaos: widget files of several accounts, fragments that reach across them, and the
// file of accounts; with what each widget was to hold at every moment of the past.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../../src/base/clock.ts';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { widgetId } from '../../support/sandbox.ts';

export const accountNames = ['fernwood', 'harbor', 'juniper'] as const;
export type AccountName = (typeof accountNames)[number];

export const widgetsEach = 4;
/** Low enough to be felt by an edit that reaches all widgets of an account. */
export const requestsPerSecond = 10;

export interface Place {
  readonly account: AccountName;
  /** Which of the account's widgets, from 0. */
  readonly widget: number;
}

export type FragmentName = '_brand.yaml' | '_holiday.yaml';

/** What makes a file unusable, for as long as nobody writes it anew; `text`: a key of an account. */
export type Flaw = { readonly kind: 'nonsense' } | { readonly kind: 'key'; readonly text: string };

/** Of a field that is written anew each time, so that a request tells which text it was made from. */
interface WidgetModel {
  readonly marker: string;
  readonly fragment: FragmentName;
  readonly flaw: Flaw | null;
}

interface FragmentModel {
  readonly marker: string;
  readonly flaw: Flaw | null;
}

export type Entry =
  | 'as usual'
  /** It is not in the file. */
  | 'gone'
  | 'suspended'
  /** It has a field that there is not. */
  | 'broken';

export interface Model {
  readonly widgets: ReadonlyMap<string, WidgetModel>;
  readonly fragments: Readonly<Record<FragmentName, FragmentModel>>;
  readonly entries: Readonly<Record<AccountName, Entry>>;
  /** Whether the file of accounts is there, and can be read. */
  readonly accountsFile: 'there' | 'gone' | 'nonsense';
}

/** One state of the tree, from the moment at which it may first have been seen. */
export interface Revision {
  readonly fromMs: number;
  /** From here on nothing of the one before it is to be seen. */
  readonly wholeMs: number;
  readonly model: Model;
}

export function idOf({ account, widget }: Place): WidgetId {
  return widgetId(100 * (accountNames.indexOf(account) + 1) + widget);
}

export function everyPlace(): Place[] {
  return accountNames.flatMap((account) =>
    Array.from({ length: widgetsEach }, (_, widget) => ({ account, widget })),
  );
}

const nameOf = ({ account, widget }: Place) => `clients/${account}/widgets/w${widget}.yaml`;

/** What a widget is to hold; null: its file, or a fragment that it extends, cannot be used. */
export function composedOf({ widgets, fragments }: Model, place: Place): JsonObject | null {
  const own = widgets.get(nameOf(place));
  const brand = fragments['_brand.yaml'];
  const holiday = own?.fragment === '_holiday.yaml' ? fragments['_holiday.yaml'] : null;
  if (own === undefined || own.flaw !== null || brand.flaw !== null || holiday?.flaw) return null;
  return {
    display_name: own.marker,
    bubble_text: brand.marker,
    style_params: { brand: brand.marker, own: own.marker },
    ...(holiday !== null && { intro_message: holiday.marker }),
  };
}

export interface TreeOptions {
  readonly root: string;
  /** Each change is a new folder, and a link that is swapped; else files are replaced one at a time. */
  readonly isPublished: boolean;
  readonly urlOf: (account: AccountName) => string;
}

export class AgencyTree {
  readonly revisions: Revision[] = [];
  readonly #options: TreeOptions;
  #model: Model;
  #texts: ReadonlyMap<string, string> = new Map();
  #version = 0;
  #published = 0;

  constructor(options: TreeOptions) {
    this.#options = options;
    const first = (name: FragmentName) => ({ marker: this.#mark(name), flaw: null });
    this.#model = {
      widgets: new Map(everyPlace().map((place) => [nameOf(place), this.#anew(place)])),
      fragments: {
        '_brand.yaml': first('_brand.yaml'),
        '_holiday.yaml': first('_holiday.yaml'),
      },
      entries: { fernwood: 'as usual', harbor: 'as usual', juniper: 'as usual' },
      accountsFile: 'there',
    };
    this.#write(this.#model);
  }

  /** What the daemon is to be given; the link where the tree is published. */
  get path(): string {
    return join(this.#options.root, 'tree');
  }

  get model(): Model {
    return this.#model;
  }

  writeWidgets(places: readonly Place[], flaw: Flaw | null = null): void {
    for (const group of this.#together(places)) {
      const widgets = new Map(this.#model.widgets);
      for (const place of group) {
        const fragment = widgets.get(nameOf(place))?.fragment ?? '_brand.yaml';
        widgets.set(nameOf(place), { ...this.#anew(place), fragment, flaw });
      }
      this.#write({ ...this.#model, widgets });
    }
  }

  /** Its file names the other fragment from now on: what that one said is released. */
  switchFragment(place: Place): void {
    const widgets = new Map(this.#model.widgets);
    const isHoliday = widgets.get(nameOf(place))?.fragment === '_holiday.yaml';
    const fragment = isHoliday ? '_brand.yaml' : '_holiday.yaml';
    widgets.set(nameOf(place), { ...this.#anew(place), fragment });
    this.#write({ ...this.#model, widgets });
  }

  /** In a published tree a widget file may change with it, at the same moment. */
  writeFragment(name: FragmentName, flaw: Flaw | null = null, beside: Place | null = null): void {
    const fragments = { ...this.#model.fragments, [name]: { marker: this.#mark(name), flaw } };
    const widgets = new Map(this.#model.widgets);
    if (beside !== null && this.#options.isPublished) {
      const fragment = widgets.get(nameOf(beside))?.fragment ?? '_brand.yaml';
      widgets.set(nameOf(beside), { ...this.#anew(beside), fragment });
    }
    this.#write({ ...this.#model, fragments, widgets });
  }

  setEntry(account: AccountName, entry: Entry): void {
    this.#write({ ...this.#model, entries: { ...this.#model.entries, [account]: entry } });
  }

  setAccountsFile(accountsFile: Model['accountsFile']): void {
    this.#write({ ...this.#model, accountsFile });
  }

  /** Everything can be used, and every account is there. */
  mend(): void {
    if (this.#model.accountsFile !== 'there') this.setAccountsFile('there');
    for (const name of accountNames) {
      if (this.#model.entries[name] !== 'as usual') this.setEntry(name, 'as usual');
    }
    for (const name of ['_brand.yaml', '_holiday.yaml'] as const) {
      if (this.#model.fragments[name].flaw !== null) this.writeFragment(name);
    }
    const flawed = everyPlace().filter((place) => this.#model.widgets.get(nameOf(place))?.flaw);
    this.writeWidgets(flawed);
  }

  /** Files that change one after the other are as many states of the tree. */
  #together(places: readonly Place[]): readonly (readonly Place[])[] {
    if (places.length === 0) return [];
    return this.#options.isPublished ? [places] : places.map((place) => [place]);
  }

  #mark(what: string): string {
    this.#version += 1;
    return `${what} v${this.#version}`;
  }

  #anew(place: Place): WidgetModel {
    const fragment = place.widget % 2 === 0 ? '_holiday.yaml' : '_brand.yaml';
    return { marker: this.#mark(`${place.account} w${place.widget}`), fragment, flaw: null };
  }

  #write(model: Model): void {
    const texts = this.#textsOf(model);
    const fromMs = systemClock.monotonicMs();
    if (this.#options.isPublished) this.#publish(texts);
    else this.#replace(texts);
    this.#model = model;
    this.#texts = texts;
    this.revisions.push({ fromMs, wholeMs: systemClock.monotonicMs(), model });
  }

  #publish(texts: ReadonlyMap<string, string>): void {
    const { root } = this.#options;
    this.#published += 1;
    const folder = `rev-${this.#published}`;
    for (const [name, text] of texts) write(join(root, folder, name), text);
    symlinkSync(folder, join(root, 'tree.new'));
    renameSync(join(root, 'tree.new'), this.path);
    // As git-sync leaves the one before it for a while.
    rmSync(join(root, `rev-${this.#published - 3}`), { recursive: true, force: true });
  }

  #replace(texts: ReadonlyMap<string, string>): void {
    for (const name of this.#texts.keys()) {
      if (!texts.has(name)) rmSync(join(this.path, name));
    }
    for (const [name, text] of texts) {
      if (this.#texts.get(name) !== text) write(join(this.path, name), text);
    }
  }

  #textsOf(model: Model): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const place of everyPlace()) {
      const own = model.widgets.get(nameOf(place));
      if (own !== undefined) texts.set(nameOf(place), widgetText(place, own));
    }
    const { '_brand.yaml': brand, '_holiday.yaml': holiday } = model.fragments;
    const ofBrand = { bubble_text: brand.marker, style_params: { brand: brand.marker } };
    texts.set('_brand.yaml', flawed(stringify(ofBrand), brand.flaw));
    const ofHoliday = { extends: '_brand.yaml', intro_message: holiday.marker };
    texts.set('_holiday.yaml', flawed(stringify(ofHoliday), holiday.flaw));
    if (model.accountsFile !== 'gone') texts.set('accounts.yaml', this.#accountsText(model));
    return texts;
  }

  #accountsText({ entries, accountsFile }: Model): string {
    if (accountsFile === 'nonsense') return 'accounts: {fernwood: [\n';
    const { root, urlOf } = this.#options;
    const accounts = accountNames.flatMap((name) => {
      const entry = entries[name];
      if (entry === 'gone') return [];
      const said = {
        directory: `clients/${name}/widgets`,
        key_file: join(root, 'keys', name),
        api_url: urlOf(name),
        ...(entry === 'suspended' && { suspend: 'the season is over' }),
        ...(entry === 'broken' && { raet: '5/s' }),
      };
      return [[name, said] as const];
    });
    const defaults = { rate: `${requestsPerSecond}/s`, timeout: '1s', resync: 'off' };
    return stringify({ defaults, accounts: Object.fromEntries(accounts) });
  }
}

function widgetText(place: Place, { marker, fragment, flaw }: WidgetModel): string {
  const text = stringify({
    widget_id: idOf(place),
    extends: `../../../${fragment}`,
    display_name: marker,
    style_params: { own: marker },
    widget_type: 'chat',
  });
  return flawed(text, flaw);
}

function flawed(text: string, flaw: Flaw | null): string {
  if (flaw === null) return text;
  if (flaw.kind === 'nonsense') return `${text}description: "open\n`;
  return `${text}description: ${JSON.stringify(`ask with ${flaw.text}`)}\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
