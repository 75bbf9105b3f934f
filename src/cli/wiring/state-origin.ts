// Whose state a command shows that only looks into the state directory.

import { StateError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { parseApiUrl } from '../../config/api-url.ts';
import type { Settings } from '../../config/settings.ts';
import { readApiUrls } from '../../state/file/recorded-api-urls.ts';

type Asked = Pick<Settings, 'state' | 'apiUrl' | 'given'>;

/**
 * The API that was asked for, or, where none was named, the one that the state belongs to: the default
 * is for those who send. Throws `StateError` where the state belongs to others than the one named.
 */
export async function apiToShow({ state, apiUrl, given }: Asked): Promise<string> {
  const asked = parseApiUrl(apiUrl);
  if (given.has('apiUrl')) {
    await requireStateOf(asked, state);
    return asked;
  }
  for await (const recorded of readApiUrls(state)) return recorded;
  return asked;
}

/** Throws `StateError` where the state belongs to others than this API. Nobody's is fine. */
export async function requireStateOf(asked: string, state: string): Promise<void> {
  const others = new Set<string>();
  for await (const recorded of readApiUrls(state)) {
    if (recorded === asked) return;
    others.add(recorded);
  }
  if (others.size === 0) return;
  throw new StateError(
    `the state directory ${printable(state)} belongs to ${printable([...others].join(' and '))}, ` +
      `not to ${asked}: name that with --api-url, or another directory with --state`,
  );
}
