// `render`: files with all that they extend, each value with where it stands. Needs no key, no state and no network.
import { UsageError } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { hideSecrets } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import type { ComposedFile } from '../../documents/compose/composed-file.ts';
import { writeComposed } from '../../documents/edit/write-composed.ts';
import { type OneFile, readOneFile } from '../../documents/fragments/read-one-file.ts';
import { leavesOf } from '../../model/diff-fields.ts';
import {
  originNote,
  type PlacedValue,
  renderedJson,
} from '../../render/fragments/composed-json.ts';
import { hasErrors, isError, mayHoldKey, printProblems } from '../commands/print-problems.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';

export interface RenderRequest {
  /** As the user named them. */
  readonly files: readonly string[];
  /** `--root`. */
  readonly root: string | null;
  /** Codes of warnings that are not to be given. */
  readonly allow: readonly string[];
  readonly json: boolean;
}

export function render(request: RenderRequest, context: ProcessContext): ExitCode {
  const { files, json } = request;
  if (files.length === 0) {
    throw new UsageError('name the files to print, such as widgets/ava.yaml');
  }
  const read = files.map((path) => readNamed(path, request, context));
  const shown = (text: string) =>
    read.some(({ one }) => mayHoldKey(one.problems)) ? hideSecrets(text) : text;
  const isSound = read.every(({ one }) => !hasErrors(one.problems));
  if (json) {
    const rendered = read.map(({ one, values }) => renderedJson({ ...one, values }, one.folder));
    const value = { format_version: '1.0', valid: isSound, files: rendered };
    context.stdout.write(`${shown(stringifyJson(value, 2))}\n`);
    return isSound ? exitCode.ok : exitCode.failed;
  }
  const stdout = { ...context.stdout, write: (text: string) => context.stdout.write(shown(text)) };
  const outputs = { ...context, stdout };
  const written = read.map((named) => printOne(named, files.length > 1, outputs));
  return isSound && written.every((isWritten) => isWritten) ? exitCode.ok : exitCode.failed;
}

/** As the user named it. */
interface Named {
  readonly path: string;
  readonly one: OneFile;
  readonly values: readonly PlacedValue[];
}

function readNamed(path: string, { root, allow }: RenderRequest, context: ProcessContext): Named {
  const startedIn = process.cwd();
  const one = readOneFile(path, { root, startedIn, now: () => context.clock.now() });
  const problems = one.problems.filter(
    (problem) => isError(problem) || !allow.includes(problem.code),
  );
  const { composed } = one;
  return { path, one: { ...one, problems }, values: composed === null ? [] : valuesOf(composed) };
}

/** Each value but objects with members, in the order in which they are composed. */
function valuesOf(composed: ComposedFile): PlacedValue[] {
  return leavesOf(composed.value).map(({ path, value }) => ({
    path,
    value,
    origin: composed.origin(path),
  }));
}

/** False where it cannot be written. */
function printOne(
  { path, one, values }: Named,
  isOneOfSeveral: boolean,
  { stdout, stderr, env }: ProcessContext,
): boolean {
  const { folder, widgetId, composed, problems, sourceLine } = one;
  printProblems(problems, { directory: { dir: folder, sourceLine }, output: stderr, env });
  if (composed === null) return false;
  const notes = new Map(values.map((value) => [value.path, originNote(value, folder)]));
  const note = (pointer: string) => notes.get(pointer) ?? null;
  const written = writeComposed({ widgetId, value: composed.value, note });
  if ('problem' in written) {
    stderr.write(`${printable(path)}: ${written.problem}\n`);
    return false;
  }
  stdout.write(`${isOneOfSeveral ? `---\n# ${printable(path)}\n` : ''}${written.text}`);
  return true;
}
