// What is otherwise in an account's entry than it was, by the names of its fields: also where the entry itself
// is gone, and an account of `each` is left with what holds for all.
import { isDeepStrictEqual } from 'node:util';
import { accountFields } from '../config/account-settings.ts';
import type { AccountEntry } from './account-entry.ts';

/** `suspend is gone`, `drift is correct now`, `rate is another`; a text that may be long is not quoted. */
export function changedFields(before: AccountEntry, after: AccountEntry): string[] {
  const own = [
    before.directory === after.directory ? null : 'directory is another',
    isDeepStrictEqual(before.key, after.key) ? null : 'the place of the key is another',
    suspendWords(before.suspend, after.suspend),
    before.files === after.files ? null : `files is ${after.files ?? 'own'} now`,
  ];
  const ofOptions = Object.entries(accountFields).map(([field, name]) => {
    const value = after.settings[name];
    if (isDeepStrictEqual(before.settings[name], value)) return null;
    const isWord = typeof value === 'string' && /^\w+$/.test(value);
    return isWord ? `${field} is ${value} now` : `${field} is another`;
  });
  return [...own, ...ofOptions].filter((words) => words !== null);
}

function suspendWords(
  before: AccountEntry['suspend'],
  after: AccountEntry['suspend'],
): string | null {
  if (isDeepStrictEqual(before, after)) return null;
  if (after === null) return 'suspend is gone';
  return before === null ? 'suspend is new' : 'the reason of suspend is another';
}
