// A made-up key, and what tells it: everything that may turn up with a key in it.
import { randomBytes } from 'node:crypto';

/** `core` stands in every spelling of the key. What only looks like a key is hidden unregistered: not this. */
export function hatch(): { readonly key: string; readonly core: string } {
  const core = randomBytes(12).toString('hex');
  return { key: `in-c/"${core}\\+`, core };
}

/** The key in every form in which it turns up by itself. */
export function tell(key: string): string {
  const url = urlWith(key);
  const form = new URLSearchParams({ key }).toString();
  const inJson = JSON.stringify({ key, url });
  return [key, url, encodeURIComponent(url), encodeURIComponent(key), form, inJson].join(' ');
}

export function urlWith(key: string): string {
  return `https://api.test/api/v1/widget?api_key=${encodeURIComponent(key)}&page=1`;
}

export function nestedError(key: string): Error {
  const cause = new TypeError(tell(key), { cause: new Error(key) });
  return new Error(`GET ${urlWith(key)} failed`, { cause });
}
