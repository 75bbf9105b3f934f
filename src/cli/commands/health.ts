// `health`: whether a daemon works, for a container's HEALTHCHECK. Asks the server of one that serves, and
// looks at the signs of life that any other leaves in the state directory. Needs no key.
import { hostname } from 'node:os';
import { askHealth, type Health } from '../../api/ask-health.ts';
import { printable } from '../../base/text.ts';
import { type ServeAddress, urlOf } from '../../config/serve-address.ts';
import type { Settings } from '../../config/settings.ts';
import { daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { daemonLine } from '../status/daemon-lines.ts';
import { openView } from '../wiring/account-state.ts';

export interface HealthRequest {
  /** Where the daemon serves, without a path; null: nowhere that is known. */
  readonly url: string | null;
  readonly settings: Settings;
}

/** Throws an Error whose message says what was expected. */
export function parseHealthUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url === null || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw new Error('a URL without a path, such as http://127.0.0.1:8081');
  }
  return url.origin;
}

/** Where a daemon of the same environment serves; null where nobody can know. */
export function servedAt(serve: ServeAddress | null): string | null {
  return serve === null || serve.port === 0 ? null : urlOf(serve);
}

export async function health(
  { url, settings }: HealthRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const { isWell, says } =
    url === null ? await seenInState(settings, context) : await askHealth(url, context.stop);
  context.stdout.write(`${printable(says)}\n`);
  return isWell ? exitCode.ok : exitCode.failed;
}

/** By its heartbeat. Throws `StateError` where there is no state, or it cannot be read. */
async function seenInState(settings: Settings, { clock }: ProcessContext): Promise<Health> {
  const { view } = await openView(settings, { clock });
  const holder = await view.holder();
  const { status: record } = await view.status();
  const asked = { now: clock.now(), host: hostname(), maxAgeMs: defaultMaxAgeMs, holder };
  const daemon = daemonState(record, asked);
  const told = { record, daemon, holder, needsDaemon: true };
  const [says = 'ok'] = daemonLine(told, asked.now);
  return { isWell: daemon === 'running', says };
}
