// The state of an account that was given another name: it lies beside the new one, under a name that is no
// account's any more. Who begins anew instead loses what was released, and would not hear of it.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StateError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import type { Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Account } from '../wiring/account.ts';
import { lookAtState } from '../wiring/account-state.ts';

export interface LeftState {
  readonly directory: string;
  /** How many widgets of the plan it has records of. */
  readonly records: number;
}

type Asked = Pick<Account, 'state' | 'apiUrl'>;

/** Null where nothing was asked for over several accounts, or something is recorded, or nothing was left behind. */
export async function findLeftState(
  plan: Plan,
  { state, apiUrl }: Asked,
  { clock, account }: Pick<ProcessContext, 'clock' | 'account'>,
): Promise<LeftState | null> {
  if (account?.listed === undefined || !plan.isNothingRecorded) return null;
  const names = new Set([...account.listed(), basename(state)]);
  const widgets = idsOf(plan);
  for (const name of await foldersIn(dirname(state))) {
    if (names.has(name)) continue;
    const directory = join(dirname(state), name);
    const records = await recordsIn({ state: directory, apiUrl }, widgets, clock);
    if (records > 0) return { directory, records };
  }
  return null;
}

/** `running`: the new state was made by now, and this process works with it; `ended`: nobody does any more. */
export type Begun = 'not' | 'running' | 'ended';

/** For people. `state move` does not mix two states. */
export function leftStateWords(
  { directory, records }: LeftState,
  { state }: Asked,
  begun: Begun,
): string {
  const [left, own] = [printable(directory), printable(state)];
  const first = {
    not: '',
    running: `stop this process, remove ${own}, and then `,
    ended: `remove ${own}, and then `,
  };
  return (
    `${left} is the state of no account, and has ${count(records, 'record')} of these widgets: was the account given ` +
    `another name? Then ${first[begun]}move it: widget-sync state move --from ${left} --to ${own}`
  );
}

/** For programs: a part of what they are told. */
export function leftStateJson(left: LeftState | null): object {
  return left === null ? {} : { left_state: left };
}

function idsOf({ changes, adopted, unchanged, drifted, held }: Plan): ReadonlySet<WidgetId> {
  const all = [changes, adopted, unchanged, drifted, held].flat();
  return new Set(all.flatMap(({ widgetId }) => widgetId ?? []));
}

async function foldersIn(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch {
    // Before a first apply there is none; whoever opens the state says anything else.
    return [];
  }
}

async function recordsIn(
  place: Pick<Account, 'state' | 'apiUrl'>,
  widgets: ReadonlySet<WidgetId>,
  clock: ProcessContext['clock'],
): Promise<number> {
  try {
    const view = lookAtState(place, { clock });
    const { length } = await view.recordsOf(widgets);
    // Where somebody works with it, it was not left.
    return length === 0 || (await view.holder()) !== null ? 0 : length;
  } catch (error) {
    // It cannot be looked at, or is no state at all: nothing can be said of it.
    if (error instanceof StateError) return 0;
    throw error;
  }
}
