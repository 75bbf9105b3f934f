// The keys of all accounts, read as they change: to tell two that are the same, and so that each is hidden and
// found in files from the first look on. Opening an account reads its key by itself.
import { createHash } from 'node:crypto';
import { type ApiKey, type KeySource, openApiKey } from '../api/api-key.ts';
import { UsageError } from '../base/errors.ts';
import { registerSecret } from '../base/secrets.ts';
import type { AccountKey } from './account-entry.ts';

/** The key of an account, as whoever opens it asks for it. Throws `UsageError` where its variable is not set. */
export function keySourceOf(name: string, key: AccountKey, env: NodeJS.ProcessEnv): KeySource {
  if (key.kind === 'file') return { kind: 'file', path: key.path, setting: `key_file of ${name}` };
  const value = env[key.name] ?? '';
  const setting = `key_env of ${name} (${key.name})`;
  if (value !== '') return { kind: 'value', value, setting };
  throw new UsageError(`no API key: ${setting} is not set in the environment`);
}

export interface KeyHolder {
  readonly name: string;
  readonly key: AccountKey | null;
}

interface Owned {
  readonly text: string;
  /** To be compared, where the text itself could be shown by mistake. */
  readonly digest: string;
  /** The account is not told any more where the text is found; the text stays hidden. */
  readonly disown: () => void;
}

export class AccountKeys {
  readonly #env: NodeJS.ProcessEnv;
  readonly #opened = new Map<string, ApiKey>();
  /** By the name of the account. */
  readonly #owned = new Map<string, Owned>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** A digest of the key of each of them; null where none can be read now. All others have no key any more. */
  read(holders: readonly KeyHolder[]): (string | null)[] {
    const unread = new Set(this.#opened.keys());
    const digests = holders.map(({ name, key }) => {
      if (key === null) return this.#own(name, null);
      const id = `${key.kind} ${key.kind === 'file' ? key.path : key.name}`;
      unread.delete(id);
      return this.#own(name, this.#textOf(id, name, key));
    });
    for (const id of unread) this.#opened.delete(id);
    const names = new Set(holders.map(({ name }) => name));
    for (const name of this.#owned.keys()) if (!names.has(name)) this.#own(name, null);
    return digests;
  }

  #textOf(id: string, name: string, key: AccountKey): string | null {
    const known = this.#opened.get(id);
    if (known !== undefined) {
      known.refresh();
      return known.text();
    }
    try {
      // Hidden for good and as nobody's: whose it is may change.
      const opened = openApiKey(keySourceOf(name, key, this.#env));
      this.#opened.set(id, opened);
      return opened.text();
    } catch (error) {
      // Whoever opens the account says it; here there is nothing to compare.
      if (error instanceof UsageError) return null;
      throw error;
    }
  }

  #own(name: string, text: string | null): string | null {
    const owned = this.#owned.get(name);
    if (owned !== undefined && owned.text === text) return owned.digest;
    owned?.disown();
    this.#owned.delete(name);
    if (text === null) return null;
    const digest = createHash('sha256').update(text).digest('base64');
    this.#owned.set(name, { text, digest, disown: registerSecret(text, { account: name }) });
    return digest;
  }
}
