// Decides who may read a page of this machine, and what a browser may do with it: any site that a person
// visits can point a name of its own at 127.0.0.1, or ask for an address there.
import type { Context, MiddlewareHandler } from 'hono';

export interface GuardRules {
  /** Names of this server beside those of loopback, in lower case, without a port. */
  readonly hosts: readonly string[];
  /** Paths that answer whatever name they are asked by, such as those that a machine asks. */
  readonly anyHost: readonly string[];
  /** Said where the name is not one of them. */
  readonly misdirected: string;
}

/** 421 for another host's name, 403 for another site, 405 for what would write. */
export function guard(rules: GuardRules): MiddlewareHandler {
  return async (context, next) => {
    const refusal = refuse(context, rules);
    if (refusal === null) await next();
    else context.res = refusal;
    for (const [name, value] of Object.entries(headers)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}

function refuse(context: Context, { hosts, anyHost, misdirected }: GuardRules): Response | null {
  const { req } = context;
  const host = req.header('host') ?? '';
  const isOwn = isLoopbackHost(host) || hosts.includes(nameOf(host));
  if (!isOwn && !anyHost.includes(req.path)) return context.text(misdirected, 421);
  if (isCrossSite(req)) {
    return context.text('Another site may not ask for this: open the address itself.\n', 403);
  }
  if (req.method === 'GET' || req.method === 'HEAD') return null;
  return context.text('There is nothing to write here: GET and HEAD only.\n', 405, {
    allow: 'GET, HEAD',
  });
}

/** With any port: a tunnel may lead here from another one. */
function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}

function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}

/** By Fetch Metadata (W3C); a link that a person follows is fine, as it leads to the page itself. */
function isCrossSite(req: Context['req']): boolean {
  const site = req.header('sec-fetch-site') ?? 'none';
  if (site === 'same-origin' || site === 'none') return false;
  return !(
    req.header('sec-fetch-mode') === 'navigate' && req.header('sec-fetch-dest') === 'document'
  );
}

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
