// The decisions of people, as files of the state directory: the plan that was approved, and the contents that
// were let past the limit on changes.
import { join } from 'node:path';
import {
  type Approval,
  approvedIn,
  formatAllowedChanges,
  formatApproval,
  parseAllowedChanges,
} from '../format/decision-format.ts';
import type { AllowedChanges } from '../state-store.ts';
import { readStateFile, removeStateFile, replaceStateFile } from './state-file.ts';

const approvalIn = (directory: string) =>
  [join(directory, 'approved.json'), 'the approval'] as const;

const allowedIn = (directory: string) =>
  [join(directory, 'admitted.json'), 'what was let through,'] as const;

/** Null when there is none that counts at `now`. Throws `StateError` where it cannot be read. */
export async function readApproval(directory: string, now: Date): Promise<string | null> {
  const text = await readStateFile(...approvalIn(directory));
  return text === null ? null : approvedIn(text, now);
}

/** Throws `StateError`. */
export async function writeApproval(directory: string, approval: Approval): Promise<void> {
  await replaceStateFile(...approvalIn(directory), formatApproval(approval));
}

/** Throws `StateError`. */
export async function removeApproval(directory: string): Promise<void> {
  await removeStateFile(...approvalIn(directory));
}

interface AccountPlace {
  readonly directory: string;
  readonly apiUrl: string;
}

/** None of another account. Throws `StateError` where it cannot be read. */
export async function readAllowedChanges({
  directory,
  apiUrl,
}: AccountPlace): Promise<AllowedChanges> {
  const text = await readStateFile(...allowedIn(directory));
  return text === null ? new Map() : parseAllowedChanges(text, apiUrl);
}

/** Throws `StateError`. */
export async function writeAllowedChanges(
  { directory, apiUrl }: AccountPlace,
  allowed: AllowedChanges,
): Promise<void> {
  await replaceStateFile(...allowedIn(directory), formatAllowedChanges(allowed, apiUrl));
}
