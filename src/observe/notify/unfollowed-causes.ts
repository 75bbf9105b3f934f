// The accounts of one process → what people should hear of those that are not followed, and of the file that
// names them. Pure; what happens within an account that is followed is for others.
import { oneLine } from '../../base/text.ts';
import { type Cause, type Found, keyOf } from './causes.ts';

/** An account that nothing is done for. */
export interface Unfollowed {
  readonly name: string;
  readonly since: Date;
  /** Its entry cannot be used. Otherwise it is tried again and again. */
  readonly isHeld: boolean;
  /** Why, and what to do; lines. */
  readonly says: string;
}

/** As it was looked at last. */
export interface AccountsSeen {
  readonly unfollowed: readonly Unfollowed[];
  /** Names of accounts that are being opened, or left: whether they will be followed is not known yet. */
  readonly undecided: ReadonlySet<string>;
  /** What is wrong with the file of accounts, with its place each; none where it is taken as it is. */
  readonly refusals: readonly string[];
}

export function findUnfollowed({ unfollowed, undecided, refusals }: AccountsSeen): Found {
  const causes = unfollowed.map(causeOf);
  if (refusals.length > 0) causes.push(causeOfFile(refusals));
  return { present: new Map(causes.map((one) => [one.key, one])), undecided, isTroubled: false };
}

const type = 'account.unfollowed';

function causeOf({ name, since, isHeld, says }: Unfollowed): Cause {
  return {
    ...{ key: keyOf(type, name, null), type, subject: name, since },
    // A key or a state is mostly there a moment later: another process is still to end.
    mayBeHiccup: !isHeld,
    tell: () => ({
      title: `The account ${name} is ${isHeld ? 'held' : 'not followed'}`,
      text: linesOf(says.split('\n')),
      ...{ widget: null, fields: [], account: name },
    }),
  };
}

function causeOfFile(refusals: readonly string[]): Cause {
  const of = 'accounts-file.refused';
  return {
    ...{ key: keyOf(of, null, null), type: of, subject: null, since: null, mayBeHiccup: false },
    tell: () => ({
      title: 'The file of accounts cannot be taken as it is',
      text: linesOf(refusals),
      ...{ widget: null, fields: [] },
    }),
  };
}

const longest = { lines: 5, line: 300 };

function linesOf(lines: readonly string[]): string {
  const shown = lines.slice(0, longest.lines).map((line) => oneLine(line, longest.line));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
