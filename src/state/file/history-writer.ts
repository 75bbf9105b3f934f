// The history as a file to which lines are added.
import { appendLine } from '../../base/atomic-file.ts';
import { messageOf } from '../../base/errors.ts';
import { HistoryLines, type HistoryLinesDeps, type WriteLines } from '../history-lines.ts';
import { makeRoom } from './history-files.ts';

export interface HistoryDeps extends Omit<HistoryLinesDeps, 'place' | 'write'> {
  /** The most room for the files of the history; null: all there is. */
  readonly mostBytes: number | null;
  /** Default: `appendLine`. */
  readonly append?: typeof appendLine;
}

/** `write` of what it gives is not to be called again before it has resolved: lines are added in order. */
export function openHistoryLines(path: string, deps: HistoryDeps): HistoryLines {
  const { append = appendLine, mostBytes, ...others } = deps;
  const makeRoomFor = roomMaker(path, deps);
  const write: WriteLines = async (lines) => {
    const text = lines.map((line) => line.text).join('\n');
    await makeRoomFor(Buffer.byteLength(text) + 1);
    await append(path, text);
  };
  return new HistoryLines({ ...others, place: { path }, write });
}

/** A history that grows too long is worth more than one that ends: never rejects. */
function roomMaker(path: string, { mostBytes, warn }: Pick<HistoryDeps, 'mostBytes' | 'warn'>) {
  /** The last try failed. */
  let isUnbounded = false;
  return async (bytes: number): Promise<void> => {
    if (mostBytes === null) return;
    try {
      await makeRoom(path, bytes, mostBytes);
      isUnbounded = false;
    } catch (error) {
      if (isUnbounded) return;
      isUnbounded = true;
      const facts = { path, keep: mostBytes, error: messageOf(error) };
      warn('the history grows beyond --keep-history, for its file cannot be moved aside', facts);
    }
  };
}
