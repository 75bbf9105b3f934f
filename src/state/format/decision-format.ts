// The decisions of people as text, and back: the plan that was approved, and the contents that were let
// past the limit on changes. Whatever is damaged decides nothing.
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { type AllowedChanges, approvalValidMs } from '../state-store.ts';

export interface Approval {
  /** The plan's. */
  readonly checksum: string;
  readonly time: Date;
}

export function formatApproval({ checksum, time }: Approval): string {
  return `${JSON.stringify({ checksum, time: time.toISOString() })}\n`;
}

/** The checksum, where it counts at `now`; else null. */
export function approvedIn(text: string, now: Date): string | null {
  const approval = parseApproval(text);
  if (approval === null) return null;
  const ageMs = now.getTime() - approval.time.getTime();
  return Math.abs(ageMs) <= approvalValidMs ? approval.checksum : null;
}

/** Written by hand, or torn: such a text approves nothing. */
function parseApproval(text: string): Approval | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const { checksum, time } = stored;
  if (typeof checksum !== 'string' || typeof time !== 'string') return null;
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? null : { checksum, time: at };
}

export function formatAllowedChanges(allowed: AllowedChanges, apiUrl: string): string {
  const stored = { api_url: apiUrl, hashes: Object.fromEntries(allowed) };
  return `${JSON.stringify(stored)}\n`;
}

/** None of another account. */
export function parseAllowedChanges(text: string, apiUrl: string): AllowedChanges {
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
