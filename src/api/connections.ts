// The sockets: a keep-alive pool, through a proxy where the environment names one. Refuses a proxy
// it cannot use, rather than going around it.
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { codeOf, UsageError } from '../errors.ts';

/** What curl and most others read, of the environment. */
export interface ProxySettings {
  /** URL of the proxy for https, or null for none. */
  readonly httpsProxy: string | null;
  /** Hosts that are reached directly, separated by commas or white space. */
  readonly noProxy: string;
}

/** The lower-case names win, as with curl; an empty variable is as good as none. */
export function readProxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  const https = env['https_proxy'] || env['HTTPS_PROXY'] || '';
  return {
    httpsProxy: https.trim() === '' ? null : parseProxyUrl(https.trim()),
    noProxy: env['no_proxy'] || env['NO_PROXY'] || '',
  };
}

/** A larger response is not the API's: the largest is a page of a hundred widgets. */
const maxResponseBytes = 16 * 1024 * 1024;

/** `timeoutMs` bounds the connecting; the whole request has its own deadline in the client. */
export function openConnections(base: URL, proxy: ProxySettings, timeoutMs: number): Dispatcher {
  const options: Agent.Options = {
    maxResponseSize: maxResponseBytes,
    // The deadline of the client is the only clock, whether shorter or longer than undici's own.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const connect = { timeout: timeoutMs };
  if (base.protocol === 'http:' || proxy.httpsProxy === null) {
    return new Agent({ ...options, connect });
  }
  return new EnvHttpProxyAgent({
    ...options,
    connect,
    factory: openPool,
    proxyTls: connect,
    // A proxy that never answers CONNECT would keep its socket long after the request was given up.
    clientFactory: (origin, pool) => new Pool(origin, { ...pool, headersTimeout: timeoutMs }),
    // Said in full, so that nothing is read from the environment behind the settings' back, and
    // HTTP_PROXY never stands in for HTTPS_PROXY.
    httpProxy: '',
    httpsProxy: proxy.httpsProxy,
    noProxy: proxy.noProxy,
  });
}

/**
 * A pool that takes a tunnel that broke off for an error. undici itself would connect again at once,
 * thousands of times a second, for as long as the request lasts: it takes that code for an idle
 * connection that was closed.
 */
function openPool(origin: string | URL, options: Pool.Options): Pool {
  const { connect } = options;
  if (typeof connect !== 'function') return new Pool(origin, options);
  const connectOnce: buildConnector.connector = (to, callback) =>
    connect(to, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error === null) callback(null, socket);
      else callback(codeOf(error) === 'UND_ERR_SOCKET' ? tunnelClosed() : error, null);
    });
  return new Pool(origin, { ...options, connect: connectOnce });
}

function tunnelClosed(): Error {
  return Object.assign(new Error('The proxy closed the connection'), { code: 'PROXY_CLOSED' });
}

/** The messages repeat nothing of the value, which often holds a password. */
function parseProxyUrl(text: string): string {
  // curl takes `proxy.example:3128` for http, and so do people.
  const url = toUrl(text.includes('://') ? text : `http://${text}`);
  if (url === null) {
    throw new UsageError(
      'HTTPS_PROXY is not a valid URL: give one such as http://proxy.example:3128, or unset it.',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(
      `HTTPS_PROXY uses ${url.protocol}//, which is not supported: use an http:// or https:// proxy, or unset it.`,
    );
  }
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    throw new UsageError(
      'HTTPS_PROXY holds a user name or password with a stray %: write it as %25.',
    );
  }
  return url.href;
}

function toUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
