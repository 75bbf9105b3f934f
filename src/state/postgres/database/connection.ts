// Where the database is and who connects, as the variables and files say that every PostgreSQL client knows.
// Never an argument: those are seen by whoever lists the processes of a machine.
// https://www.postgresql.org/docs/current/libpq-envars.html
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { messageOf, StateError, UsageError } from '../../../base/errors.ts';
import { registerSecret } from '../../../base/secrets.ts';
import { findPassword } from './password-file.ts';
import { readService } from './service-file.ts';

/** The variables of the client library that are heeded here, by the words of a service file. */
const variables = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  application_name: 'PGAPPNAME',
} as const;

type Word = keyof typeof variables;
type Words = Partial<Record<Word, string>>;

export interface Connections {
  /** For sessions: what a pooler stands before is refused. */
  readonly direct: ClientConfig;
  /** For statements on what is kept. */
  readonly data: ClientConfig;
}

/**
 * Reads the environment, and the files that it names. `pooler`: `host:port` of a pooler that statements on
 * what is kept are to go through. Throws `UsageError` for what cannot be used.
 */
export function readConnections(env: NodeJS.ProcessEnv, pooler: string | null): Connections {
  const words = { ...fromVariables(env), ...fromService(env) };
  const user = words.user ?? userInfo().username;
  const host = oneHost(words.host ?? 'localhost');
  const port = portOf(words.port ?? '5432', 'PGPORT');
  const database = words.dbname ?? user;
  const at = (place: Place): ClientConfig => ({
    ...{ host: place.address ?? place.host, port: place.port },
    ...{ user, database, ssl: sslOf(words, place.host) },
    password: passwordOf(words, { ...place, user, database }, env),
    application_name: words.application_name ?? 'widget-sync',
    connectionTimeoutMillis: secondsOf(words.connect_timeout ?? '5') * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000,
  });
  // The name that the server has to prove, and the address where it is: the library looks up no name then.
  const direct = at({
    host,
    port,
    ...(words.hostaddr !== undefined && { address: words.hostaddr }),
  });
  return { direct, data: pooler === null ? direct : at(poolerAt(pooler)) };
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** Absent: that of the host. */
  readonly address?: string;
}

function fromVariables(env: NodeJS.ProcessEnv): Words {
  const words: Words = {};
  for (const [word, name] of Object.entries(variables) as [Word, string][]) {
    const value = env[name];
    if (value !== undefined && value !== '') words[word] = value;
  }
  return words;
}

/** What a service file says goes before the variables. */
function fromService(env: NodeJS.ProcessEnv): Words {
  const name = env['PGSERVICE'] ?? '';
  if (name === '') return {};
  const found = readService(name, env);
  const unknown = [...found.keys()].find((word) => !Object.hasOwn(variables, word));
  if (unknown !== undefined) {
    const known = Object.keys(variables).join(', ');
    throw new UsageError(`PGSERVICE: the service ${name} says ${unknown}; known are ${known}`);
  }
  return Object.fromEntries(found);
}

function oneHost(host: string): string {
  if (!host.includes(',')) return host;
  throw new UsageError(
    'PGHOST names several hosts: give one name or address that leads to the primary, whichever that is',
  );
}

function portOf(text: string, where: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port < 65_536) return port;
  throw new UsageError(`${where}: expected a port from 1 to 65535, found ${JSON.stringify(text)}`);
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(
    `PGCONNECT_TIMEOUT: expected seconds from 1 to 9999, found ${JSON.stringify(text)}`,
  );
}

function poolerAt(text: string): Place {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(text) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: portOf(port, '--pooler') };
}

/**
 * A password from the variable or the service file; else from the password file, looked up as each
 * connection begins, so that a password may change while this runs. A file that is named has to be of use from
 * the beginning; one that is not by then, as while it is renewed, is a `StateError` to whoever connects.
 */
function passwordOf(
  { password, passfile }: Words,
  place: Parameters<typeof findPassword>[1],
  env: NodeJS.ProcessEnv,
): string | (() => string) {
  if (password !== undefined) return hidden(password);
  const find = () => findPassword(passfile ?? null, place, env);
  if (passfile !== undefined) find();
  return () => {
    try {
      // An empty one is none: the server then says that it wants one.
      return hidden(find() ?? '');
    } catch (error) {
      throw new StateError(messageOf(error), { cause: error });
    }
  };
}

/** Nothing prints it; should anything ever, it is hidden. Short ones stand in ordinary texts by chance. */
function hidden(password: string): string {
  if (password.length >= 12) registerSecret(password);
  return password;
}

/** As the client library means the words; the two that fall back to plain text, unseen, are refused. */
function sslOf({ sslmode = 'disable', ...files }: Words, host: string): false | ConnectionOptions {
  // A socket of the file system is this machine's.
  if (sslmode === 'disable' || isAbsolute(host)) return false;
  if (!['require', 'verify-ca', 'verify-full'].includes(sslmode)) {
    throw new UsageError(
      `PGSSLMODE: expected disable, require, verify-ca or verify-full, found ${JSON.stringify(sslmode)}`,
    );
  }
  const ca = fileOf(files.sslrootcert, 'PGSSLROOTCERT');
  const cert = fileOf(files.sslcert, 'PGSSLCERT');
  const key = fileOf(files.sslkey, 'PGSSLKEY');
  const isChecked = sslmode !== 'require' || ca !== null;
  return {
    rejectUnauthorized: isChecked,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
    ...(sslmode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

/** Null for the system's own roots, too. */
function fileOf(path: string | undefined, name: string): string | null {
  if (path === undefined || path === 'system') return null;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${name}: cannot read the file: ${messageOf(error)}`);
  }
}
