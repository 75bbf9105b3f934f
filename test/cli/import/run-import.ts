// `import` with the account's widgets as values, and what it prints.
import { systemClock } from '../../../src/base/clock.ts';
import type { JsonObject } from '../../../src/base/json/json.ts';
import {
  type ImportContext,
  type ImportParts,
  type ImportRequest,
  importWidgets,
} from '../../../src/cli/import/import-widgets.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { liveOf } from '../../plan/fixtures.ts';

export type Live = Record<WidgetId, JsonObject | 'absent'>;

export async function runImport(
  directory: string,
  live: Live,
  {
    stop = new AbortController().signal,
    missing = 0,
    applied = new Map(),
    ...request
  }: Partial<ImportRequest & ImportContext & Omit<ImportParts, 'live'>> = {},
) {
  const printed = { stdout: '', stderr: '' };
  const output = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isTerminal: false,
    columns: 80,
  });
  const world: ImportContext = {
    env: {},
    stdout: output('stdout'),
    stderr: output('stderr'),
    clock: systemClock,
    stop,
  };
  const widgets = new Map(
    Object.entries(live).map(
      ([id, body]) => [id as WidgetId, body === 'absent' ? body : liveOf(body)] as const,
    ),
  );
  const asked = { directory, only: [], update: false, json: false, ...request };
  const { code } = await importWidgets(asked, { live: widgets, missing, applied }, world);
  return { code, ...printed };
}
