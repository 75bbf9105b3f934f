// A state directory on its way to another place, without a moment in which somebody could take half of it for
// the whole: marks stand on both sides until all of it is there, and whoever was killed goes on where it was.
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { removeLeftovers, syncDirectory } from '../../../base/atomic-file.ts';
import { codeOf, StateError, UsageError } from '../../../base/errors.ts';
import { printable } from '../../../base/text.ts';
import { readApiUrls } from '../file-view.ts';
import { type LockOptions, takeLock } from '../lock.ts';
import { asStateError, makeStateDirectory } from '../prepare-directory.ts';
import { listRecords, readRecords } from '../read-records.ts';
import { singleFiles } from '../state-texts.ts';
import { holdsSomething, moveEntry, removeHalfCopies } from './move-entry.ts';
import {
  comingMark,
  goneMark,
  readMark,
  refuseMoved,
  removeMark,
  unfinished,
  writeMark,
} from './move-marks.ts';

/** All that a state consists of. What else lies beside it, such as the states of accounts, stays. */
export const stateEntries = [
  'widgets',
  'orders',
  'history.1.ndjson',
  'history.ndjson',
  ...singleFiles,
] as const;

export interface MoveRequest {
  readonly from: string;
  readonly to: string;
  readonly now: Date;
  /** Looked at between two steps: who is told to stop leaves the rest for another time. */
  readonly stop: Pick<AbortSignal, 'aborted'>;
}

export interface MovedState {
  readonly records: number;
  /** The names of what is in the new place. */
  readonly entries: readonly string[];
  /** What stays in the old place, since it is no part of the state. */
  readonly left: readonly string[];
  readonly apiUrls: readonly string[];
  /** The widget directories that the records name, absolute. */
  readonly roots: readonly string[];
}

interface Places {
  readonly from: string;
  readonly to: string;
}

const advice =
  'stop it, or, where it follows several, take the account out of the file of accounts until then';

/** Throws `UsageError`, and `StateError` or `StateTakenError` where nothing, or not all, was moved. */
export async function moveState({ now, stop, ...asked }: MoveRequest): Promise<MovedState> {
  const places = await findPlaces(asked);
  const { from, to } = places;
  const holding = { command: 'state move', advice, since: now, platform: process.platform };
  try {
    return await withLock({ directory: from, ...holding }, async () => {
      const isResumed = await checkFrom(places);
      await makeStateDirectory(to);
      return await withLock({ directory: to, ...holding }, async () => {
        await checkTo(places, isResumed);
        await writeMark(to, comingMark, { other: from, time: now });
        await writeMark(from, goneMark, { other: to, time: now });
        await moveAll(places, stop);
        await removeMark(to, goneMark);
        await removeMark(to, comingMark);
        return await describe(places);
      });
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw asStateError(`cannot move the state from ${printable(from)} to ${printable(to)}`, error);
  }
}

async function withLock<Done>(options: LockOptions, act: () => Promise<Done>): Promise<Done> {
  const lock = await takeLock(options);
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

/** Without links, so that a mark means one place. Throws where there is nothing to move, or no way to. */
async function findPlaces(asked: Places): Promise<Places> {
  const from = await realpath(asked.from).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw asStateError(`cannot read ${asked.from}`, error);
    throw new StateError(`there is no state directory ${printable(asked.from)} to move`);
  });
  const to = await realOf(resolve(asked.to));
  if (from === to) throw new UsageError('--from and --to name the same directory');
  const [below = ''] = relative(from, to).split(sep);
  if (stateEntries.some((name) => name === below)) {
    throw new UsageError(`--to lies in ${printable(join(from, below))}, which is moved itself`);
  }
  await refuseAmongWidgetFiles(to);
  return { from, to };
}

/** Records would be committed with the files, and `run` refuses such a state. */
async function refuseAmongWidgetFiles(to: string): Promise<void> {
  const names = await readdir(to).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw asStateError(`cannot read ${to}`, error);
    return [];
  });
  const file = names.sort().find((name) => /\.ya?ml$/.test(name));
  if (file === undefined) return;
  throw new UsageError(
    `--to: ${printable(to)} holds ${printable(file)}; give the state a directory of its own, such as <state>/<account>`,
  );
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return join(await realOf(dirname(path)), basename(path));
  }
}

/** Whether a move of these two was begun before. */
async function checkFrom({ from, to }: Places): Promise<boolean> {
  const earlier = await readMark(from, goneMark);
  if (earlier === to && (await readMark(to, comingMark)) === from) return true;
  if (earlier !== null && (await entriesIn(from)).length > 0) {
    throw new StateError(unfinished(from, earlier));
  }
  await refuseMoved(from);
  if ((await entriesIn(from)).length > 0) return false;
  const states = await statesBelow(from);
  const are = states.length === 0 ? '' : `; those of ${states.join(', ')} are: name one of them`;
  throw new StateError(`there is no state in ${printable(from)} to move${are}`);
}

async function statesBelow(directory: string): Promise<string[]> {
  const found = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && (await entriesIn(path)).includes('widgets'))
      found.push(printable(path));
  }
  return found.sort();
}

async function entriesIn(directory: string): Promise<string[]> {
  const found = [];
  for (const name of stateEntries) {
    if (await holdsSomething(join(directory, name))) found.push(name);
  }
  return found;
}

/** Only who stands in both places can tell: nothing there is ever written over. */
async function checkTo({ from, to }: Places, isResumed: boolean): Promise<void> {
  const coming = await readMark(to, comingMark);
  if (coming !== null && coming !== from) throw new StateError(unfinished(coming, to));
  const entries = await entriesIn(to);
  if (isResumed || entries.length === 0) return;
  throw new StateError(
    `${printable(to)} holds a state already (${entries.join(', ')}): nothing was moved. Move that one ` +
      'elsewhere first, with this command or, where it is not needed, by hand',
  );
}

async function moveAll({ from, to }: Places, stop: MoveRequest['stop']): Promise<void> {
  await removeLeftovers(from);
  await removeHalfCopies(to);
  for (const name of stateEntries) {
    if (stop.aborted) throw new StateError(unfinished(from, to));
    await moveEntry(join(from, name), join(to, name));
  }
  await syncDirectory(to);
  await syncDirectory(from);
  if (stop.aborted) throw new StateError(unfinished(from, to));
}

async function describe({ from, to }: Places): Promise<MovedState> {
  const apiUrls = new Set<string>();
  for await (const url of readApiUrls(to)) apiUrls.add(url);
  const roots = new Set<string>();
  for (const apiUrl of apiUrls) {
    const options = { directory: to, apiUrl, reader: '', warn: () => {} };
    for (const { root } of await readRecords(options)) if (root !== undefined) roots.add(root);
  }
  const ours = ['.gitignore', goneMark, relative(from, to).split(sep)[0]];
  const left = (await readdir(from)).filter((name) => !ours.includes(name));
  const isState = await Promise.all(left.map((name) => isStateAt(join(from, name))));
  return {
    records: (await listRecords(to)).length,
    entries: await entriesIn(to),
    left: left.filter((_, index) => !isState[index]).sort(),
    apiUrls: [...apiUrls].sort(),
    roots: [...roots].sort(),
  };
}

/** The state of an account lies beside that of others. */
async function isStateAt(path: string): Promise<boolean> {
  const found: Stats | null = await stat(path).catch(() => null);
  return found?.isDirectory() === true && (await entriesIn(path)).length > 0;
}
