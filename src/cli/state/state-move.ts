// `state move`: what is kept for an account goes to another directory, whole. Needs no key and no network.
import { basename, dirname, join, resolve } from 'node:path';
import { accountName } from '../../accounts/account-entry.ts';
import { UsageError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { moveStateDirectory } from '../wiring/account-state.ts';

export interface StateMoveRequest {
  readonly action: string;
  readonly from?: string;
  readonly to?: string;
  /** `WIDGET_SYNC_STATE`, or where states lie by default. */
  readonly state: string;
}

/** Throws `UsageError`, and `StateError` where nothing, or not all, was moved. */
export async function stateMove(
  { action, from = '', to = '', state }: StateMoveRequest,
  { stdout, stderr, clock, stop }: ProcessContext,
): Promise<ExitCode> {
  if (action !== 'move' || from.trim() === '' || to.trim() === '') {
    throw new UsageError('name both directories: state move --from <dir> --to <dir>');
  }
  refuseOddName({ from, to, state });
  const moved = await moveStateDirectory({ from, to, now: clock.now(), stop });
  const { records, entries, left, apiUrls, roots } = moved;
  const what = [count(records, 'record'), ...entries.filter((name) => name !== 'widgets')];
  stdout.write(
    `Moved the state from ${printable(from)} to ${printable(to)}: ${what.join(', ')}.\n`,
  );
  if (apiUrls.length > 0) stdout.write(`It belongs to ${printable(apiUrls.join(' and '))}.\n`);
  for (const root of roots) {
    stdout.write(`It was applied from the widget directory ${printable(root)}.\n`);
  }
  stdout.write(
    `${printable(join(from, 'moved.json'))} tells whoever still names ${printable(from)}; remove it to begin anew there.\n`,
  );
  if (left.length > 0) {
    stderr.write(
      `widget-sync: no part of the state, and left where it was: ${printable(left.join(', '))}\n`,
    );
  }
  if (roots.length > 1) {
    stderr.write(
      `widget-sync: ${roots.length} widget directories share this state: see "Two widget directories with one state" in docs/state.md\n`,
    );
  }
  return exitCode.ok;
}

/** In the directory of all states lies each account's under its name: another one nobody would find. */
function refuseOddName({ from, to, state }: Record<'from' | 'to' | 'state', string>): void {
  const [place, name] = [dirname(resolve(to)), basename(resolve(to))];
  const isOfAccounts = [from, state].some((directory) => resolve(directory) === place);
  if (!isOfAccounts || accountName.test(name)) return;
  throw new UsageError(
    `--to: expected ${printable(dirname(to))}/ and the name of an account (lower-case letters, digits and hyphens, at most 63, and not widgets or orders), found ${JSON.stringify(printable(name))}`,
  );
}
