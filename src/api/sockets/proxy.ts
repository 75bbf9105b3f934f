// The proxy on the way to the API, by the variables that curl reads and as curl reads them. Refuses
// one that cannot be used rather than going around it, but only where it would be used.
import { UsageError } from '../../base/errors.ts';
import { isExempt } from './no-proxy.ts';

export interface HttpsProxy {
  /** Scheme, host and port, and nothing else. */
  readonly url: string;
  /** The value of `Proxy-Authorization`, or null for none. */
  readonly authorization: string | null;
  /** The variable that it stands in, for messages. */
  readonly variable: string;
}

/** The lower-case names win, and an empty variable is as good as none. */
const httpsVariables = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/** Null where the API is reached directly, as plain http always is: that is loopback only. */
export function chooseProxy(base: URL, env: NodeJS.ProcessEnv): HttpsProxy | null {
  if (base.protocol !== 'https:') return null;
  const variable = httpsVariables.find((name) => (env[name] ?? '').trim() !== '');
  if (variable === undefined) return null;
  if (isExempt(base, env['no_proxy'] || env['NO_PROXY'] || '')) return null;
  return parseProxy((env[variable] ?? '').trim(), variable);
}

/** The messages repeat nothing of the value, which often holds a password. */
function parseProxy(text: string, variable: string): HttpsProxy {
  // curl takes `proxy.example:3128` for http, and so do people.
  const url = toUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === '') {
    throw new UsageError(
      `${variable} is not a valid URL: give one such as http://proxy.example:3128, or unset it.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(
      `${variable} uses ${url.protocol}//, which is not supported: set HTTPS_PROXY to an http:// or https:// proxy, or name the API's host in NO_PROXY to reach it directly.`,
    );
  }
  // A path (/proxy.pac), a query and a fragment say nothing of where the proxy is.
  return { url: url.origin, authorization: basicAuthorization(url), variable };
}

/** A user needs no password. A % that begins no escape stands for itself, and bytes need not be UTF-8. */
function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const credentials = `${username}:${password}`.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return `Basic ${Buffer.from(credentials, 'latin1').toString('base64')}`;
}

function toUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
