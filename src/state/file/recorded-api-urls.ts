// Whose state a directory holds, asked before anything is shown of it: what belongs to another API
// would look as if nothing had been applied yet.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StateError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { printable } from '../../base/text.ts';
import { statusFile } from './file-store.ts';
import { listRecords, recordsDirectory } from './read-records.ts';
import { stateFailure } from './state-failure.ts';

/** Throws `StateError` where there is no such directory; an empty one is fine. */
export async function requireStateDirectory(directory: string): Promise<void> {
  try {
    await stat(directory);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      throw stateFailure(`cannot read the state directory ${directory}`, error);
    }
    throw new StateError(
      `there is no state directory ${printable(directory)}: nothing was applied yet, or --state names another`,
    );
  }
}

/**
 * The APIs that something is recorded of, as often as they are found, that of the last pass first: few
 * need to read on. Throws `StateError`.
 */
export async function* readApiUrls(directory: string): AsyncGenerator<string> {
  const ofLastPass = await apiUrlOfStatus(join(directory, statusFile));
  if (ofLastPass !== null) yield ofLastPass;
  for (const entry of await listRecords(directory)) {
    const path = join(recordsDirectory(directory), entry.name);
    const apiUrl = entry.isFile() ? await apiUrlOfRecord(path) : null;
    if (apiUrl !== null) yield apiUrl;
  }
}

async function apiUrlOfStatus(path: string): Promise<string | null> {
  try {
    return apiUrlIn(await readRegular(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read the status ${path}`, error);
  }
}

async function apiUrlOfRecord(path: string): Promise<string | null> {
  try {
    return apiUrlIn(await readRegular(path));
  } catch (error) {
    // Whoever reads the records says what is wrong with this one.
    if (codeOf(error) !== null) return null;
    throw error;
  }
}

function apiUrlIn(text: string): string | null {
  const stored = parseJson(text);
  const apiUrl = isJsonObject(stored) ? stored['api_url'] : undefined;
  return typeof apiUrl === 'string' ? apiUrl : null;
}
