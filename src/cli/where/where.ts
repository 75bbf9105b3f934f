// `where`: whether what a commit brought is live, from git's own files and the state directory alone. Needs
// no key, no network and no lock.
import type { Settings } from '../../config/settings.ts';
import { readBrought } from '../../documents/git/brought-files.ts';
import { printJson } from '../print-json.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { followWhere, isDone, questionOf } from './follow-where.ts';
import { whereJson, whereText } from './where-text.ts';

export interface WhereAsked {
  /** A commit, or `A..B`. */
  readonly range: string;
  /** How long to wait until all is live, in milliseconds; null: not at all. */
  readonly waitMs: number | null;
  readonly json: boolean;
}

export interface WhereRequest extends WhereAsked {
  readonly directory: string;
  readonly settings: Settings;
}

/**
 * 0: all of it is live, or something later is. 1: not yet. Throws `UsageError` and `StateError` where it
 * cannot be told.
 */
export async function where(request: WhereRequest, context: ProcessContext): Promise<ExitCode> {
  const { range, directory, settings, json } = request;
  const brought = readBrought(directory, {
    range,
    root: settings.root,
    now: context.clock.now(),
  });
  const question = questionOf({ name: null, directory, settings, brought });
  const [found] = await followWhere([question], request.waitMs, context);
  if (found === undefined) throw new Error('each question has an answer');
  if ('error' in found) throw found.error;
  const told = { brought, ...found };
  if (json) printJson(whereJson(told), context);
  else context.stdout.write(`${whereText(told, context)}\n`);
  return isDone(found.where) ? exitCode.ok : exitCode.failed;
}
