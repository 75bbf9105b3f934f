// Reads the records of the state directory. A record that cannot be used is as good as none:
// it costs one warning and one comparison, never the pass and never another record.
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { codeOf, messageOf } from '../../base/errors.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { WidgetId } from '../../model/widget.ts';
import { parseWidgetId } from '../../model/widget.ts';
import type { Origin, ParsedRecord } from '../format/record-format.ts';
import { parseRecord } from '../format/record-format.ts';
import type { StoredRecord } from '../record-index.ts';
import { stateFailure } from './state-failure.ts';

export interface ReadOptions extends Origin {
  readonly directory: string;
  readonly warn: (message: string, fields: object) => void;
}

/** So many files are read before anything else gets its turn: some milliseconds. */
const readsAtOnce = 64;

export function recordsDirectory(directory: string): string {
  return join(directory, 'widgets');
}

/**
 * In the order of their ids. No directory means that nothing was applied; throws `StateError` for any other
 * reason not to list it.
 */
export async function readRecords(options: ReadOptions): Promise<StoredRecord[]> {
  return await readListed(await listRecords(options.directory), options);
}

/** Of these widgets alone, silently: of a few the rest of a large account need not be read. */
export async function readRecordsOf(
  widgetIds: ReadonlySet<WidgetId>,
  options: Omit<ReadOptions, 'warn'>,
): Promise<AppliedRecord[]> {
  const names = await listRecords(options.directory);
  const wanted = names.filter(({ name }) => {
    const widgetId = idInName(name);
    return widgetId !== null && widgetIds.has(widgetId);
  });
  const stored = await readListed(wanted, { ...options, warn: () => {} });
  return stored.map(({ record }) => record);
}

async function readListed(names: readonly Dirent[], options: ReadOptions): Promise<StoredRecord[]> {
  const stored: StoredRecord[] = [];
  const foreign = new Map<string, Ignored>();
  for (let start = 0; start < names.length; start += readsAtOnce) {
    if (start > 0) await turnOfTheLoop();
    for (const entry of names.slice(start, start + readsAtOnce)) {
      const { name } = entry;
      const result = readRecord(entry, options);
      if ('record' in result) stored.push(result);
      else if (result.ofApi === undefined) warnIgnored({ ...result, name, others: 0 }, options);
      else noteForeign(foreign, result.ofApi, { ...result, name, others: 0 });
    }
  }
  for (const ignored of foreign.values()) warnIgnored(ignored, options);
  return stored;
}

/** In the order of their ids, those that the text stands in. A whole id is that of one file. */
export async function searchRecords(
  { directory, apiUrl }: Pick<ReadOptions, 'directory' | 'apiUrl'>,
  text: string,
): Promise<AppliedRecord[]> {
  const only = parseWidgetId(text.trim());
  const entries = (await listRecords(directory)).filter((entry) => entry.isFile());
  const wanted = stringifyJson(text.trim()).slice(1, -1).toLowerCase();
  const found: AppliedRecord[] = [];
  for (const { name } of entries) {
    const widgetId = idInName(name);
    if (widgetId === null || (only !== null && widgetId !== only)) continue;
    const content = readWhole(join(recordsDirectory(directory), name));
    if (!content.toLowerCase().includes(wanted)) continue;
    const parsed = parseRecord(content, widgetId, apiUrl);
    if ('record' in parsed) found.push(parsed.record);
  }
  return found;
}

/** At once, as `readRecord`. */
function readWhole(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // It went meanwhile, or cannot be used: `status` warns of that.
    if (codeOf(error) === null) throw error;
    return '';
  }
}

/** The files of the records, in the order of their ids. Throws as `readRecords` does. */
export async function listRecords(directory: string): Promise<Dirent[]> {
  try {
    const entries = readdirSync(recordsDirectory(directory), { withFileTypes: true });
    return entries
      .filter(({ name }) => name.endsWith('.json') && !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw stateFailure(`cannot read the state directory ${directory}`, error);
  }
}

/** At once: the many promises of thousands of small files cost more than the files. */
function readRecord(entry: Dirent, options: ReadOptions): ParsedRecord {
  // A pipe under this name would hold the start for ever.
  if (!entry.isFile()) return { damage: 'it is not a regular file' };
  const widgetId = idInName(entry.name);
  if (widgetId === null) return { damage: 'its name is not a widget id in lower case' };
  try {
    const text = readFileSync(join(recordsDirectory(options.directory), entry.name), 'utf8');
    return parseRecord(text, widgetId, options.apiUrl);
  } catch (error) {
    return { damage: `it cannot be read: ${messageOf(error)}` };
  }
}

function idInName(name: string): WidgetId | null {
  const stem = name.slice(0, -'.json'.length);
  const widgetId = parseWidgetId(stem);
  return widgetId === stem ? widgetId : null;
}

/** A record that is not used, and how many more for the same reason. */
interface Ignored {
  readonly name: string;
  readonly damage: string;
  readonly others: number;
}

/** One warning for all of one API: a state directory of another one may hold thousands. */
function noteForeign(foreign: Map<string, Ignored>, apiUrl: string, ignored: Ignored): void {
  const first = foreign.get(apiUrl);
  foreign.set(apiUrl, first === undefined ? ignored : { ...first, others: first.others + 1 });
}

function warnIgnored({ name, damage, others }: Ignored, options: ReadOptions): void {
  const record = join(recordsDirectory(options.directory), name);
  const more = others === 0 ? {} : { others };
  const facts = { record, ...more, reason: damage };
  options.warn('a state record is ignored; its widget counts as never applied', facts);
}
