// A command over several accounts: some at a time, each as if it were the only one, and what became of each is
// printed once all have ended, the worst first. One that fails stops no other.
import type { AccountEntry, AccountsProblem } from '../../accounts/account-entry.ts';
import { ApiError, StateError, UsageError } from '../../base/errors.ts';
import type { FragmentReach } from '../../plan/trace/fragment-reach.ts';
import { describeBug } from '../output-streams.ts';
import { type ExitCode, exitCode, isInteractive, type ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { requestOf, type SeveralAccounts } from '../wiring/asked-accounts.ts';

/** What became of one account, as its command found it. */
export interface AccountEnd {
  readonly code: ExitCode;
  /** Whether there is nothing to look at, or to do. */
  readonly isCalm: boolean;
  /** Numbers that are added up over all accounts. */
  readonly sums: Readonly<Record<string, number>>;
  /** As a part of a comment of at most so many characters, or all of one; absent where it was printed. */
  readonly comment?: (room: number | null) => string;
  /** How far each fragment reaches in the account, by its absolute path; absent where that was not asked. */
  readonly reach?: ReadonlyMap<string, Pick<FragmentReach, 'widgets' | 'changes'>>;
}

/** Throws `UsageError`, `StateError` and `ApiError` as for a single account. */
export type OneAccount = (request: Request, context: ProcessContext) => Promise<AccountEnd>;

/** An account with all that it has printed. */
export interface Section {
  readonly name: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly values: readonly object[];
  /** Why it could not be done; null where it was. */
  readonly error: string | null;
  /** Null where it could not be done. */
  readonly end: AccountEnd | null;
}

export interface Done {
  /** The worst first, then by name. */
  readonly sections: readonly Section[];
  /** What is wrong with the file of accounts, and holds none of those that were asked for. */
  readonly problems: readonly AccountsProblem[];
  readonly sums: Readonly<Record<string, number>>;
  /** How many could not be done, or found something wrong. */
  readonly failed: number;
  /** How many of the others are not calm. */
  readonly lively: number;
  /** The worst of all. */
  readonly code: ExitCode;
}

/** More would only wait for the processor; each account has a rate of its own. */
const mostAtOnce = 8;

export async function overAccounts(
  { look, names }: SeveralAccounts,
  one: OneAccount,
  context: ProcessContext,
): Promise<Done> {
  const { accounts, held, problems } = look;
  const sections: Section[] = held.map(({ name, message }) => ({
    ...silent,
    name,
    error: message,
  }));
  const waiting = [...accounts];
  const progress = showProgress(accounts.length, context);
  const work = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      sections.push(await sectionOf(entry, one, context, names));
      progress.ended();
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  progress.stop();
  const sorted = sections.sort((a, b) => rank(b) - rank(a) || (a.name < b.name ? -1 : 1));
  const others = problems.filter(({ holds }) => holds.length === 0);
  return { sections: sorted, problems: others, ...sumOf(sorted, others) };
}

const silent = { stdout: '', stderr: '', values: [], end: null };

async function sectionOf(
  entry: AccountEntry,
  one: OneAccount,
  context: ProcessContext,
  names: readonly string[],
): Promise<Section> {
  const { name } = entry;
  const printed = { stdout: '', stderr: '', values: [] as object[] };
  const printTo = (out: 'stdout' | 'stderr') => ({
    write(text: string) {
      printed[out] += text;
    },
  });
  const section: ProcessContext = {
    ...context,
    stdout: { ...context.stdout, ...printTo('stdout') },
    // It is shown later, so that nothing may be drawn over.
    stderr: { ...context.stderr, isTerminal: false, ...printTo('stderr') },
    account: { name, listed: () => names, take: (value) => void printed.values.push(value) },
  };
  try {
    if (context.stop.aborted) throw new UsageError('stopped before it was looked at');
    const end = await one(requestOf(entry), section);
    return { name, ...printed, error: null, end };
  } catch (error) {
    return { name, ...printed, error: messageFor(error), end: null };
  }
}

function messageFor(error: unknown): string {
  const isExpected =
    error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
  if (isExpected) return error.message;
  return describeBug('unexpected error', error)
    .replace(/^widget-sync: /, '')
    .trimEnd();
}

function rank({ end }: Section): number {
  if (end === null) return 3;
  if (end.code === exitCode.failed) return 2;
  return end.isCalm ? 0 : 1;
}

function sumOf(
  sections: readonly Section[],
  problems: readonly AccountsProblem[],
): Pick<Done, 'sums' | 'failed' | 'lively' | 'code'> {
  const sums: Record<string, number> = {};
  for (const { end } of sections) {
    for (const [name, amount] of Object.entries(end?.sums ?? {})) {
      sums[name] = (sums[name] ?? 0) + amount;
    }
  }
  const failed = sections.filter((section) => rank(section) >= 2).length;
  const lively = sections.filter((section) => rank(section) === 1).length;
  const isPending = sections.some(({ end }) => end?.code === exitCode.changesPending);
  const best = isPending ? exitCode.changesPending : exitCode.ok;
  const code = failed > 0 || problems.length > 0 ? exitCode.failed : best;
  return { sums, failed, lively, code };
}

/** Tells a person who waits how far it is. */
function showProgress(total: number, { stderr, env }: ProcessContext) {
  let done = 0;
  const isShown = isInteractive(stderr, env);
  const draw = (text: string) => {
    if (isShown) stderr.write(`\r\u001b[2K${text}`);
  };
  return {
    ended() {
      done += 1;
      draw(`${done} of ${total} accounts`);
    },
    stop: () => draw(''),
  };
}
