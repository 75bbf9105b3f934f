// The end of the history, read backwards: a long history costs no more than a short one.
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { openRegular } from '../../base/read-regular-file.ts';
import type { HistoryEntry } from '../../model/applied-record.ts';
import { parseHistoryEntry } from '../history-format.ts';
import type { History, HistoryRequest } from '../state-store.ts';
import { stateFailure } from './state-failure.ts';

const chunkBytes = 64 * 1024;

/** Throws `StateError`; no history yet is an empty one. */
export async function readHistory(directory: string, request: HistoryRequest): Promise<History> {
  const path = join(directory, 'history.ndjson');
  let file: FileHandle;
  try {
    file = await openRegular(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { entries: [], damaged: 0 };
    throw stateFailure(`cannot read the history ${path}`, error);
  }
  try {
    return await collect(file, request);
  } catch (error) {
    throw stateFailure(`cannot read the history ${path}`, error);
  } finally {
    await file.close();
  }
}

async function collect(file: FileHandle, { limit, widgetId }: HistoryRequest): Promise<History> {
  const entries: HistoryEntry[] = [];
  let damaged = 0;
  for await (const line of linesBackwards(file)) {
    if (entries.length >= limit) break;
    const entry = parseHistoryEntry(line);
    if (entry === null) damaged += 1;
    else if (widgetId === null || entry.widgetId === widgetId) entries.push(entry);
  }
  return { entries: entries.reverse(), damaged };
}

/** Complete lines and the rest, last first, without empty ones. */
async function* linesBackwards(file: FileHandle): AsyncGenerator<string> {
  let { size: left } = await file.stat();
  let rest = Buffer.alloc(0);
  while (left > 0) {
    const length = Math.min(chunkBytes, left);
    left -= length;
    // Shorter only where the file was cut meanwhile.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, left);
    const text = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    // The text before the first newline may begin in the chunk before.
    const firstEnd = left === 0 ? -1 : text.indexOf(0x0a);
    if (left > 0 && firstEnd === -1) {
      rest = text;
      continue;
    }
    rest = text.subarray(0, firstEnd + 1);
    const lines = text
      .subarray(firstEnd + 1)
      .toString('utf8')
      .split('\n');
    for (const line of lines.reverse()) if (line !== '') yield line;
  }
}
