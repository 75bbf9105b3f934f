// Hides the API key in anything that leaves the process or touches the disk. Refuses to judge where
// a text came from: the key travels in a query string, so any URL, stack or library message may carry it.
import { patternOfSpellings } from './spellings.ts';

/** Stands where a key stood. The space in it keeps a replaced text from ever spelling a key again. */
export const hiddenKey = '[api key]';

// One registry for the process: log lines are also written by libraries and by code that was never
// handed a key, and every one of them passes through `hideSecrets` on its way out. A key that was
// rotated out stays registered, for it may still be valid.
const holders = new Map<string, Secret>();
let registered: readonly Secret[] = [];
let unmistakable: readonly Secret[] = [];
let version = 0;

interface Secret {
  readonly text: string;
  readonly pattern: RegExp;
  count: number;
}

/** From now on `hideSecrets` knows this very text, whatever its form. Returns the way to forget it. */
export function registerSecret(value: string): () => void {
  if (value.trim() === '') return () => {};
  const secret = holders.get(value) ?? {
    text: value,
    pattern: patternOfSpellings(value),
    count: 0,
  };
  secret.count += 1;
  if (secret.count === 1) {
    holders.set(value, secret);
    review();
  }
  let isHeld = true;
  return () => {
    if (isHeld) secret.count -= 1;
    isHeld = false;
    if (secret.count > 0 || holders.get(value) !== secret) return;
    holders.delete(value);
    review();
  };
}

/** Forgets all of them: for a process that is one program after another, as that of the tests is. */
export function forgetSecrets(): void {
  holders.clear();
  review();
}

function review(): void {
  // The longest first: of two secrets that begin alike, the shorter would leave the other's tail.
  registered = [...holders.values()].sort((a, b) => b.text.length - a.text.length);
  unmistakable = registered.filter((one) => one.text.length >= shortestToFind);
  version += 1;
}

/** Moves with every secret that is registered or forgotten: what was found by then is to be looked at again. */
export function secretsVersion(): number {
  return version;
}

/** The text without the keys that are registered; nothing else in it changes. */
export function hideRegistered(text: string): string {
  return registered.reduce((rest, { pattern }) => rest.replace(pattern, hiddenKey), text);
}

/**
 * Hides keys in what is read again: only those that `holdsRegistered` finds. A file in which
 * one stands is held, so this never alters what is recorded of a file that was sent.
 */
export function hideOnDisk(text: string): string {
  return unmistakable.reduce((rest, { pattern }) => rest.replace(pattern, hiddenKey), text);
}

/** Shorter ones, such as those of a sandbox, stand in ordinary texts by chance. */
const shortestToFind = 12;

/** Whether a key that is registered stands in the text, however it is spelled. */
export function holdsRegistered(text: string): boolean {
  return unmistakable.some(({ pattern }) => text.search(pattern) !== -1);
}

/** The places of such keys in the text, each from its first character up to, not including, the end. */
export function placesOfRegistered(text: string): [start: number, end: number][] {
  if (!holdsRegistered(text)) return [];
  return unmistakable.flatMap(({ pattern }) =>
    [...text.matchAll(pattern)].map((found): [number, number] => [
      found.index,
      found.index + found[0].length,
    ]),
  );
}

/** Whether something stands in the text that has the form of a key, registered or not. */
export function looksLikeKey(text: string): boolean {
  return text.search(keyLike) !== -1;
}

/** The text with every key in it replaced by a fixed word; applying it twice changes nothing more. */
export function hideSecrets(text: string): string {
  return hideKeyLike(hideRegistered(text).replace(queryKey, `$1${hiddenKey}`));
}

/** No key spans lines, and hardly any line has its first letters: those are found many times as fast. */
function hideKeyLike(text: string): string {
  if (!text.includes('in-')) return text;
  return text
    .split('\n')
    .map((line) => (line.includes('in-') ? line.replace(keyLike, hiddenKey) : line))
    .join('\n');
}

// A backslash ends the value too: in a line of JSON it belongs to the quote that follows. A key that
// holds one is percent-encoded in a URL.
const queryKey = /(api_key(?:=|%3d))(?:\[api key\][^&"'\s\\]*|[^&"'\s\\]+)/gi;

// Also keys that were never registered, such as one pasted into a widget file. The digit keeps
// words like in-conversation-settings readable. What stands before may be a letter only where it is
// the end of an escape: in a line of JSON, a key on a line of its own follows `\n`. Both patterns look
// at each character at most twice, however long the line.
const keyLike =
  /(?:(?<![\w-])|(?<=\\[bfnrt])|(?<=\\u[\da-f]{4}))in-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}/g;
