// A token as text, `7-1f0c9a3e`: its number, and a part that is drawn anew for each. Where a failover loses
// writes the number may be given twice, and never the whole.
import { StateError } from '../../../base/errors.ts';

export interface Token {
  /** Of a bigint. */
  readonly number: string;
  readonly part: string;
}

export function readToken(text: string): Token {
  const [, number, part] = /^(\d{1,19})-([0-9a-f]+)$/.exec(text) ?? [];
  if (number === undefined || part === undefined) {
    throw new StateError(`there is no token ${JSON.stringify(text)} of the store on PostgreSQL`);
  }
  return { number, part };
}

/** The expression that gives the token of an account's row as text. */
export const tokenText = `token || '-' || token_part`;
/** The expression that draws the second part. */
export const newTokenPart = 'left(gen_random_uuid()::text, 8)';
