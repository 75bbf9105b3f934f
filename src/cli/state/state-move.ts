// `state move`: what is kept for an account goes to another directory, whole. Needs no key and no network.
import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { moveStateDirectory } from '../wiring/account-state.ts';

export interface StateMoveRequest {
  readonly action: string;
  readonly from?: string;
  readonly to?: string;
}

/** Throws `UsageError`, and `StateError` where nothing, or not all, was moved. */
export async function stateMove(
  { action, from = '', to = '' }: StateMoveRequest,
  { stdout, stderr, clock, stop }: ProcessContext,
): Promise<ExitCode> {
  if (action !== 'move' || from.trim() === '' || to.trim() === '') {
    throw new UsageError('name both directories: state move --from <dir> --to <dir>');
  }
  const moved = await moveStateDirectory({ from, to, now: clock.now(), stop });
  const { records, entries, left, apiUrls, roots } = moved;
  const what = [count(records, 'record'), ...entries.filter((name) => name !== 'widgets')];
  const [old, place] = [printable(from), printable(to)];
  stdout.write(`Moved the state from ${old} to ${place}: ${what.join(', ')}.\n`);
  if (apiUrls.length > 0) stdout.write(`It belongs to ${printable(apiUrls.join(' and '))}.\n`);
  for (const root of roots) {
    stdout.write(`It was applied from the widget directory ${printable(root)}.\n`);
  }
  stdout.write(
    `${printable(join(from, 'moved.json'))} tells whoever still names ${old}; remove it to begin anew there.\n`,
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
