// Where fragments may lie, in the words of `--root` and of the file of accounts.
import type { Settings } from '../../config/settings.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';

export function rootWords({ root, accounts }: Pick<Settings, 'root' | 'accounts'>): RootWords {
  return { root, accountsFile: accounts };
}
