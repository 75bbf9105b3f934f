// All that a state directory holds, as texts: for who brings a state to another store, or back.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, replaceFile, syncDirectory } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { parseWidgetId, sha256, type WidgetId } from '../../model/widget.ts';
import { apiUrlOf } from '../format/api-url-of.ts';
import { parseRecord } from '../format/record-format.ts';
import { parseHistoryEntry } from '../history-format.ts';
import { historyFile, historyFiles } from './history-files.ts';
import { asStateError } from './prepare-directory.ts';
import { listRecords, recordsDirectory } from './read-records.ts';
import { stateFailure } from './state-failure.ts';
import { readStateFile } from './state-file.ts';

/** The files of which there is one, by their names. */
export const singleFiles = [
  'status.json',
  'approved.json',
  'admitted.json',
  'spent.json',
  'learnt-limit.json',
  'notified.json',
] as const;

export type SingleFile = (typeof singleFiles)[number];

export interface StateTexts {
  readonly records: ReadonlyMap<WidgetId, string>;
  /** Oldest first, without their newlines. */
  readonly history: readonly string[];
  readonly singles: ReadonlyMap<SingleFile, string>;
}

export interface FoundTexts {
  readonly texts: StateTexts;
  /** What is there and nobody could use, in words: it stays where it is. */
  readonly damaged: readonly string[];
}

/** Throws `StateError`. The lock of the directory is the caller's. */
export async function readStateTexts(directory: string): Promise<FoundTexts> {
  const damaged: string[] = [];
  const records = await readRecordTexts(directory, damaged);
  const history = await readHistoryTexts(directory, damaged);
  const singles = new Map<SingleFile, string>();
  for (const name of singleFiles) {
    const text = await readStateFile(join(directory, name), 'the state');
    if (text === null) continue;
    if (text.includes('\0')) damaged.push(`${name}: it is torn`);
    else singles.set(name, text);
  }
  return { texts: { records, history, singles }, damaged };
}

async function readRecordTexts(
  directory: string,
  damaged: string[],
): Promise<Map<WidgetId, string>> {
  const records = new Map<WidgetId, string>();
  for (const { name } of await listRecords(directory)) {
    const widgetId = parseWidgetId(name.slice(0, -'.json'.length));
    const path = join(recordsDirectory(directory), name);
    const text = await readStateFile(path, 'the state record');
    if (text === null) continue;
    if (widgetId === null || `${widgetId}.json` !== name) {
      damaged.push(`${name}: its name is not a widget id in lower case`);
      continue;
    }
    const parsed = parseRecord(text, widgetId, apiUrlOf(text) ?? '');
    if ('record' in parsed) records.set(widgetId, text);
    else damaged.push(`${name}: ${parsed.damage}`);
  }
  return records;
}

async function readHistoryTexts(directory: string, damaged: string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const path of historyFiles(directory).reverse()) {
    for (const line of (await readIfThere(path)).split('\n')) {
      if (line === '') continue;
      if (parseHistoryEntry(line) === null) damaged.push('a torn line of the history');
      else lines.push(line);
    }
  }
  return lines;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readRegular(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw stateFailure(`cannot read the history ${path}`, error);
  }
}

/** The same of equal texts. */
export function digestOf({ records, history, singles }: StateTexts): string {
  const sorted = (map: ReadonlyMap<string, string>) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([sorted(records), history, sorted(singles)]));
}

/**
 * Makes the directory hold these texts and nothing else of a state that can be used. Throws `StateError`;
 * then it may hold half of them, of which the caller has set a mark.
 */
export async function writeStateTexts(directory: string, texts: StateTexts): Promise<void> {
  const { records, history, singles } = texts;
  const widgets = recordsDirectory(directory);
  try {
    await makeDirectory(widgets);
    // What nobody could use stays.
    for (const widgetId of (await readRecordTexts(directory, [])).keys()) {
      if (!records.has(widgetId)) await rm(join(widgets, `${widgetId}.json`));
    }
    for (const [widgetId, text] of records) {
      await replaceFile(join(widgets, `${widgetId}.json`), text, { mayBeUndone: true });
    }
    await syncDirectory(widgets);
    for (const path of historyFiles(directory)) await rm(path, { force: true });
    if (history.length > 0) {
      await replaceFile(historyFile(directory), `${history.join('\n')}\n`);
    }
    for (const name of singleFiles) {
      const text = singles.get(name);
      if (text === undefined) await rm(join(directory, name), { force: true });
      else await replaceFile(join(directory, name), text);
    }
    await syncDirectory(directory);
  } catch (error) {
    throw asStateError(`cannot write the state directory ${directory}`, error);
  }
}
