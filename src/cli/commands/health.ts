// `health`: whether a daemon works, for a container's HEALTHCHECK. Asks the server of one that serves, and
// looks at the signs of life that any other leaves in the state directory. Needs no key.

import { hostname } from 'node:os';
import { askHealth, type Health } from '../../api/ask-health.ts';
import { StateError } from '../../base/errors.ts';
import { count, printable } from '../../base/text.ts';
import { type ServeAddress, urlOf } from '../../config/serve-address.ts';
import type { Settings } from '../../config/settings.ts';
import { type DaemonState, daemonState, defaultMaxAgeMs } from '../../status/daemon-state.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { daemonLine } from '../status/daemon-lines.ts';
import { sayProblems } from '../status/states-within.ts';
import { openView } from '../wiring/account-state.ts';
import type { SeveralAccounts } from '../wiring/asked-accounts.ts';

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
async function seenInState(settings: Settings, context: ProcessContext): Promise<Health> {
  const { daemon, says } = await signOfLife(settings, context);
  return { isWell: daemon === 'running', says };
}

interface SignOfLife {
  readonly daemon: DaemonState;
  readonly says: string;
  /** Some process has the state open. */
  readonly isThere: boolean;
}

/** Throws `StateError`. */
async function signOfLife(settings: Settings, { clock }: ProcessContext): Promise<SignOfLife> {
  const { view } = await openView(settings, { clock });
  const holder = await view.holder();
  const { status: record } = await view.status();
  const asked = { now: clock.now(), host: hostname(), maxAgeMs: defaultMaxAgeMs, holder };
  const daemon = daemonState(record, asked);
  const told = { record, daemon, holder, needsDaemon: true };
  const [says = 'ok'] = daemonLine(told, asked.now);
  return { daemon, says, isThere: holder !== null };
}

/**
 * Of a process that follows many accounts: it works while it follows one, and none of those that it has begun
 * to follow stands still. One that cannot be begun, such as without its key, is no reason to start it again.
 */
export async function healthOfAccounts(
  { look: { accounts, held, problems }, isOfStates }: SeveralAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  const seen = await Promise.all(
    accounts.map(async ({ name, settings }) => {
      try {
        return { name, ...(await signOfLife(settings, context)) };
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        return { name, daemon: 'none', says: error.message, isThere: false } as const;
      }
    }),
  );
  sayProblems(problems, context);
  const followed = seen.filter(({ daemon }) => daemon === 'running').length;
  // Of the states alone nobody can tell which account was taken out long ago.
  const stalled = seen.filter(
    ({ daemon, isThere }) => daemon === 'gone' && (isThere || !isOfStates),
  );
  const isWell = stalled.length === 0 && (followed > 0 || seen.length === 0);
  const all = count(seen.length + held.length, 'account');
  const [first] = stalled.length > 0 ? stalled : followed === 0 ? seen : [];
  const more = Math.max(0, stalled.length - 1);
  const others = more === 0 ? '' : ` (and ${count(more, 'more account')})`;
  const none = stalled.length === 0 ? `none of ${all} is followed; ` : '';
  const said = first === undefined ? 'ok' : `${none}${first.name}: ${first.says}${others}`;
  const says = `${said}${isWell ? `, ${followed} of ${all} followed` : ''}`;
  context.stdout.write(`${printable(says)}\n`);
  return isWell ? exitCode.ok : exitCode.failed;
}
