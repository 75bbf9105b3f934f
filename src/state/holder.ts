// Who holds the state of an account.
import { hostname } from 'node:os';
import { StateError } from '../base/errors.ts';
import { printable } from '../base/text.ts';

export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
}

/** It holds the lock and does not say who it is: stopped (SIGSTOP, a debugger), or no widget-sync. */
export interface UnknownHolder {
  readonly pid: null;
  readonly host: null;
  readonly command: null;
  readonly since: null;
}

export const unknownHolder: UnknownHolder = { pid: null, host: null, command: null, since: null };

/** The state is another process's for now. */
export class StateTakenError extends StateError {
  readonly holder: Holder | null;

  /** `what` is in use, and `advice`, what to do about it: the beginning and the end of a sentence. */
  constructor(
    what: string,
    holder: Holder | null,
    advice = 'stop it or give --state another directory',
  ) {
    const who = describeHolder(holder ?? unknownHolder);
    super(`${what} is in use by ${who}; ${advice}`);
    this.holder = holder;
  }
}

/** An account has no state but the one that is taken: with another it would begin anew. */
export function adviceForAccount(account: string): string {
  return `a run applies what the files say by itself, and what waits is approved by apply --account ${account} --checksum; for anything else, stop it first`;
}

export function describeHolder({ pid, host, command, since }: Holder | UnknownHolder): string {
  if (pid === null) return 'another process';
  const where = host === hostname() ? '' : ` on ${host}`;
  return printable(`process ${pid}${where} (widget-sync ${command}, since ${since})`);
}
