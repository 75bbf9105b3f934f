// The learnt limit of the API as text, and back.
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import type { LearntLimit } from '../state-store.ts';

const formatVersion = 1;

export function formatLearntLimit(limit: LearntLimit | null, apiUrl: string): string {
  const stored = {
    version: formatVersion,
    api_url: apiUrl,
    limit: limit && {
      per_second: limit.perSecond,
      refused_at: limit.refusedAt,
      confirmed: limit.isConfirmed,
      about: limit.about,
    },
  };
  return `${JSON.stringify(stored)}\n`;
}

/** Null for anything that `formatLearntLimit` did not write for this API. */
export function parseLearntLimit(text: string, apiUrl: string): LearntLimit | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  const limit = stored['limit'];
  if (stored['api_url'] !== apiUrl || limit === undefined || !isJsonObject(limit)) return null;
  const { per_second: perSecond, refused_at: refusedAt, confirmed, about } = limit;
  if (!isRate(perSecond) || !isRate(refusedAt) || !isRate(about)) return null;
  return { perSecond, refusedAt, isConfirmed: confirmed === true, about };
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
