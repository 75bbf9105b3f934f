// `health`: asks a daemon that serves whether it works, for a container's HEALTHCHECK.
import { askHealth } from '../../api/ask-health.ts';
import { printable } from '../../base/text.ts';
import { type ServeAddress, urlOf } from '../../config/serve-address.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';

export interface HealthRequest {
  /** Without a path; null: where `serve` says. */
  readonly url: string | null;
  /** The address of the daemon in the same environment; null: none is given. */
  readonly serve: ServeAddress | null;
}

const usual: ServeAddress = { host: '127.0.0.1', port: 8080 };

/** Throws an Error whose message says what was expected. */
export function parseHealthUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url === null || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw new Error('a URL without a path, such as http://127.0.0.1:8080');
  }
  return url.origin;
}

export async function health(
  { url, serve }: HealthRequest,
  { stdout, stop }: ProcessContext,
): Promise<ExitCode> {
  const { isWell, says } = await askHealth(url ?? urlOf(serve ?? usual), stop);
  stdout.write(`${printable(says)}\n`);
  return isWell ? exitCode.ok : exitCode.failed;
}
