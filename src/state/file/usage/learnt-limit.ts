// The learnt limit of the API, kept from one process to the next: no request has to
// be refused again to find it. Losing it costs only the learning. Knows nothing of leave and waiting.
import { join } from 'node:path';
import { replaceFileSync } from '../../../base/atomic-file.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { readRegular } from '../../../base/read-regular-file.ts';
import { formatLearntLimit, parseLearntLimit } from '../../format/learnt-limit-format.ts';
import type { LearntLimit } from '../../state-store.ts';

export interface LearntLimitOptions {
  readonly directory: string;
  /** Another API has another limit. */
  readonly apiUrl: string;
  readonly warn: (message: string, fields: object) => void;
}

export const learntLimitFile = 'learnt-limit.json';

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
