// One GET of a public text by its address, such as a snapshot that is published: no key is sent, and redirects are
// followed, as hosts of files make them.
import { STATUS_CODES } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import { count } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import { askOnce } from '../ask-once.ts';
import { describeCause } from '../describe-response.ts';
import { openSockets } from '../sockets/http-pool.ts';
import { chooseProxy } from '../sockets/proxy.ts';

const mostRedirects = 5;

export interface GetOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** For each request. */
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

/**
 * Null for an address that is neither https nor http of this very machine, or that holds a password: those are in no
 * address that may be printed.
 */
export function publicAddress(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return null;
  return url.protocol === 'https:' || isLoopback(url) ? url : null;
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** At most 16 MiB, unpacked too. Throws `UsageError`, which names the address without its query. */
export async function getText(address: URL, options: GetOptions): Promise<string> {
  const sockets = openSockets(options.timeoutMs);
  try {
    let at = address;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const answer = await ask(at, sockets, options);
      if (typeof answer === 'string') return answer;
      at = answer;
    }
    throw new UsageError(`${shown(address)} is redirected more than ${mostRedirects} times`);
  } finally {
    await sockets.close();
  }
}

async function ask(
  at: URL,
  sockets: ReturnType<typeof openSockets>,
  { env, clock, timeoutMs, stop }: GetOptions,
): Promise<string | URL> {
  const message = {
    origin: at.origin,
    path: `${at.pathname}${at.search}`,
    method: 'GET' as const,
    headers: { 'user-agent': `widget-sync/${version}`, 'accept-encoding': 'gzip, deflate' },
  };
  const by = sockets.by(chooseProxy(at, env));
  const answer = await askOnce(message, by, { clock, timeoutMs }, stop);
  switch (answer.kind) {
    case 'aborted':
      throw new UsageError(`stopped before ${shown(at)} answered`);
    case 'timeout':
      throw new UsageError(
        `${shown(at)} has not answered within ${count(answer.timeoutMs / 1000, 'second')}`,
      );
    case 'network':
      throw new UsageError(`${shown(at)} cannot be reached: ${describeCause(answer)}`);
    case 'answer':
      return read(at, answer);
  }
}

function read(
  at: URL,
  { status, location, body }: Extract<Awaited<ReturnType<typeof askOnce>>, { kind: 'answer' }>,
): string | URL {
  if (status >= 300 && status < 400 && location !== null) {
    const to = URL.canParse(location, at.href) ? publicAddress(new URL(location, at).href) : null;
    if (to !== null && (to.protocol === at.protocol || to.protocol === 'https:')) return to;
    throw new UsageError(`${shown(at)} is redirected to an address that is not https`);
  }
  if (status !== 200) {
    const phrase = STATUS_CODES[status];
    throw new UsageError(
      `${shown(at)} answers ${status}${phrase === undefined ? '' : ` ${phrase}`}`,
    );
  }
  if (typeof body === 'string') return body;
  const why = body.kind === 'garbled' ? body.why : `it broke off: ${describeCause(body)}`;
  throw new UsageError(`${shown(at)} answers what cannot be read: ${why}`);
}

/** A query may hold what is not for others. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
