// `resync`: whoever follows the account looks at all that is live, as by SIGHUP, also on another machine. Needs no
// key and no network: it leaves an order, which the holder of the state takes once.
import { StateError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { formatRate } from '../../config/rate.ts';
import type { Settings } from '../../config/settings.ts';
import { durationText } from '../../render/time.ts';
import { describeHolder } from '../../state/holder.ts';
import type { StateView } from '../../state/state-store.ts';
import { openLog } from '../logging.ts';
import type { AccountEnd } from '../over-accounts/over-accounts.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { openView } from '../wiring/account-state.ts';

export interface ResyncRequest {
  readonly settings: Settings;
}

/** A process that follows looks each second. */
const patienceMs = 15_000;
const askEveryMs = 100;

export async function resync(request: ResyncRequest, context: ProcessContext): Promise<ExitCode> {
  return (await resyncOne(request, context)).code;
}

/** Throws `StateError` where nobody follows the account, or the order is not taken: it is taken back then. */
export async function resyncOne(
  { settings }: ResyncRequest,
  context: ProcessContext,
): Promise<AccountEnd> {
  const log = openLog(settings, context, 'text');
  const warn = (message: string, fields: object) => log.warn(fields, message);
  const { view } = await openView(settings, { clock: context.clock, warn });
  const holder = await view.holder();
  if (holder === null) throw new StateError(`nobody follows the account: ${elseWords}`);
  const who = describeHolder(holder);
  if (holder.command !== null && holder.command !== 'run') {
    throw new StateError(`the account is in use by ${who}, which follows nothing: ${elseWords}`);
  }
  const id = await view.orderResync();
  if (!(await isTaken(id, view, context)) && (await view.withdrawResync(id))) {
    throw new StateError(
      `${who} did not take the order, which is taken back: it has only begun, waits for its files, or is of an earlier version`,
    );
  }
  const widgets = (await view.recordedIds()).length;
  context.stdout.write(`${printable(takenWords(who, widgets, settings))}\n`);
  return { code: exitCode.ok, isCalm: true, sums: { widgets } };
}

const elseWords = 'plan shows what is live otherwise, and apply puts it right';

/** What is read takes at most a request for each widget. */
function takenWords(who: string, widgets: number, { rate }: Settings): string {
  const seconds = Math.max(1, Math.ceil((widgets * rate.windowMs) / rate.limit / 1000));
  const until = `within ${durationText(seconds)} at ${formatRate(rate)}`;
  return `${who} looks at ${count(widgets, 'widget')} now: all are read ${until}, unless changes go first.`;
}

/** False: not within the patience, or this is told to stop. */
async function isTaken(
  id: string,
  view: StateView,
  { clock, stop }: ProcessContext,
): Promise<boolean> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    if (await view.isResyncTaken(id)) return true;
    if (stop.aborted || clock.monotonicMs() - startedMs >= patienceMs) return false;
    await clock.sleep(askEveryMs, stop);
  }
}
