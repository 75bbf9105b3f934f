// `apply --checksum` beside a running daemon: the approval is left for it in the state directory.

import { StateError, UsageError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { type ExitCode, exitCode, ownCommand, type ProcessContext } from '../process-context.ts';
import { lookAtState, requireStateOf, whoseState } from '../wiring/account-state.ts';
import { commandForAccount } from '../wiring/command-with.ts';
import { printApproved } from './report-json.ts';

export interface ApproveRequest {
  readonly settings: Settings;
  readonly json: boolean;
  /** The checksum of the plan that is approved. */
  readonly checksum: string | null;
}

/** Throws `UsageError` when the daemon waits for another plan's approval, or for none. */
export async function approve(request: ApproveRequest, context: ProcessContext): Promise<ExitCode> {
  const { settings, json, checksum } = request;
  const status = typed(settings, context)('status');
  const view = lookAtState(settings, context);
  await requireStateOf(whoseState(settings), view);
  const refused = refusedByDaemon((await view.status()).status);
  if (checksum === null || refused === null) {
    throw new UsageError(
      'the daemon that holds the state directory has refused no plan: there is nothing to approve',
    );
  }
  if (refused !== checksum) {
    throw new UsageError(
      `the daemon waits for the approval of another plan by now: ${refused}. ` +
        `It looks at everything anew on SIGHUP; ${status} then has its checksum`,
    );
  }
  await view.approve(checksum);
  if (json) printApproved(checksum, context);
  else {
    context.stdout.write(
      `Approved. The daemon that holds the state directory applies exactly this plan, or nothing; \`${status}\` tells.\n`,
    );
  }
  return exitCode.ok;
}

/** A plan that `apply` has refused before the daemon started is none that the daemon waits with. */
function refusedByDaemon(status: StatusRecord | null): string | null {
  return status?.command === 'run' ? status.refusedChecksum : null;
}

/** The error that keeps `apply` out; where the daemon waits for a person, it says how to say yes. */
export async function orApprove(
  taken: StateError,
  settings: Settings,
  context: Pick<ProcessContext, 'env' | 'clock' | 'account'>,
): Promise<StateError> {
  // A status that cannot be read says nothing; the directory is taken all the same.
  const found = await lookAtState(settings, context)
    .status()
    .catch(() => null);
  const refused = refusedByDaemon(found?.status ?? null);
  if (refused === null) return taken;
  return new StateError(
    `${taken.message}. It has refused a plan that changes too much: if that is meant, ` +
      `${typed(settings, context)('apply', '--checksum', refused)} approves it`,
    { cause: taken },
  );
}

/** A command as it is to be typed; of one account among several with what names it. */
function typed(settings: Settings, { env, account }: Pick<ProcessContext, 'env' | 'account'>) {
  const program = ownCommand(env);
  if (account !== undefined) return commandForAccount({ settings, program }, account.name);
  return (...words: string[]) => [program, ...words].join(' ');
}
