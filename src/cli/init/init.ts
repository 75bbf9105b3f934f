// `init`: what a repository of widgets begins with. Needs no key and no network. What is there stays as it is, so that
// a second run writes nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeDirectory } from '../../base/atomic-file.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { pathIn, printable } from '../../base/text.ts';
import { findGitDirectory } from '../../documents/git/git-directory.ts';
import {
  coloursFor,
  type ExitCode,
  exitCode,
  ownCommand,
  type ProcessContext,
} from '../process-context.ts';
import { lackedLines } from './ignored-lines.ts';
import { leftToDo } from './left-to-do.ts';
import { nextSteps } from './next-steps.ts';
import { addLines, lookAt, makeFile, requireNoLink } from './place-file.ts';
import { type Ci, wantedFiles } from './wanted-files.ts';

export interface InitRequest {
  readonly directory: string;
  readonly ci: Ci;
}

const gitignore = '.gitignore';

export async function init(
  { directory, ci }: InitRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const { stdout, env } = context;
  await prepare(directory);
  const top = findGitDirectory(resolve(directory))?.top ?? null;
  const { wanted, elsewhere } = chosen(ci, top !== null && top !== resolve(directory) ? top : null);
  // All of it is looked at first, so that what stands in the way of one file leaves none half done.
  const looked = wanted.map((file) => ({ ...file, standing: lookAt(directory, file.path) }));
  const ignoring = lookAtIgnored(directory);

  const say: Say = (outcome, path, more = '') =>
    stdout.write(`${coloured(outcome, context)} ${printable(pathIn(directory, path))}${more}\n`);
  for (const { path, source, standing } of looked) {
    const text = readFileSync(source, 'utf8');
    if (standing === null && (await makeFile(directory, path, text))) say('wrote', path);
    else if (isSame(standing ?? lookAt(directory, path), text)) say('is there', path);
    else say('differs', path, `: it stays as it is; that of this version is ${printable(source)}`);
  }
  await ignore(directory, ignoring, say);
  for (const { path, readAtTop } of elsewhere) {
    say(
      'left out',
      path,
      `: ${readAtTop} reads it at the top of the checkout only, ${printable(top ?? '')}`,
    );
  }
  for (const line of leftToDo(ci, directory, wanted)) stdout.write(`${line}\n`);
  stdout.write(`\n${nextSteps({ directory, command: ownCommand(env), isCheckout: top !== null })}`);
  return exitCode.ok;
}

async function prepare(directory: string): Promise<void> {
  try {
    await makeDirectory(directory, 0o777);
  } catch (error) {
    const isFile = ['EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '');
    const why = isFile ? 'it is a file, or lies below one' : messageOf(error);
    throw new UsageError(`${printable(directory)} cannot be set up: ${why}`);
  }
}

/** `top`: of the checkout, where that is another folder. Throws `UsageError` for files of a CI that would never be read. */
function chosen(ci: Ci, top: string | null) {
  const all = wantedFiles(ci);
  if (top === null) return { wanted: all, elsewhere: [] };
  const elsewhere = all.filter(({ readAtTop }) => readAtTop !== undefined);
  if (ci === 'none') return { wanted: all.filter((file) => !elsewhere.includes(file)), elsewhere };
  throw new UsageError(
    `--ci ${ci} is for the top of the checkout, ${printable(top)}: its files are read nowhere else. Name that folder, or leave --ci out`,
  );
}

type Outcome = 'wrote' | 'is there' | 'differs' | 'left out';

/** `more`: what follows the path. */
type Say = (outcome: Outcome, path: string, more?: string) => void;

function coloured(outcome: Outcome, { stdout, env }: ProcessContext): string {
  const colours = coloursFor(stdout, env);
  const colour = {
    wrote: 'green',
    'is there': 'dim',
    differs: 'yellow',
    'left out': 'yellow',
  } as const;
  return colours[colour[outcome]](outcome.padEnd(8));
}

/** Git may have given a file other ends of lines. */
function isSame(standing: Buffer | null, text: string): boolean {
  return standing?.toString('utf8').replaceAll('\r\n', '\n') === text;
}

interface Ignored {
  readonly standing: Buffer | null;
  /** Those that are to be added. */
  readonly lines: readonly string[];
}

/** Throws `UsageError` where lines are to be added and could not be. */
function lookAtIgnored(directory: string): Ignored {
  const standing = lookAt(directory, gitignore);
  const hasPackages = existsSync(join(directory, 'package.json'));
  const lines = lackedLines(standing?.toString('latin1') ?? '', hasPackages);
  if (lines.length > 0) requireNoLink(directory, gitignore, lines);
  return { standing, lines };
}

async function ignore(directory: string, { standing, lines }: Ignored, say: Say): Promise<void> {
  if (lines.length === 0) {
    say('is there', gitignore);
    return;
  }
  const isNew =
    standing === null && (await makeFile(directory, gitignore, `${lines.join('\n')}\n`));
  if (!isNew) await addLines(directory, gitignore, lines);
  say('wrote', gitignore, isNew ? '' : `: added ${lines.join(' and ')}`);
}
