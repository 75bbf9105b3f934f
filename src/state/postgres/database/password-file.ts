// The password file: one line for each place, `host:port:database:user:password`, where * fits anything.
// https://www.postgresql.org/docs/current/libpq-pgpass.html
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf, messageOf, UsageError } from '../../../base/errors.ts';
import { homeFolder } from './own-user.ts';

export interface PasswordPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * `path`: null for that of the user. Null where no line fits. Throws `UsageError` where it cannot be used.
 */
export function findPassword(
  path: string | null,
  { host, port, database, user }: PasswordPlace,
  env: NodeJS.ProcessEnv,
): string | null {
  const text = path === null ? readOwn(homeFolder(env)) : read(path, true);
  // A socket of the file system is written as localhost.
  const place = [isAbsolute(host) ? 'localhost' : host, `${port}`, database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const [password, ...pattern] = fieldsOf(line).reverse();
    const fits = pattern.reverse().every((one, n) => one === '*' || one === place[n]);
    if (pattern.length === place.length && fits) return password ?? null;
  }
  return null;
}

function readOwn(home: string | null): string {
  return home === null ? '' : read(join(home, '.pgpass'), false);
}

function read(path: string, isNamed: boolean): string {
  try {
    // Who else may read it might be anybody: the client library does not take it then, and says so.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      throw new UsageError(`${path}: others may read the password file: chmod 0600 ${path}`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (codeOf(error) === 'ENOENT' && !isNamed) return '';
    throw new UsageError(`PGPASSFILE: cannot read the password file: ${messageOf(error)}`);
  }
}

/** A backslash takes away the meaning of the character behind it. */
function fieldsOf(line: string): string[] {
  const fields = [''];
  for (const [part] of line.matchAll(/\\.|[^\\:]+|:|\\$/g)) {
    if (part === ':') fields.push('');
    else fields[fields.length - 1] += part.startsWith('\\') ? part.slice(1) : part;
  }
  return fields;
}
