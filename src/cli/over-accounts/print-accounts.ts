// What became of several accounts, on its way out: sections and totals for people, one value or lines for
// programs. What an account has to say on stderr bears its name there.
import { stringifyJson } from '../../base/json/json-text.ts';
import { count, listed, printable, printableLines } from '../../base/text.ts';
import { coloursFor, type ExitCode, type ProcessContext } from '../process-context.ts';
import type { Done, Section } from './over-accounts.ts';

type Outputs = Pick<ProcessContext, 'stdout' | 'stderr' | 'env'>;

export interface Words {
  /** Of an account that is not calm, such as `with changes`. */
  readonly lively: string;
  /** The sums, for people. */
  readonly totals: (sums: Done['sums']) => string;
}

/** Prints the sections and the totals; gives the code. */
export function printSections(done: Done, words: Words, outputs: Outputs): ExitCode {
  const { stdout, env } = outputs;
  const colours = coloursFor(stdout, env);
  printProblems(done, outputs);
  const shared = printShared(done, outputs);
  const notes = sharedNotes(done.sections);
  for (const section of done.sections) {
    const { name, error } = section;
    const title = error === null ? name : `${name}: ${colours.red('could not be done')}`;
    stdout.write(`${colours.bold(`=== ${title}`)}\n`);
    printMessages(section, outputs, shared);
    stdout.write(`${withoutNotes(section, notes)}\n`);
  }
  for (const [note, names] of notes) stdout.write(`${note} (${listed(names, mostNamed)})\n\n`);
  stdout.write(`${sentenceOf(done, words)}\n`);
  return done.code;
}

/** `3 accounts: 1 failed, 1 with changes, 1 calm. 12 widgets to update.` */
export function sentenceOf(done: Done, { lively, totals }: Words): string {
  const { sections, failed } = done;
  const calm = sections.length - failed - done.lively;
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(done.lively > 0 ? [`${done.lively} ${lively}`] : []),
    ...(calm > 0 ? [`${calm} calm`] : []),
  ];
  return `${count(sections.length, 'account')}: ${parts.join(', ')}. ${totals(done.sums)}.`;
}

/** What stands at its end or in front of its accounts, beside the sums. */
function totalsOf({ sections, failed, sums }: Done): object {
  return { accounts: sections.length, accounts_failed: failed, ...sums };
}

/** One value for all of them. */
export function printAccountsJson(done: Done, outputs: Outputs): ExitCode {
  outputs.stdout.write(accountsJson(done));
  printAllMessages(done, outputs);
  return done.code;
}

/** As `printAccountsJson` prints it. `more`: what the command has to tell of them together. */
export function accountsJson(done: Done, more: object = {}): string {
  const accounts = done.sections.map(({ name, values, error }) =>
    error === null ? { account: name, ...values[0] } : { account: name, error },
  );
  const problems = done.problems.map(({ place, message }) => ({ place, message }));
  const value = { format_version: '1.0', accounts, problems, ...more, summary: totalsOf(done) };
  return `${stringifyJson(value, 2)}\n`;
}

/** The lines of each, between a line of the version and one of totals. */
export function printAccountsLines(done: Done, outputs: Outputs): ExitCode {
  const print = (line: object) => outputs.stdout.write(`${stringifyJson(line)}\n`);
  print({ type: 'version', format_version: '1.0' });
  for (const { name, values, error } of done.sections) {
    for (const line of values) if (!('format_version' in line)) print(line);
    if (error !== null) print({ account: name, type: 'error', message: error });
  }
  print({ type: 'totals', ...totalsOf(done) });
  printAllMessages(done, outputs);
  return done.code;
}

export function printAllMessages(done: Done, outputs: Outputs): void {
  printProblems(done, outputs);
  const shared = printShared(done, outputs);
  for (const section of done.sections) printMessages(section, outputs, shared);
}

/** Of the file of accounts. */
export function printProblems({ problems }: Done, { stderr }: Pick<Outputs, 'stderr'>): void {
  for (const { place, message } of problems) stderr.write(`widget-sync: ${place}: ${message}\n`);
}

const mostNamed = 5;
const ownName = /^widget-sync: /;

/** The notes at the ends of several sections that are equal but for the account's own folder: whose they are. */
function sharedNotes(sections: readonly Section[]): ReadonlyMap<string, readonly string[]> {
  const namesOf = new Map<string, string[]>();
  for (const { name, stdout } of sections) {
    for (const line of stdout.split('\n')) {
      const note = noteOf(line, name);
      if (note !== null) namesOf.set(note, [...(namesOf.get(note) ?? []), name]);
    }
  }
  return new Map([...namesOf].filter(([, names]) => names.length > 1));
}

/** For any account; null where the line is no note. */
function noteOf(line: string, name: string): string | null {
  if (!line.startsWith('Note: ')) return null;
  return line.replaceAll(new RegExp(`/${name}(?![a-z0-9-])`, 'g'), '/<account>');
}

function withoutNotes({ name, stdout }: Section, notes: ReadonlyMap<string, unknown>): string {
  const lines = stdout.split('\n');
  const kept = lines.filter((line) => !notes.has(noteOf(line, name) ?? ''));
  if (kept.length === lines.length) return stdout;
  const text = kept.join('\n').replace(/\n{3,}/g, '\n\n');
  return `${text.trimEnd()}\n`;
}

/** What several accounts have to say in the same words, once; gives these lines. */
function printShared({ sections }: Done, { stderr }: Pick<Outputs, 'stderr'>): ReadonlySet<string> {
  const namesOf = new Map<string, string[]>();
  for (const { name, stderr: said } of sections) {
    // Lines without that are parts of an excerpt.
    const lines = new Set(said.split('\n').filter((line) => ownName.test(line)));
    for (const line of lines) namesOf.set(line, [...(namesOf.get(line) ?? []), name]);
  }
  const shared = [...namesOf].filter(([, names]) => names.length > 1);
  for (const [line, names] of shared) {
    stderr.write(`${listed(names, mostNamed)}: ${line.replace(ownName, '')}\n`);
  }
  return new Set(shared.map(([line]) => line));
}

/** What it has said beside its results, and why it could not be done. */
export function printMessages(
  { name, stderr: said, error }: Section,
  { stderr }: Pick<Outputs, 'stderr'>,
  shared: ReadonlySet<string> = new Set(),
): void {
  const lines = said.split('\n').filter((line) => line !== '' && !shared.has(line));
  for (const line of lines) stderr.write(`${name}: ${line.replace(ownName, '')}\n`);
  for (const line of (error === null ? '' : printableLines(error)).split('\n')) {
    if (line !== '') stderr.write(`widget-sync: ${printable(name)}: ${line}\n`);
  }
}
