// What hides the API key in anything that leaves the process. Refuses to judge where a text came
// from: the key travels in a query string, so any URL, stack or library message may carry it.

/** Stands where a key stood. The space in it keeps a replaced text from ever spelling a key again. */
export const hiddenKey = '[api key]';

// One registry for the process: log lines are also written by libraries and by code that was never
// handed a key, and every one of them passes through `hideSecrets` on its way out. A key that was
// rotated out stays registered, for it may still be valid.
const holders = new Map<string, number>();
let registered: readonly string[] = [];

/** From now on `hideSecrets` knows this very text, whatever its form. Returns the way to forget it. */
export function registerSecret(value: string): () => void {
  if (value.trim() === '') return () => {};
  holdMore(value, 1);
  let isHeld = true;
  return () => {
    if (isHeld) holdMore(value, -1);
    isHeld = false;
  };
}

function holdMore(value: string, more: 1 | -1): void {
  const count = (holders.get(value) ?? 0) + more;
  if (count === 0) holders.delete(value);
  else holders.set(value, count);
  const all = new Set([...holders.keys()].flatMap(spellings));
  // The longest first: of two secrets that begin alike, the shorter would leave the other's tail.
  registered = [...all].sort((a, b) => b.length - a.length);
}

/** The text without the keys that are registered; nothing else in it changes. */
export function hideRegistered(text: string): string {
  return registered.reduce((rest, secret) => rest.replaceAll(secret, hiddenKey), text);
}

/** Shorter ones, such as those of a sandbox, stand in ordinary texts by chance. */
const shortestToFind = 12;

/** Whether a key that is registered stands in the text, however it is spelled. */
export function holdsRegistered(text: string): boolean {
  return registered.some((secret) => secret.length >= shortestToFind && text.includes(secret));
}

/** Whether something stands in the text that has the form of a key, registered or not. */
export function looksLikeKey(text: string): boolean {
  return text.search(keyLike) !== -1;
}

/** The text with every key in it replaced by a fixed word; applying it twice changes nothing more. */
export function hideSecrets(text: string): string {
  return hideRegistered(text).replace(queryKey, `$1${hiddenKey}`).replace(keyLike, hiddenKey);
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

/** The secret as it is, and as URLs, forms, JSON strings and JSON Pointers spell it. */
function spellings(value: string): string[] {
  // Through a buffer, because encodeURIComponent throws at half a surrogate pair.
  const wellFormed = Buffer.from(value).toString();
  const encoded = encodeURIComponent(wellFormed);
  const inLowerCase = encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());
  return [
    value,
    encoded,
    inLowerCase,
    // A URL that stands in the query of another one.
    encodeURIComponent(encoded),
    encodeURIComponent(inLowerCase),
    new URLSearchParams({ value: wellFormed }).toString().slice('value='.length),
    inJson(value),
    // JSON that stands in a string of other JSON: a body that an API repeats, in a line of the log.
    inJson(inJson(value)),
    value.replaceAll('~', '~0').replaceAll('/', '~1'),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
