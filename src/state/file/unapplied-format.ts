// What a record says of values that the API keeps or shows otherwise than they were sent, as text on disk
// and back. Earlier versions kept none of it.
import { isJsonObject, type JsonObject, sortKeys } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';

type Kept = Pick<AppliedRecord, 'spelling' | 'keptSince' | 'keptBeside' | 'isSentAgain'>;

export interface StoredKept {
  readonly spelling?: 'read' | 'unread';
  readonly kept_since?: string;
  readonly kept_beside?: JsonObject;
  readonly sent_again?: true;
}

export function formatKept({ spelling, keptSince, keptBeside, isSentAgain }: Kept): StoredKept {
  return {
    ...(spelling && { spelling }),
    ...(keptSince && { kept_since: keptSince.toISOString() }),
    ...(keptBeside && { kept_beside: sortKeys(keptBeside) }),
    ...(isSentAgain && { sent_again: true }),
  };
}

export const keptShapes: { readonly [key in keyof StoredKept]-?: (value: unknown) => boolean } = {
  spelling: (value) => value === undefined || value === 'read' || value === 'unread',
  kept_since: (value) =>
    value === undefined || (typeof value === 'string' && !Number.isNaN(Date.parse(value))),
  kept_beside: (value) => value === undefined || isJsonObject(value),
  sent_again: (value) => value === undefined || value === true,
};

/** Of what fits `keptShapes`. */
export function parseKept({ spelling, kept_since, kept_beside, sent_again }: StoredKept): Kept {
  return {
    ...(spelling && { spelling }),
    ...(kept_since && { keptSince: new Date(kept_since) }),
    ...(kept_beside && { keptBeside: kept_beside }),
    ...(sent_again && { isSentAgain: true }),
  };
}
