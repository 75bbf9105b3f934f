// The service file: names for connections, each with its words.
// https://www.postgresql.org/docs/current/libpq-pgservice.html
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../../../base/errors.ts';
import { homeFolder } from './own-user.ts';

/** Throws `UsageError` where there is no such service. */
export function readService(name: string, env: NodeJS.ProcessEnv): Map<string, string> {
  const path = env['PGSERVICEFILE'] || join(homeFolder(env) ?? '/', '.pg_service.conf');
  const lines = readLines(path);
  const start = lines.indexOf(`[${name}]`);
  if (start === -1) {
    throw new UsageError(`PGSERVICE: there is no service ${JSON.stringify(name)} in ${path}`);
  }
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => line.startsWith('['));
  const words = after.slice(0, end === -1 ? after.length : end).map((line): [string, string] => {
    const at = line.indexOf('=');
    // Nothing of the line is shown: it may be a password.
    if (at < 1) {
      throw new UsageError(`PGSERVICE: a line of the service ${name} in ${path} is no word=value`);
    }
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return new Map(words);
}

/** Without empty ones and comments. */
function readLines(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (error) {
    throw new UsageError(`PGSERVICE: cannot read the service file: ${messageOf(error)}`);
  }
}
