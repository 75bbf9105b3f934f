// As whom this process runs, for what the client library takes from that. In a container that may be a number without a
// name or a home.
import { homedir, userInfo } from 'node:os';
import { UsageError } from '../../../base/errors.ts';

/** Throws `UsageError` where the user has no name. */
export function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    const number = process.getuid?.() ?? 'this one';
    throw new UsageError(
      `PGUSER: say who connects, since user ${number} has no name on this machine`,
    );
  }
}

/** Null where the user has none. */
export function homeFolder(env: NodeJS.ProcessEnv): string | null {
  if (env['HOME'] !== undefined) return env['HOME'];
  try {
    return homedir();
  } catch {
    return null;
  }
}
