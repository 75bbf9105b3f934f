// Every option with a value, in one table: the command line, the check of the environment and the help come from it.

import { type LogLevel, logLevels } from '../base/log-levels.ts';
import { parseApiUrl } from './api-url.ts';
import {
  nonEmpty,
  oneOf,
  parseAccounts,
  parseDuration,
  parseNotify,
  parseNotifyAgain,
  parsePollInterval,
  parsePooler,
  parseResync,
  parseRoot,
  parseTimezone,
  readChangeLimit,
  readCodes,
  readKeptSize,
  readRate,
  wholeNumber,
} from './option-values.ts';
import { parseServe, parseServeHosts } from './serve-address.ts';

export interface Option<Value> {
  /** The flag, in the words of commander. */
  readonly flag: string;
  readonly env: string | null;
  readonly fallback: string;
  readonly help: string;
  /**
   * Throws an Error whose message says what was expected, or a `UsageError` that says all. `field`: its name,
   * where it stands in a file.
   */
  readonly parse: (text: string, field?: string) => Value;
}

export type LogFormat = (typeof logFormats)[number] | 'auto';

const logFormats = ['json', 'pretty'] as const;

export const options = {
  apiUrl: {
    flag: '--api-url <url>',
    env: 'WIDGET_SYNC_API_URL',
    fallback: 'https://api.insighto.ai',
    help: 'base URL of the API',
    parse: (text: string, field?: string) =>
      parseApiUrl(nonEmpty('a URL such as https://api.insighto.ai')(text), field),
  },
  accounts: {
    flag: '--accounts <file>',
    env: 'WIDGET_SYNC_ACCOUNTS',
    fallback: 'none',
    help: 'all accounts that this file names, each with a directory and a key of its own',
    parse: parseAccounts,
  },
  state: {
    flag: '--state <dir>',
    env: 'WIDGET_SYNC_STATE',
    fallback: '.widget-sync',
    help: 'where what was applied is kept',
    parse: nonEmpty('a directory'),
  },
  store: {
    flag: '--store <files|postgres>',
    env: 'WIDGET_SYNC_STORE',
    fallback: 'files',
    help: 'files are for one process; postgres, with --accounts, is for several, and PG* variables lead to it',
    parse: oneOf<'files' | 'postgres'>(['files', 'postgres']),
  },
  pooler: {
    flag: '--pooler <host:port>',
    env: 'WIDGET_SYNC_POOLER',
    fallback: 'none',
    help: 'a pooler before PostgreSQL that statements on what is kept go through',
    parse: parsePooler,
  },
  root: {
    flag: '--root <dir|auto>',
    env: 'WIDGET_SYNC_ROOT',
    fallback: 'auto',
    help: 'below which fragments may lie; auto is the nearest folder above with .git, else the directory itself',
    parse: parseRoot,
  },
  rate: {
    flag: '--rate <n/s·m·h>',
    env: 'WIDGET_SYNC_RATE',
    fallback: '5/s',
    help: 'most requests that start in any such time',
    parse: readRate,
  },
  concurrency: {
    flag: '--concurrency <n>',
    env: 'WIDGET_SYNC_CONCURRENCY',
    fallback: '4',
    help: 'most requests at once',
    parse: wholeNumber(1, 100),
  },
  timeout: {
    flag: '--timeout <duration>',
    env: 'WIDGET_SYNC_TIMEOUT',
    fallback: '30s',
    help: 'longest time for one request',
    parse: parseDuration,
  },
  live: {
    flag: '--live <auto|off>',
    env: 'WIDGET_SYNC_LIVE',
    fallback: 'auto',
    help: 'auto reads what is live and keeps undeclared fields; off decides by hashes alone',
    parse: oneOf<'auto' | 'off'>(['auto', 'off']),
  },
  drift: {
    flag: '--drift <correct|report>',
    env: 'WIDGET_SYNC_DRIFT',
    fallback: 'correct',
    help: 'what a change made in the dashboard leads to',
    parse: oneOf<'correct' | 'report'>(['correct', 'report']),
  },
  released: {
    flag: '--released <reset|leave>',
    env: 'WIDGET_SYNC_RELEASED',
    fallback: 'reset',
    help: 'what becomes of a field that a file no longer declares',
    parse: oneOf<'reset' | 'leave'>(['reset', 'leave']),
  },
  maxChanges: {
    flag: '--max-changes <n|n%|auto|off>',
    env: 'WIDGET_SYNC_MAX_CHANGES',
    fallback: 'auto',
    help: 'a pass that would change more widgets waits for `apply --checksum`; auto is 25%, and 10 or more, where files extend fragments, else off',
    parse: readChangeLimit,
  },
  allow: {
    flag: '--allow <code>',
    env: 'WIDGET_SYNC_ALLOW',
    fallback: 'none',
    help: 'a warning or note that is not to be given; may be repeated',
    parse: readCodes,
  },
  keepHistory: {
    flag: '--keep-history <size|all>',
    env: 'WIDGET_SYNC_KEEP_HISTORY',
    fallback: '64MiB',
    help: 'most room for the history of writes, beyond which its oldest half goes',
    parse: readKeptSize,
  },
  resync: {
    flag: '--resync <cron|off>',
    env: 'WIDGET_SYNC_RESYNC',
    fallback: '0 * * * *',
    help: 'when everything is compared with what is live',
    parse: parseResync,
  },
  timezone: {
    flag: '--timezone <zone>',
    env: 'WIDGET_SYNC_TIMEZONE',
    fallback: 'system',
    help: 'time zone of --resync',
    parse: parseTimezone,
  },
  watch: {
    flag: '--watch <auto|events|poll>',
    env: 'WIDGET_SYNC_WATCH',
    fallback: 'auto',
    help: 'how edits are noticed; auto polls where events cannot be relied on',
    parse: oneOf<'auto' | 'events' | 'poll'>(['auto', 'events', 'poll']),
  },
  rescan: {
    flag: '--rescan <duration>',
    env: 'WIDGET_SYNC_RESCAN',
    fallback: '30s',
    help: 'how often the files are looked at though no event told of a change',
    parse: parseDuration,
  },
  pollInterval: {
    flag: '--poll-interval <duration|auto>',
    env: 'WIDGET_SYNC_POLL_INTERVAL',
    fallback: 'auto',
    help: 'how often they are without events; auto is 20 times what a look takes, 1s to 30s',
    parse: parsePollInterval,
  },
  notify: {
    flag: '--notify <file>',
    env: 'WIDGET_SYNC_NOTIFY',
    fallback: 'none',
    help: 'who is told of what needs a hand',
    parse: parseNotify,
  },
  notifyAgain: {
    flag: '--notify-again <duration|off>',
    env: 'WIDGET_SYNC_NOTIFY_AGAIN',
    fallback: 'off',
    help: 'how often they are told once more of what lasts',
    parse: parseNotifyAgain,
  },
  serve: {
    flag: '--serve <address|off>',
    env: 'WIDGET_SYNC_SERVE',
    fallback: 'off',
    help: 'serve probes, metrics and a status page; 8081 is for this machine alone, 0.0.0.0:8081 for all',
    parse: parseServe,
  },
  serveHost: {
    flag: '--serve-host <name,...>',
    env: 'WIDGET_SYNC_SERVE_HOST',
    fallback: 'none',
    help: 'names by which browsers may ask for the status page, beside localhost',
    parse: parseServeHosts,
  },
  serveSnapshot: {
    flag: '--serve-snapshot <off|none|declared>',
    env: 'WIDGET_SYNC_SERVE_SNAPSHOT',
    fallback: 'off',
    help: 'serve /snapshot.ndjson, for plans without a key: with no values, or those that differ from git',
    parse: oneOf<'off' | 'none' | 'declared'>(['off', 'none', 'declared']),
  },
  logLevel: {
    flag: '--log-level <level>',
    env: 'WIDGET_SYNC_LOG_LEVEL',
    fallback: 'info',
    help: logLevels.join(', '),
    parse: oneOf<LogLevel>(logLevels),
  },
  logFormat: {
    flag: '--log-format <format>',
    env: 'WIDGET_SYNC_LOG_FORMAT',
    fallback: 'auto',
    help: 'json or pretty; auto is json away from a terminal, for run and beside --json; run --sandbox has no log then, and says in words what it does',
    parse: oneOf<LogFormat>(['json', 'pretty', 'auto']),
  },
} satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof options;

export type OptionValues = { [Name in OptionName]: ReturnType<(typeof options)[Name]['parse']> };
