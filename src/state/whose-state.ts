// One state belongs to one API: the hashes of one account would tell a pass of another that nothing has to
// be sent, and the records that it makes would replace those of the first.
import { StateError } from '../base/errors.ts';
import { printable } from '../base/text.ts';

interface Asked {
  /** The value of `--state`. */
  readonly directory: string;
  readonly apiUrl: string;
  /** The account of several that it is; absent or null: the only one. */
  readonly account?: string | null;
}

/**
 * Throws `StateError` where everything that is recorded belongs to other APIs, `recorded`, than the one
 * that is asked for. A state that tells nothing belongs to any; one that several share, as earlier versions
 * let it, belongs to each of them.
 */
export async function refuseStateOfAnother(
  { directory, apiUrl, account = null }: Asked,
  recorded: AsyncIterable<string>,
): Promise<void> {
  const others = new Set<string>();
  for await (const url of recorded) {
    if (url === apiUrl) return;
    others.add(url);
  }
  if (others.size === 0) return;
  const [state, owners] = [printable(directory), printable([...others].join(' and '))];
  const advice =
    account === null
      ? `give ${owners} with --api-url, or another directory with --state`
      : `say api_url: ${owners} for the account ${account} in the file of accounts`;
  throw new StateError(
    `the state directory ${state} belongs to ${owners}, not to ${printable(apiUrl)}: ` +
      `${advice}. ` +
      `Has the API moved to a new address? Then move ${state} away, and everything is compared anew`,
  );
}
