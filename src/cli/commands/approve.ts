// `apply --checksum` beside a running daemon: the approval is left for it in the state directory.

import { StateError, UsageError } from '../../base/errors.ts';
import { parseApiUrl } from '../../config/api-url.ts';
import type { Settings } from '../../config/settings.ts';
import type { StatusRecord } from '../../model/status-record.ts';
import { writeApproval } from '../../state/file/approval.ts';
import { readStatus } from '../../state/file/file-store.ts';
import { type ExitCode, exitCode, ownCommand, type Surroundings } from '../process-context.ts';
import { requireStateOf } from '../wiring/state-origin.ts';
import { printApproved } from './apply-report.ts';

export interface ApproveRequest {
  readonly settings: Settings;
  readonly json: boolean;
  /** Of the plan that is approved. */
  readonly checksum: string | null;
}

/** Throws `UsageError` when the daemon waits for another plan's approval, or for none. */
export async function approve(request: ApproveRequest, world: Surroundings): Promise<ExitCode> {
  const { settings, json, checksum } = request;
  const { state } = settings;
  const apiUrl = parseApiUrl(settings.apiUrl);
  await requireStateOf(apiUrl, state);
  const refused = refusedByDaemon(await readStatus(state, apiUrl));
  if (checksum === null || refused === null) {
    throw new UsageError(
      'the daemon that holds the state directory has refused no plan: there is nothing to approve',
    );
  }
  if (refused !== checksum) {
    throw new UsageError(
      `the daemon waits for the approval of another plan by now: ${refused}. ` +
        `It looks at everything anew on SIGHUP; ${ownCommand(world.env)} status then has its checksum`,
    );
  }
  await writeApproval(state, { checksum, time: world.clock.now() });
  if (json) printApproved(checksum, world);
  else {
    world.stdout.write(
      `Approved. The daemon that holds the state directory applies exactly this plan, or nothing; \`${ownCommand(world.env)} status\` tells.\n`,
    );
  }
  return exitCode.ok;
}

/** A plan that `apply` has refused before the daemon started is none that the daemon waits with. */
function refusedByDaemon(status: StatusRecord | null): string | null {
  return status?.command === 'run' ? status.refusedChecksum : null;
}

/** What keeps `apply` out, and where the daemon that does waits for a person, how to say yes. */
export async function orApprove(
  taken: StateError,
  { state, apiUrl }: Settings,
  { env }: Pick<Surroundings, 'env'>,
): Promise<StateError> {
  // What cannot be read says nothing; the directory is taken all the same.
  const status = await readStatus(state, parseApiUrl(apiUrl)).catch(() => null);
  const refused = refusedByDaemon(status);
  if (refused === null) return taken;
  return new StateError(
    `${taken.message}. It has refused a plan that changes too much: if that is meant, ` +
      `${ownCommand(env)} apply --checksum ${refused} approves it`,
    { cause: taken },
  );
}
