// Hides the API key in anything that leaves the process or touches the disk. Refuses to judge where
// a text came from: the key travels in a query string, so any URL, stack or library message may carry it.
import { SpelledWords } from './spelling/spelled-words.ts';
import { patternOfSpellings } from './spelling/spellings.ts';

/** Stands where a key stood. The space in it keeps a replaced text from ever spelling a key again. */
export const hiddenKey = '[api key]';

// One registry for the process: log lines are also written by libraries and by code that was never
// handed a key, and every one of them passes through `hideSecrets` on its way out. A key that was
// rotated out stays registered, for it may still be valid.
const holders = new Map<string, Secret>();
// A process of many accounts has thousands of keys: they are looked up. Addresses and signing secrets begin
// with anything, and are few.
const keyBeginning = 'in-';
const isWord = /^in-[\x21-\x7e]*$/i;
let words = new SpelledWords<Secret>(keyBeginning);
const patterns = new Map<Secret, RegExp>();
let version = 0;

interface Secret {
  /** In lower case: a secret is found in capitals too. */
  readonly text: string;
  /** How often each account holds it; '' where nobody said whose it is. */
  readonly held: Map<string, number>;
}

/** A secret from its first character up to, not including, the end. */
interface Place {
  readonly start: number;
  readonly end: number;
}

export interface SecretOwner {
  /** The name of the account whose key it is: for who is told where it was found. */
  readonly account?: string;
}

/** From now on `hideSecrets` knows this very text, whatever its form. Returns the way to forget it. */
export function registerSecret(value: string, { account = '' }: SecretOwner = {}): () => void {
  if (value.trim() === '') return () => {};
  const text = lowerCase(value);
  const secret = holders.get(text) ?? learn({ text, held: new Map() });
  if (account !== '' && !secret.held.has(account)) version += 1;
  secret.held.set(account, (secret.held.get(account) ?? 0) + 1);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    const left = (secret.held.get(account) ?? 1) - 1;
    if (left > 0) secret.held.set(account, left);
    else {
      secret.held.delete(account);
      if (account !== '') version += 1;
    }
    if (secret.held.size === 0 && holders.get(text) === secret) forget(secret);
  };
}

function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function learn(secret: Secret): Secret {
  holders.set(secret.text, secret);
  if (isWord.test(secret.text)) words.add(secret.text, secret);
  else patterns.set(secret, patternOfSpellings(secret.text));
  version += 1;
  return secret;
}

function forget(secret: Secret): void {
  holders.delete(secret.text);
  patterns.delete(secret);
  words.remove(secret.text);
  version += 1;
}

/** Forgets all of them: for a process that is one program after another, as that of the tests is. */
export function forgetSecrets(): void {
  holders.clear();
  patterns.clear();
  words = new SpelledWords(keyBeginning);
  version += 1;
}

/** Moves with every secret that is registered or forgotten, or changes hands: what was found by then is to be looked at again. */
export function secretsVersion(): number {
  return version;
}

/** The text without the keys that are registered; nothing else in it changes. */
export function hideRegistered(text: string): string {
  return withoutPlaces(text, findSecrets(text));
}

/**
 * Hides keys in what is read again: only those that `holdsRegistered` finds. A file in which
 * one stands is held, so this never alters what is recorded of a file that was sent.
 */
export function hideOnDisk(text: string): string {
  return withoutPlaces(text, findUnmistakable(text));
}

/** Shorter ones, such as those of a sandbox, stand in ordinary texts by chance. */
const shortestToFind = 12;

/** Whether a key that is registered stands in the text, however it is spelled. */
export function holdsRegistered(text: string): boolean {
  return findUnmistakable(text).length > 0;
}

/** The places of such keys in the text, each from its first character up to, not including, the end. */
export function placesOfRegistered(text: string): [start: number, end: number][] {
  return findUnmistakable(text).map(({ start, end }) => [start, end]);
}

/** The accounts whose keys stand in the text, sorted: none where nobody said whose they are. */
export function ownersOfRegistered(text: string): string[] {
  const names = findUnmistakable(text).flatMap(({ secret }) => [...secret.held.keys()]);
  return [...new Set(names)].filter((name) => name !== '').sort();
}

function findUnmistakable(text: string) {
  return findSecrets(text).filter(({ secret }) => secret.text.length >= shortestToFind);
}

function findSecrets(text: string): (Place & { readonly secret: Secret })[] {
  const found = words.find(text).map(({ word, start, end }) => ({ secret: word, start, end }));
  for (const [secret, pattern] of patterns) {
    for (const { index, 0: spelled } of text.matchAll(pattern)) {
      found.push({ secret, start: index, end: index + spelled.length });
    }
  }
  return found.length < 2 ? found : found.sort((a, b) => a.start - b.start);
}

/** Takes the places out of the text, sorted by start; those that overlap leave one sign, and no piece of either. */
function withoutPlaces(text: string, places: readonly Place[]): string {
  if (places.length === 0) return text;
  let shown = '';
  let reached = 0;
  for (const { start, end } of places) {
    if (start >= reached) shown += text.slice(reached, start) + hiddenKey;
    reached = Math.max(reached, end);
  }
  return shown + text.slice(reached);
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
