// The decisions of people, as files of the state directory: the plan that was approved, and the contents that
// were let past the limit on changes. Whatever is damaged decides nothing.
import { join } from 'node:path';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { type AllowedChanges, approvalValidMs } from '../state-store.ts';
import { readStateFile, removeStateFile, replaceStateFile } from './state-file.ts';

export interface Approval {
  /** The plan's. */
  readonly checksum: string;
  readonly time: Date;
}

const approvalIn = (directory: string) =>
  [join(directory, 'approved.json'), 'the approval'] as const;

const allowedIn = (directory: string) =>
  [join(directory, 'admitted.json'), 'what was let through,'] as const;

/** Null when there is none that counts at `now`. Throws `StateError` where it cannot be read. */
export async function readApproval(directory: string, now: Date): Promise<string | null> {
  const text = await readStateFile(...approvalIn(directory));
  const approval = text === null ? null : parseApproval(text);
  if (approval === null) return null;
  const ageMs = now.getTime() - approval.time.getTime();
  return Math.abs(ageMs) <= approvalValidMs ? approval.checksum : null;
}

/** Throws `StateError`. */
export async function writeApproval(
  directory: string,
  { checksum, time }: Approval,
): Promise<void> {
  const text = `${JSON.stringify({ checksum, time: time.toISOString() })}\n`;
  await replaceStateFile(...approvalIn(directory), text);
}

/** Throws `StateError`. */
export async function removeApproval(directory: string): Promise<void> {
  await removeStateFile(...approvalIn(directory));
}

/** Written by hand, or torn: such a file approves nothing. */
function parseApproval(text: string): Approval | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const { checksum, time } = stored;
  if (typeof checksum !== 'string' || typeof time !== 'string') return null;
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? null : { checksum, time: at };
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
  const stored = { api_url: apiUrl, hashes: Object.fromEntries(allowed) };
  await replaceStateFile(...allowedIn(directory), `${JSON.stringify(stored)}\n`);
}

function parseAllowedChanges(text: string, apiUrl: string): AllowedChanges {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['api_url'] !== apiUrl) return new Map();
  const { hashes } = stored;
  if (hashes === undefined || !isJsonObject(hashes)) return new Map();
  return new Map(
    Object.entries(hashes).flatMap(([key, hash]): [WidgetId, string][] => {
      const widgetId = parseWidgetId(key);
      return widgetId === null || typeof hash !== 'string' ? [] : [[widgetId, hash]];
    }),
  );
}
