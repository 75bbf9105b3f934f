// The end of the history, read backwards: a long history costs no more than a short one.
import type { FileHandle } from 'node:fs/promises';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { byteFilter, isAskedFor } from '../history-filter.ts';
import { parseHistoryEntry } from '../history-format.ts';
import type { History, HistoryRequest } from '../state-store.ts';
import { historyFile, openHistory } from './history-files.ts';
import { stateFailure } from './state-failure.ts';

/** Read at once. */
export const chunkBytes = 256 * 1024;

/** Throws `StateError`; no history yet is an empty one. */
export async function readHistory(directory: string, request: HistoryRequest): Promise<History> {
  const files = await openHistory(directory);
  try {
    return await collect(files, request);
  } catch (error) {
    throw stateFailure(`cannot read the history ${historyFile(directory)}`, error);
  } finally {
    for (const file of files) await file.close();
  }
}

async function collect(files: readonly FileHandle[], request: HistoryRequest): Promise<History> {
  const bytes = byteFilter(request);
  const entries: HistoryEntry[] = [];
  let damaged = 0;
  for (const file of files) {
    for await (const lines of linesBackwards(file)) {
      if (bytes.rulesOut(lines)) continue;
      for (const line of splitBackwards(lines)) {
        if (entries.length >= request.limit) return { entries: entries.reverse(), damaged };
        if (bytes.rulesOut(line) || bytes.isOutOfTime(line)) continue;
        const entry = parseHistoryEntry(line.toString('utf8'));
        if (entry === null) damaged += 1;
        else if (isAskedFor(entry, request)) entries.push(entry);
      }
      if (entries.length >= request.limit) return { entries: entries.reverse(), damaged };
    }
  }
  return { entries: entries.reverse(), damaged };
}

/** Complete lines and the rest, last first: as many at a time as end in one chunk. */
async function* linesBackwards(file: FileHandle): AsyncGenerator<Buffer> {
  let { size: left } = await file.stat();
  let rest: Buffer[] = [];
  while (left > 0) {
    const length = Math.min(chunkBytes, left);
    left -= length;
    // Shorter only where the file was cut meanwhile.
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, left);
    const chunk = buffer.subarray(0, bytesRead);
    // The text before the first newline may begin in the chunk before.
    const firstEnd = left === 0 ? -1 : chunk.indexOf(newline);
    if (left > 0 && firstEnd === -1) {
      rest.push(chunk);
      continue;
    }
    const text = Buffer.concat([chunk.subarray(firstEnd + 1), ...rest.reverse()]);
    rest = [chunk.subarray(0, firstEnd + 1)];
    yield text;
  }
}

const newline = 0x0a;

/** Last first, without empty ones. */
function* splitBackwards(text: Buffer): Generator<Buffer> {
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf(newline, end - 1) + 1;
    if (start < end) yield text.subarray(start, end);
    end = start - 1;
  }
}
