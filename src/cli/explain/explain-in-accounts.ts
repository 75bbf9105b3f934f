// `explain --accounts`: the widget that is meant, in whatever account it is.

import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { AccountEntry, AccountsLook } from '../../accounts/account-entry.ts';
import { StateError } from '../../base/errors.ts';
import { count, listed, printable } from '../../base/text.ts';
import type { StateView } from '../../state/state-store.ts';
import { explanationJson } from '../../status/explain/explanation-json.ts';
import { listFound } from '../../status/find-widget.ts';
import type { StatusRecord } from '../../status/status-record.ts';
import { warnOfState } from '../logging.ts';
import { printJson } from '../print-json.ts';
import { type ExitCode, exitCode, ownCommand, type ProcessContext } from '../process-context.ts';
import { sayProblems } from '../status/states-within.ts';
import { missingKey, openView, sayDamaged } from '../wiring/account-state.ts';
import { commandForAccount } from '../wiring/command-with.ts';
import { explained, refuse, sayIfUnfollowed, textOf } from './explain.ts';
import { type Finding, findMeant, type Meant, unnamed } from './find-meant.ts';

export interface ExplainInAccounts {
  readonly of: AccountsLook;
  readonly json: boolean;
  /** As that of `explain`, or a path from where the command runs to a file of an account. */
  readonly widget: string | null;
}

/** As `explain`; 2 also where several accounts have a widget that is meant. */
export async function explainInAccounts(
  { of, json, widget }: ExplainInAccounts,
  context: ProcessContext,
): Promise<ExitCode> {
  if (widget === null) return refuse(unnamed, context);
  sayProblems(of.problems, context);
  const { accounts, word } = wherePath(of.accounts, widget);
  const looked = await Promise.all(
    accounts.map((entry) => lookIn(entry, word, { json, ...context })),
  );
  const meant = chosen(looked);
  if (meant === null) return refuse(whyNone(looked, widget, of), context);
  const { entry, view, record, damaged } = meant.account;
  sayDamaged(damaged, context);
  const { settings, name } = entry;
  await sayIfUnfollowed({ settings, view, record }, context);
  const command = commandForAccount({ settings, program: ownCommand(context.env) }, name);
  const explanation = await explained({ ...meant.meant, record, view, command }, context);
  if (json) printJson(explanationJson(explanation), { ...context, account: { name } });
  else context.stdout.write(`${printable(name)}: ${textOf(explanation, context)}\n`);
  return explanation.verdict.isToMend ? exitCode.failed : exitCode.ok;
}

/** A path into the directory of an account means a file of that one. */
function wherePath(
  accounts: readonly AccountEntry[],
  widget: string,
): { readonly accounts: readonly AccountEntry[]; readonly word: string } {
  const path = resolve(widget);
  for (const entry of accounts) {
    const file = relative(entry.directory, path);
    const isWithin =
      file !== '' && file !== '..' && !file.startsWith(`..${sep}`) && !isAbsolute(file);
    if (isWithin) return { accounts: [entry], word: file.split(sep).join('/') };
  }
  return { accounts, word: widget };
}

interface Account {
  readonly entry: AccountEntry;
  readonly view: StateView;
  readonly record: StatusRecord | null;
  readonly damaged: string | null;
}

type Looked =
  | { readonly account: Account; readonly finding: Finding }
  | { readonly entry: AccountEntry; readonly says: string };

async function lookIn(
  entry: AccountEntry,
  word: string,
  { json, ...context }: ProcessContext & { readonly json: boolean },
): Promise<Looked> {
  const warn = warnOfState(entry, context, { json });
  try {
    const { view } = await openView(entry.settings, { clock: context.clock, warn });
    const { status: record, damaged } = await view.status();
    const finding = await findMeant(word, record, view);
    return { account: { entry, view, record, damaged }, finding };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { entry, says: missingKey(entry) ?? error.message };
  }
}

/** Null where none is meant, or several are. */
function chosen(looked: readonly Looked[]): { account: Account; meant: Meant } | null {
  const known = looked.filter((one) => 'finding' in one);
  if (known.some(({ finding }) => finding.found === 'several')) return null;
  const found = known.filter(({ finding }) => finding.found === 'one');
  // Of one account alone it can be told why a file was not seen there.
  const [first, ...others] = found.length === 0 && looked.length === 1 ? known : found;
  if (first === undefined || others.length > 0 || !('meant' in first.finding)) return null;
  return { account: first.account, meant: first.finding.meant };
}

const mostNamed = 10;

function whyNone(
  looked: readonly Looked[],
  widget: string,
  { held }: Pick<AccountsLook, 'accounts' | 'held'>,
): string {
  const hits = looked.flatMap((one) => ('finding' in one ? hitsIn(one) : []));
  if (hits.length > 0) {
    return `${widget} means widgets of ${count(hits.length, 'account')}, name one by --account, and the widget by its id or its file: ${listed(hits, mostNamed, '; ')}`;
  }
  const shut = looked.flatMap((one) => ('says' in one ? [`${one.entry.name} (${one.says})`] : []));
  const all = [...shut, ...held.map(({ name, message }) => `${name} (${message})`)];
  const more = all.length === 0 ? '' : `; not looked at: ${listed(all, mostNamed, '; ')}`;
  return `no widget of ${count(looked.length, 'account')} is known by the file, id or name ${widget} (of an id at least 4 characters)${more}`;
}

function hitsIn({ account: { entry }, finding }: Extract<Looked, { finding: Finding }>): string[] {
  if (finding.found === 'one') return [`${entry.name}: ${listFound([finding.meant.widget])}`];
  return finding.found === 'several' ? [`${entry.name}: ${listFound(finding.widgets)}`] : [];
}
