// What the kept status of an account says.
import type { FoundStatus, StateOptions } from '../state-store.ts';
import { isStatusOfAnother, parseStatus } from '../status-format.ts';

/** `text`: null where there is none. */
export function statusIn(
  text: string | null,
  account: string,
  { apiUrl }: Pick<StateOptions, 'apiUrl'>,
): FoundStatus {
  if (text === null) return { status: null, damaged: null };
  const status = parseStatus(text, apiUrl);
  const isDamaged = status === null && !isStatusOfAnother(text, apiUrl);
  return { status, damaged: isDamaged ? `the status of the account ${account}` : null };
}
