// The address of the API. Refuses whatever would send the key in clear text, or would make a URL that
// cannot be shown; the messages repeat nothing of a query or of credentials.
import { isIPv4 } from 'node:net';
import { UsageError } from '../base/errors.ts';

export const widgetPath = '/api/v1/widget';

const ofCommandLine = '--api-url (WIDGET_SYNC_API_URL)';
const example = 'https://api.insighto.ai';

/** The base URL in its one spelling, without a trailing slash; a path prefix is kept. `setting` is named in messages. */
export function parseApiUrl(text: string, setting = ofCommandLine): string {
  const url = parseUrl(text, setting);
  refuseSecrets(text, url, setting);
  refuseClearText(url, setting);
  const prefix = url.pathname.replace(/\/+$/, '');
  // Pasted from the vendor's reference, this would become /api/v1/api/v1/widget.
  const repeated = ['/api/v1', widgetPath].find((path) => prefix.endsWith(path));
  if (repeated !== undefined) {
    throw new UsageError(`${setting} must not end in ${repeated}: that part is added by itself.`);
  }
  return `${url.origin}${prefix}`;
}

function parseUrl(text: string, setting: string): URL {
  const trimmed = text.trim();
  if (trimmed === '') throw new UsageError(`${setting} is empty: give a URL such as ${example}.`);
  if (!/^https?:\/\//i.test(trimmed)) {
    throw new UsageError(
      `${setting} must begin with https://, as in ${example}; http:// is for loopback only, as in http://127.0.0.1:8080.`,
    );
  }
  try {
    return new URL(trimmed);
  } catch {
    throw new UsageError(`${setting} is not a valid URL: give one such as ${example}.`);
  }
}

function refuseSecrets(text: string, url: URL, setting: string): void {
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      `${setting} must not hold a user name or password: remove what stands before the @.`,
    );
  }
  // An empty query or fragment leaves no trace in the parsed URL.
  if (text.includes('?')) {
    throw new UsageError(
      `${setting} must not hold a query: remove the ? and what follows it. The key belongs in a file, or in INSIGHTO_API_KEY.`,
    );
  }
  if (text.includes('#')) {
    throw new UsageError(`${setting} must not hold a fragment: remove the # and what follows it.`);
  }
}

function refuseClearText(url: URL, setting: string): void {
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return;
  throw new UsageError(
    `${setting} uses http://, which would send the key in clear text: use https://. Plain http is for loopback only (localhost, 127.0.0.1, [::1]).`,
  );
}

/** The URL parser has already brought every spelling of an address (127.1, 0x7f000001) to one. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIPv4(hostname) && hostname.startsWith('127.');
}
