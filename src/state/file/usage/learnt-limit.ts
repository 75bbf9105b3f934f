// The learnt limit of the API, kept from one process to the next: no request has to
// be refused again to find it. Losing it costs only the learning. Knows nothing of leave and waiting.
import { join } from 'node:path';
import { replaceFileSync } from '../../../base/atomic-file.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import { readRegular } from '../../../base/read-regular-file.ts';
import type { LearntLimit } from '../../state-store.ts';

export interface LearntLimitOptions {
  readonly directory: string;
  /** Another API has another limit. */
  readonly apiUrl: string;
  readonly warn: (message: string, fields: object) => void;
}

export const learntLimitFile = 'learnt-limit.json';

const formatVersion = 1;

/** Null where nothing is known, also where the file is damaged or of another API; takes no lock. */
export async function readLearntLimit({
  directory,
  apiUrl,
}: Omit<LearntLimitOptions, 'warn'>): Promise<LearntLimit | null> {
  try {
    return parseLearntLimit(await readRegular(join(directory, learntLimitFile)), apiUrl);
  } catch {
    // Whatever stands there, it is learnt anew; the write says what it cannot replace.
    return null;
  }
}

/** Writes what is known by now, null for nothing. Never throws: says once that it cannot. */
export function keepLearntLimit({ directory, apiUrl, warn }: LearntLimitOptions) {
  const path = join(directory, learntLimitFile);
  let isFailing = false;
  return (limit: LearntLimit | null): void => {
    try {
      replaceFileSync(path, formatLearntLimit(limit, apiUrl));
      isFailing = false;
    } catch (error) {
      const why = { path, error: messageOf(error), code: codeOf(error) };
      if (!isFailing) warn('what was learnt of the limit of the API cannot be written', why);
      isFailing = true;
    }
  };
}

function formatLearntLimit(limit: LearntLimit | null, apiUrl: string): string {
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
function parseLearntLimit(text: string, apiUrl: string): LearntLimit | null {
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
