// `where --accounts`: whether what a commit brought is live in every account that it concerns.
import type { Colors } from 'picocolors/types.js';
import type { AccountEntry, AccountsLook, HeldAccount } from '../../accounts/account-entry.ts';
import { UsageError } from '../../base/errors.ts';
import type { Json } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { count, listed, printable } from '../../base/text.ts';
import {
  type BroughtAsked,
  type BroughtHere,
  readBrought,
} from '../../documents/git/brought-files.ts';
import { whereStates } from '../../status/where.ts';
import { coloursFor, type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { sayProblems } from '../status/states-within.ts';
import { type Answer, followWhere, isDone, type Question, questionOf } from './follow-where.ts';
import type { WhereAsked } from './where.ts';
import { headLine, whereJson, whereLines } from './where-text.ts';

export interface WhereInAccounts extends WhereAsked {
  readonly of: AccountsLook;
}

/** The accounts to which a commit brought something, and what it is to the others that know it. */
interface Asking {
  readonly questions: readonly (Question & { readonly name: string })[];
  readonly others: readonly BroughtHere[];
}

interface Concerned {
  readonly question: Question & { readonly name: string };
  readonly answer: Answer;
}

/**
 * 0: all of it is live in every account, or something later is. 1: not yet, or an account is held, of which
 * nobody can tell. Throws `UsageError` where no account knows the commit.
 */
export async function whereInAccounts(
  { range, of, waitMs, json }: WhereInAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  sayProblems(of.problems, context);
  const { questions, others } = askedOf(of.accounts, range, context);
  const answers = await followWhere(questions, waitMs, context);
  const all = questions.map((question, at): Concerned => {
    const answer = answers[at];
    if (answer === undefined) throw new Error('each question has an answer');
    return { question, answer };
  });
  all.sort(worstFirst);
  const isAllDone = of.held.length === 0 && all.every(isDoneIn);
  const told = { all, others, held: of.held, of: of.accounts.length };
  const text = json ? stringifyJson(jsonOf(told, isAllDone), 2) : textOf(told, context);
  context.stdout.write(`${text}\n`);
  return isAllDone ? exitCode.ok : exitCode.failed;
}

const mostNamed = 10;

/** Some accounts may lie in another repository. */
function askedOf(
  accounts: readonly AccountEntry[],
  range: string,
  { clock, stderr }: ProcessContext,
): Asking {
  const now = clock.now();
  const others: BroughtHere[] = [];
  const refused: { readonly name: string; readonly error: UsageError }[] = [];
  const questions = accounts.flatMap(({ name, directory, settings }) => {
    const brought = broughtTo(directory, { range, root: settings.root, now });
    if (brought instanceof UsageError) {
      refused.push({ name, error: brought });
      return [];
    }
    if (brought.files.length === 0) {
      others.push(brought);
      return [];
    }
    return [{ ...questionOf({ name, directory, settings, brought }), name }];
  });
  const [first] = refused;
  if (first !== undefined && refused.length === accounts.length) throw first.error;
  if (first !== undefined) {
    const names = listed(
      refused.map(({ name }) => name),
      mostNamed,
    );
    stderr.write(`widget-sync: where ${printable(range)} is not known: ${printable(names)}\n`);
  }
  return { questions, others };
}

function broughtTo(directory: string, asked: BroughtAsked): BroughtHere | UsageError {
  try {
    return readBrought(directory, asked);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function isDoneIn({ answer }: Concerned): boolean {
  return !('error' in answer) && isDone(answer.where);
}

function worstFirst(a: Concerned, b: Concerned): number {
  return rankOf(a) - rankOf(b);
}

/** By the worst of its widgets, which stands first. */
function rankOf({ answer }: Concerned): number {
  if ('error' in answer) return -1;
  const [worst] = answer.where.widgets;
  return worst === undefined ? whereStates.length : whereStates.indexOf(worst.state);
}

interface Told {
  readonly all: readonly Concerned[];
  readonly others: Asking['others'];
  readonly held: readonly HeldAccount[];
  /** How many accounts were asked about. */
  readonly of: number;
}

function textOf(told: Told, context: ProcessContext): string {
  const { all, others } = told;
  const colours = coloursFor(context.stdout, context.env);
  // Where it brought nothing to anybody, it is named all the same.
  const known = all.length === 0 ? others : all.map(({ question }) => question.brought);
  const isOneCommit = new Set(known.map(({ commit }) => commit.id)).size === 1;
  const nameOf = ({ question: { name, brought } }: Concerned) =>
    `${colours.bold(printable(name))}${isOneCommit ? '' : `, ${headLine(brought)}`}`;
  const [done, open] = [all.filter(isDoneIn), all.filter((one) => !isDoneIn(one))];
  const sections = open.map((one) => [nameOf(one), ...linesOf(one, context)].join('\n'));
  // Where all of it is live there is nothing to look at.
  const ended = done.map((one) => `${nameOf(one)}: ${linesOf(one, context).at(-1) ?? ''}`);
  const head = known.slice(0, isOneCommit ? 1 : 0).map(headLine);
  const sums = sumLines(told, { done: done.length, colours });
  const parts = [...head, ...sections, ended.join('\n'), sums.join('\n')];
  return parts.filter((part) => part !== '').join('\n\n');
}

function sumLines(
  { all, held, of }: Told,
  { done, colours }: { readonly done: number; readonly colours: Colors },
): string[] {
  const others = of - all.length;
  return [
    ...(all.length === 0
      ? []
      : [`Of ${count(all.length, 'account')}: ${done} done, ${all.length - done} not.`]),
    ...(others === 0 ? [] : [`It brought nothing to ${count(others, 'account')}.`]),
    ...held.map(({ name, message }) => colours.red(printable(`${name} is held: ${message}`))),
  ];
}

function linesOf({ answer }: Concerned, context: ProcessContext): string[] {
  return 'error' in answer ? [printable(answer.error.message)] : whereLines(answer, context);
}

function jsonOf({ all, held, of }: Told, done: boolean): { [key: string]: Json } {
  return {
    format_version: '1.0',
    accounts: [
      ...all.map(({ question: { name, brought }, answer }) =>
        'error' in answer
          ? { account: name, done: false, error: answer.error.message }
          : { account: name, ...whereJson({ brought, ...answer }), error: null },
      ),
      ...held.map(({ name, message }) => ({ account: name, done: false, error: message })),
    ],
    summary: {
      accounts: of + held.length,
      concerned: all.length,
      done: all.filter(isDoneIn).length,
    },
    done,
  };
}
