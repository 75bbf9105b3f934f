// What must hold of every account that replicas share, whatever went wrong. Pure: reads what happened and says what
// was wrong.
import { isJsonObject } from '../../../src/base/json/json.ts';
import { maxStartsInWindow } from '../../support/sandbox.ts';
import type { Entry as Exchange } from '../journal.ts';
import { atMs, isWrite } from '../requests-checks.ts';
import { type AccountName, everyPlace, type Place, timeoutMs } from './fleet-schedule.ts';

/** Each commit edits some widgets, whose name then tells its number. */
export interface Commit {
  readonly number: number;
  readonly atMs: number;
  readonly places: readonly Place[];
}

export interface FleetPast {
  readonly account: AccountName;
  readonly exchanges: readonly Exchange[];
  readonly commits: readonly Commit[];
  readonly budget: Budget;
}

export interface Budget {
  readonly limit: number;
  readonly windowMs: number;
}

export function checkFleetAccount(past: FleetPast): string[] {
  const found = [...checkBudget(past), ...checkOrder(past)];
  return found.map((violation) => `${past.account}: ${violation}`);
}

/** Over all processes that ever followed the account. */
function checkBudget({ exchanges, budget: { limit, windowMs } }: FleetPast): string[] {
  const requests = exchanges.map(({ request }) => request);
  const most = maxStartsInWindow(requests, windowMs);
  return most <= limit ? [] : [`${most} requests within ${atMs(windowMs)}, ${limit} allowed`];
}

export function nameOf({ account, widget }: Place, commit: number): string {
  return `${account} ${widget} of commit ${commit}`;
}

/** Null where no commit has ever named a widget so. */
export function commitIn(name: unknown, place: Place): number | null {
  const [, account, widget, commit] = /^(\S+) (\d+) of commit (\d+)$/.exec(String(name)) ?? [];
  return account === place.account && Number(widget) === place.widget ? Number(commit) : null;
}

/**
 * Each write says what a commit before it has said, and what was stored goes forward with the commits. A write that
 * was stored when its sender was gone counts as any other: whoever comes next is to wait for it.
 */
function checkOrder({ account, exchanges, commits }: FleetPast): string[] {
  return everyPlace
    .filter((place) => place.account === account)
    .flatMap((place) => {
      const own = commits.filter(({ places }) => places.some((one) => isSamePlace(one, place)));
      const writes = exchanges
        .filter(isWrite)
        .filter(({ request }) => widgetOf(request.widgetId) === place.widget);
      const stored = writes
        .filter((entry) => entry.stored !== null && !wasGivenUp(entry))
        .sort((a, b) => (a.stored?.turn ?? 0) - (b.stored?.turn ?? 0));
      return [
        ...writes.flatMap((write) => checkOrigin(write, place, own)),
        ...checkForward(stored, place),
      ];
    });
}

/** A server that stores what a client has given up after all its patience is not the client's fault. */
function wasGivenUp({ request: { startedAtMs, endedAtMs }, stored }: Exchange): boolean {
  return stored?.isLate === true && (endedAtMs ?? startedAtMs) - startedAtMs >= patienceMs;
}

/** From its arrival, which is a moment after it was sent. */
const patienceMs = timeoutMs - 500;

function checkOrigin({ request }: Exchange, place: Place, own: readonly Commit[]): string[] {
  const name = isJsonObject(request.body) ? request.body['display_name'] : null;
  const number = commitIn(name, place);
  const commit = own.find((one) => one.number === number);
  if (commit !== undefined && commit.atMs <= request.startedAtMs) return [];
  return [`in no commit by then: ${JSON.stringify(name)} sent at ${atMs(request.startedAtMs)}`];
}

function checkForward(stored: readonly Exchange[], place: Place): string[] {
  let reached = 0;
  return stored.flatMap(({ request: { body, startedAtMs } }) => {
    const number = commitIn(isJsonObject(body) ? body['display_name'] : null, place) ?? 0;
    if (number >= reached) {
      reached = number;
      return [];
    }
    const told = `w${place.widget} of commit ${number}, sent at ${atMs(startedAtMs)}`;
    return [`an older body after a newer one: ${told}, after commit ${reached}`];
  });
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.account === b.account && a.widget === b.widget;
}

/** The last four digits of its id, which are those of the widget. */
function widgetOf(widgetId: string | null): number | null {
  return widgetId === null ? null : Number.parseInt(widgetId.slice(-4), 16);
}

/** What each widget is to be by now. */
export function newestOf(commits: readonly Commit[], place: Place): string {
  const last = commits.filter(({ places }) => places.some((one) => isSamePlace(one, place))).at(-1);
  if (last === undefined) throw new Error('the first commit has all widgets');
  return nameOf(place, last.number);
}
