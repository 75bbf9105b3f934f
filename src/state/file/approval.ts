// A person's yes to one plan, left in the state directory for the process that holds it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { stateFailure } from './state-failure.ts';

export interface Approval {
  /** Of the plan. */
  readonly checksum: string;
  readonly time: Date;
}

const approvalFile = 'approved.json';
/** A yes is meant for what somebody has just looked at. */
const approvalValidMs = 60 * 60_000;

/** Null when there is none that counts at `now`. Throws `StateError` where it cannot be read. */
export async function readApproval(directory: string, now: Date): Promise<string | null> {
  const path = join(directory, approvalFile);
  try {
    const approval = parseApproval(await readRegular(path));
    if (approval === null) return null;
    const ageMs = now.getTime() - approval.time.getTime();
    return Math.abs(ageMs) <= approvalValidMs ? approval.checksum : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read the approval ${path}`, error);
  }
}

/** Throws `StateError`. */
export async function writeApproval(directory: string, approval: Approval): Promise<void> {
  const { checksum, time } = approval;
  const path = join(directory, approvalFile);
  try {
    await replaceFile(path, `${JSON.stringify({ checksum, time: time.toISOString() })}\n`);
  } catch (error) {
    throw stateFailure(`cannot write the approval ${path}`, error);
  }
}

/** Throws `StateError`. */
export async function forgetApproval(directory: string): Promise<void> {
  const path = join(directory, approvalFile);
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw stateFailure(`cannot remove the approval ${path}`, error);
  }
}

/** Written by hand, or torn: nobody has approved anything by it. */
function parseApproval(text: string): Approval | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const { checksum, time } = stored;
  if (typeof checksum !== 'string' || typeof time !== 'string') return null;
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? null : { checksum, time: at };
}
