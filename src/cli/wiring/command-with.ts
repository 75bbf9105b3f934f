// A command as it is to be typed here, with the options that name the same account again.
import type { OptionName, Settings } from '../../config/settings.ts';

const account: readonly [OptionName & ('state' | 'apiUrl'), string][] = [
  ['state', '--state'],
  ['apiUrl', '--api-url'],
];

/** `validate` looks at files alone, and takes none of them. `program` is how this program is started here. */
export function commandWith(settings: Settings, program: string): (words: string) => string {
  const flags = account
    .filter(([name]) => settings.given.get(name) === 'flag')
    .map(([name, flag]) => ` ${flag} ${quoted(settings[name])}`);
  return (words) => {
    const isOfFiles = words.startsWith('validate ');
    return `${program} ${words}${isOfFiles ? '' : flags.join('')}`;
  };
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
