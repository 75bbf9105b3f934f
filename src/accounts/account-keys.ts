// The keys of all accounts, read as they change: to tell two that are the same, and so that each is hidden and
// found in files from the first look on. Opening an account reads its key by itself.
import { type ApiKey, type KeySource, openApiKey } from '../api/api-key.ts';
import { UsageError } from '../base/errors.ts';
import type { AccountKey } from './account-entry.ts';

/** The key of an account, as whoever opens it asks for it. Throws `UsageError` where its variable is not set. */
export function keySourceOf(name: string, key: AccountKey, env: NodeJS.ProcessEnv): KeySource {
  if (key.kind === 'file') return { kind: 'file', path: key.path, setting: `key_file of ${name}` };
  const value = env[key.name] ?? '';
  const setting = `key_env of ${name} (${key.name})`;
  if (value !== '') return { kind: 'value', value, setting };
  throw new UsageError(`no API key: ${setting} is not set in the environment`);
}

export class AccountKeys {
  readonly #env: NodeJS.ProcessEnv;
  readonly #opened = new Map<string, ApiKey>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** The text of the key; null where none can be read now. */
  read(name: string, key: AccountKey): string | null {
    const id = `${key.kind} ${key.kind === 'file' ? key.path : key.name}`;
    const known = this.#opened.get(id);
    if (known !== undefined) {
      known.refresh();
      return known.text();
    }
    try {
      const opened = openApiKey(keySourceOf(name, key, this.#env), { account: name });
      this.#opened.set(id, opened);
      return opened.text();
    } catch (error) {
      // Whoever opens the account says it; here there is nothing to compare.
      if (error instanceof UsageError) return null;
      throw error;
    }
  }
}
