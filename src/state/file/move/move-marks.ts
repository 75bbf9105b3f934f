// What stands in a state directory that is moved: who opens it is told where the state went, or that it is not
// whole yet. Half of a state is worse than none: what was released would be forgotten.
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../../../base/errors.ts';
import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import { printable } from '../../../base/text.ts';
import { refuseKeptByStore } from '../moved-to-store.ts';
import { readStateFile, removeStateFile, replaceStateFile } from '../state-file.ts';

/** In the directory that a state left: it stays there, for whoever still names that directory. */
export const goneMark = 'moved.json';
/** In the directory that a state comes to, until it is whole. */
export const comingMark = 'moving.json';

type MarkName = typeof goneMark | typeof comingMark;

const markIn = (directory: string, name: MarkName) =>
  [join(directory, name), 'the state directory'] as const;

/** The absolute directory that the mark names, '' where it is damaged; null where there is none. */
export async function readMark(directory: string, name: MarkName): Promise<string | null> {
  const text = await readStateFile(...markIn(directory, name));
  if (text === null) return null;
  const mark = parseJson(text);
  const other = isJsonObject(mark) ? mark['directory'] : '';
  return typeof other === 'string' ? other : '';
}

export async function writeMark(
  directory: string,
  name: MarkName,
  { other, time }: { readonly other: string; readonly time: Date },
): Promise<void> {
  const text = `${JSON.stringify({ directory: other, time: time.toISOString() })}\n`;
  await replaceStateFile(...markIn(directory, name), text);
}

export async function removeMark(directory: string, name: MarkName): Promise<void> {
  await removeStateFile(...markIn(directory, name));
}

/** Throws `StateError` where the state was moved away or is kept by a store, or is not whole yet. */
export async function refuseMoved(directory: string): Promise<void> {
  const from = await readMark(directory, comingMark);
  if (from !== null) throw new StateError(unfinished(from, directory));
  await refuseKeptByStore(directory);
  const to = await readMark(directory, goneMark);
  if (to === null) return;
  if (to !== '' && (await isComing(directory, to))) throw new StateError(unfinished(directory, to));
  throw new StateError(
    `the state that was in ${printable(directory)} was moved to ${printable(to)}: name that one with --state, ` +
      `or remove ${printable(join(directory, goneMark))} to begin anew here, as if nothing had been applied`,
  );
}

async function isComing(directory: string, to: string): Promise<boolean> {
  return (await readMark(to, comingMark)) === (await realpath(directory));
}

export function unfinished(from: string, to: string): string {
  return (
    `the state that is being moved from ${printable(from)} to ${printable(to)} is not whole: ` +
    `end the move with: widget-sync state move --from ${printable(from)} --to ${printable(to)}`
  );
}
