// Variables that look like ours and are none: one that is misspelled would be heeded by nobody.
import { UsageError } from '../base/errors.ts';
import { closestName } from '../base/suggest-name.ts';

const prefix = 'WIDGET_SYNC_';

/** Kubernetes sets these in every container beside a Service that is called widget-sync. */
const serviceVariable = /^WIDGET_SYNC_(SERVICE_(HOST|PORT)|PORT)(_|$)/;

/** `known`: the names that there are. Throws `UsageError`. */
export function refuseUnknownVariables(env: NodeJS.ProcessEnv, known: readonly string[]): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith(prefix) || known.includes(name)) continue;
    if (serviceVariable.test(name)) continue;
    // Without what they share, which would make all of them near.
    const near = closestName(
      name.slice(prefix.length),
      known.map((one) => one.slice(prefix.length)),
    );
    const advice =
      near === null ? `Known are ${known.join(', ')}.` : `Did you mean ${prefix}${near}?`;
    throw new UsageError(`${name}: there is no such environment variable. ${advice}`);
  }
}
