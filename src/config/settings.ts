// Flags and environment, read once into Settings.

import { UsageError } from '../base/errors.ts';
import { type Option, type OptionName, type OptionValues, options } from './options.ts';
import { refuseUnknownVariables } from './unknown-variables.ts';

/** `accounts`: the file of accounts says it, for one of them or for all. */
type GivenBy = 'flag' | 'environment' | 'accounts';

export interface Settings extends OptionValues {
  /** The place where each option was given; no entry for one that was not. */
  readonly given: ReadonlyMap<OptionName, GivenBy>;
}

export type Flags = Partial<Record<OptionName, string>>;

/** A flag wins over the environment. Throws `UsageError` for the first thing that cannot be used. */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv): Settings {
  refuseUnknownVariables(
    env,
    Object.values(options).map((option) => option.env),
  );
  const given = new Map<OptionName, GivenBy>();
  const values = Object.entries(options).map(([name, option]) => {
    const flag = flags[name as OptionName];
    const variable = option.env === null ? undefined : env[option.env];
    if (variable !== undefined) given.set(name as OptionName, 'environment');
    if (flag !== undefined) given.set(name as OptionName, 'flag');
    const where = flag === undefined ? option.env : (option.flag.split(' ')[0] ?? name);
    return [name, parseOption(option, flag ?? variable ?? option.fallback, where ?? name)];
  });
  return { ...(Object.fromEntries(values) as OptionValues), given };
}

/** The value of a field of a file. Throws `UsageError`, which begins with the field's name. */
export function parseField(name: OptionName, text: string, field: string): unknown {
  const option: Option<unknown> = options[name];
  return parseOption({ ...option, parse: (words) => option.parse(words, field) }, text, field);
}

function parseOption(option: Option<unknown>, text: string, where: string): unknown {
  try {
    return option.parse(text);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const expected = error instanceof Error ? error.message : String(error);
    const why = text.trim() === '' ? ' (is a variable not set?)' : '';
    throw new UsageError(`${where}: expected ${expected}, found ${JSON.stringify(text)}${why}`);
  }
}
