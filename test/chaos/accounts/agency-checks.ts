// What must hold of every account of a tree, whatever went wrong. Pure: reads what happened and says what was wrong.
import { isJsonObject, type Json, type JsonObject } from '../../../src/base/json/json.ts';
import type { Entry as Exchange } from '../journal.ts';
import { atMs, checkBudget, checkOverlap, isSame, isWrite } from '../requests-checks.ts';
import {
  type AccountName,
  composedOf,
  type Entry,
  everyPlace,
  idOf,
  type Place,
  type Revision,
  requestsPerSecond,
} from './agency-tree.ts';

/** The past of one account. */
export interface AccountPast {
  readonly account: AccountName;
  readonly exchanges: readonly Exchange[];
  readonly revisions: readonly Revision[];
}

/** One sentence for each thing that must not have happened. */
export function checkAccount(past: AccountPast): string[] {
  const { account, exchanges } = past;
  const rest = { edits: [], files: [], outages: [], leaps: [], requestsPerSecond };
  const ofRequests = [checkBudget, checkOverlap].flatMap((check) =>
    check({ entries: exchanges, ...rest }),
  );
  const found = [...checkIds(past), ...checkBodies(past), ...checkEntries(past), ...ofRequests];
  return found.map((violation) => `${account}: ${violation}`);
}

function checkIds({ account, exchanges }: AccountPast): string[] {
  const own = new Set<string>(placesOf(account).map(idOf));
  return exchanges
    .map(({ request }) => request.widgetId)
    .filter((id) => id !== null && !own.has(id))
    .map((id) => `a request for ${id}, which is another account's`);
}

/** What a write says stood in one state of the tree, fragments and all, and in none that is older than the last. */
function checkBodies({ account, exchanges, revisions }: AccountPast): string[] {
  const writes = exchanges
    .filter(isWrite)
    .sort((a, b) => a.request.startedAtMs - b.request.startedAtMs);
  return placesOf(account).flatMap((place) => {
    let reached = 0;
    return writes
      .filter(({ request }) => request.widgetId === idOf(place))
      .flatMap(({ request: { body, startedAtMs } }) => {
        const said = isJsonObject(body) ? body : {};
        const told = `${JSON.stringify(markersOf(said))} sent at ${atMs(startedAtMs)}`;
        const fits = revisions.map(
          ({ fromMs, model }) =>
            fromMs <= startedAtMs && isComposedAs(said, composedOf(model, place)),
        );
        const first = fits.indexOf(true, reached);
        if (first !== -1) {
          reached = first;
          return [];
        }
        return fits.includes(true)
          ? [`an older body after a newer one: ${told}`]
          : [`in no state of the tree: ${told}`];
      });
  });
}

const declared = ['display_name', 'bubble_text', 'style_params', 'intro_message'] as const;

function markersOf(body: JsonObject): Json[] {
  return declared.map((name) => body[name] ?? null);
}

/** Also where a field that is no longer declared is set back. */
export function isComposedAs(body: JsonObject, composed: JsonObject | null): boolean {
  if (composed === null) return false;
  return declared.every((name) =>
    composed[name] === undefined ? !isOfHoliday(body[name]) : isSame(body[name], composed[name]),
  );
}

function isOfHoliday(value: Json | undefined): boolean {
  return typeof value === 'string' && value.startsWith('_holiday');
}

/** The file of accounts is read each second, and what is under way may end; a busy machine takes longer. */
const graceMs = 6000;

/** Nothing is written for an account that was taken out of the file, or is suspended, for a while. */
function checkEntries({ account, exchanges, revisions }: AccountPast): string[] {
  return silences(account, revisions).flatMap(({ fromMs, toMs, entry }) =>
    exchanges
      .filter(isWrite)
      .filter(({ request: { startedAtMs } }) => startedAtMs > fromMs && startedAtMs < toMs)
      .map(({ request }) => `written at ${atMs(request.startedAtMs)}, ${entry} for ${graceMs} ms`),
  );
}

function silences(account: AccountName, revisions: readonly Revision[]) {
  const spans: { fromMs: number; toMs: number; readonly entry: Entry }[] = [];
  let last: (typeof spans)[number] | null = null;
  for (const { fromMs, wholeMs, model } of revisions) {
    const entry = model.accountsFile === 'there' ? model.entries[account] : 'as usual';
    if (last !== null && last.entry !== entry) {
      last.toMs = fromMs;
      last = null;
    }
    if (last === null && (entry === 'gone' || entry === 'suspended')) {
      last = { fromMs: wholeMs + graceMs, toMs: Number.POSITIVE_INFINITY, entry };
      spans.push(last);
    }
  }
  return spans.filter(({ fromMs, toMs }) => fromMs < toMs);
}

export interface Kept {
  readonly account: AccountName;
  /** As they stand in the account. */
  readonly widgets: ReadonlyMap<string, JsonObject>;
  /** By the widget's id. */
  readonly records: ReadonlyMap<string, JsonObject>;
}

/** Where an account, or what is recorded of it, is not as the tree says now. */
export function differencesIn({ account, widgets, records }: Kept, { model }: Revision): string[] {
  const own = new Set<string>(placesOf(account).map(idOf));
  const foreign = [...records.keys()].filter((id) => !own.has(id));
  return [
    ...foreign.map((id) => `${account}: a record of ${id}, which is another account's`),
    ...placesOf(account).flatMap((place) => {
      const id = idOf(place);
      const composed = composedOf(model, place);
      if (composed === null) return [];
      const told = `${account}: w${place.widget}`;
      const live = widgets.get(id) ?? {};
      if (!isComposedAs(live, composed)) {
        return [`${told} is ${JSON.stringify(markersOf(live))}, not ${JSON.stringify(composed)}`];
      }
      const spec = records.get(id)?.['spec'];
      const isRecorded = isJsonObject(spec) && isComposedAs(spec, composed);
      return isRecorded ? [] : [`${told} is not recorded as it was sent`];
    }),
  ];
}

function placesOf(account: AccountName): Place[] {
  return everyPlace().filter((place) => place.account === account);
}

/** No line of the log that is about one account names a widget of another. */
export function checkLog(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, account] = /"account":"([^"]+)"/.exec(line) ?? [];
    if (account === undefined) return [];
    const foreign = everyPlace().filter(
      (place) => place.account !== account && line.includes(idOf(place)),
    );
    return foreign.length === 0 ? [] : [`a line of ${account} names another's widget: ${line}`];
  });
}
