// Contents that were let past the limit on changes and that nothing confirms yet: whoever said yes to
// them once, by the limit or in person, is not asked again after a refusal or a restart.
import { join } from 'node:path';
import { replaceFile } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json/json.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../record-index.ts';
import { stateFailure } from './state-failure.ts';

/** The hash of each such content by its widget. */
export type Admitted = ReadonlyMap<WidgetId, string>;

export interface AdmittedPlace {
  readonly stateDirectory: string;
  readonly apiUrl: string;
}

export const nothingAdmitted: Admitted = new Map();

const admittedFile = 'admitted.json';

/** Without those that a record confirms. Throws `StateError` where it cannot be read. */
export async function readAdmitted(
  { stateDirectory, apiUrl }: AdmittedPlace,
  { records }: Pick<AppliedState, 'records'>,
): Promise<Admitted> {
  const path = join(stateDirectory, admittedFile);
  try {
    const admitted = parseAdmitted(await readRegular(path), apiUrl);
    for (const [widgetId, hash] of admitted) {
      const record = records.get(widgetId);
      if (record?.hash === hash && record.unconfirmedHash === null) admitted.delete(widgetId);
    }
    return admitted;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Map();
    throw stateFailure(`cannot read what was let through, ${path}`, error);
  }
}

/** Throws `StateError`. */
export async function writeAdmitted(
  { stateDirectory, apiUrl }: AdmittedPlace,
  admitted: Admitted,
): Promise<void> {
  const path = join(stateDirectory, admittedFile);
  try {
    const stored = { api_url: apiUrl, hashes: Object.fromEntries(admitted) };
    await replaceFile(path, `${JSON.stringify(stored)}\n`);
  } catch (error) {
    throw stateFailure(`cannot write what was let through, ${path}`, error);
  }
}

/** Whatever is damaged or of another account lets nothing through. */
function parseAdmitted(text: string, apiUrl: string): Map<WidgetId, string> {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['api_url'] !== apiUrl) return new Map();
  const { hashes } = stored;
  if (hashes === undefined || !isJsonObject(hashes)) return new Map();
  return new Map(
    Object.entries(hashes).flatMap(([key, hash]) => {
      const widgetId = parseWidgetId(key);
      return widgetId === null || typeof hash !== 'string' ? [] : [[widgetId, hash] as const];
    }),
  );
}
