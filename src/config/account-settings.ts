// The settings of one account among several: what the file of accounts says, by the options' own parsers and
// defaults, beside the settings of the process. No second table of options.
import type { OptionName, OptionValues } from './options.ts';
import { parseField, type Settings } from './settings.ts';

/** The options that each account has for itself, by the name of their field in the file of accounts. */
export const accountFields = {
  api_url: 'apiUrl',
  rate: 'rate',
  concurrency: 'concurrency',
  timeout: 'timeout',
  live: 'live',
  drift: 'drift',
  released: 'released',
  max_changes: 'maxChanges',
  allow: 'allow',
  keep_history: 'keepHistory',
  resync: 'resync',
  timezone: 'timezone',
} as const satisfies Readonly<Record<string, OptionName>>;

export type AccountField = keyof typeof accountFields;

/** The value of the option from its text. Throws `UsageError`, which begins with the field's name. */
export function parseAccountField(field: AccountField, text: string): unknown {
  return parseField(accountFields[field], text, field);
}

/** As one process would have them, had its command line said this. `own`: values that were parsed, and the state. */
export function settingsOfAccount(
  process: Settings,
  own: Partial<OptionValues> & Pick<Settings, 'state'>,
): Settings {
  const given = new Map(process.given);
  // It is always this account's state that is meant, whatever state another API left in its place.
  given.set('apiUrl', 'accounts');
  for (const name of Object.values(accountFields)) if (name in own) given.set(name, 'accounts');
  return { ...process, ...own, given };
}
