// Every content that a widget's file ever had in full: whatever else is sent stands out, and what a
// tree says can be told from its files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';
import { waitFor, widgetId } from './sandbox.ts';
import { type Put, patienceMs, shown, type Tree, widgetFile } from './watched-tree.ts';

export interface Version {
  readonly n: number;
  readonly fields: JsonObject;
}

export interface Versions {
  /** The n-th widget's file that declares these fields; from now on they may be sent. */
  file(n: number, fields: JsonObject, text?: string): string;
  /** Of these writes, those whose body no file ever declared; for a daemon without live state. */
  strangers(puts: readonly Put[]): Put[];
  /** What the files of a directory declare that are not suspended. Throws at an unknown content. */
  declaredIn(dir: string): Version[];
}

export function recordVersions(): Versions {
  const byText = new Map<string, Version>();
  const byWidget = new Map<string, JsonObject[]>();
  const isKnown = ({ widgetId: id, body }: Put) =>
    byWidget.get(String(id))?.some((fields) => isDeepStrictEqual(fields, body)) === true;
  return {
    file(n, fields, text = widgetFile(n, fields)) {
      const versions = byWidget.get(widgetId(n)) ?? [];
      if (!byText.has(text)) byWidget.set(widgetId(n), [...versions, fields]);
      byText.set(text, { n, fields });
      return text;
    },
    strangers: (puts) => puts.filter((put) => !isKnown(put)),
    declaredIn(dir) {
      const versions = widgetPaths(dir).map((path) => {
        const version = byText.get(readFileSync(join(dir, path), 'utf8'));
        if (version === undefined) throw new Error(`${path} has a content of its own`);
        return version;
      });
      return versions.filter(({ fields }) => !('sync' in fields));
    },
  };
}

function widgetPaths(dir: string): string[] {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.yaml') && !/(^|\/)[._]/.test(path));
}

/** Resolves once the server holds all of this, which at some moment it does. */
export async function serverHolds(sandbox: Sandbox, versions: readonly Version[]): Promise<void> {
  let reached = 0;
  // Thousands of widgets, and looked at again at each request: never from the beginning.
  const isReached = () => {
    let next = versions[reached];
    while (next !== undefined && isShown(sandbox, next)) {
      reached += 1;
      next = versions[reached];
    }
    return next === undefined;
  };
  await waitFor(sandbox, isReached, patienceMs);
}

function isShown(sandbox: Sandbox, { n, fields }: Version): boolean {
  return shown(sandbox, n)?.['display_name'] === fields['display_name'];
}

/** The server holds exactly what the files of the tree declare. */
export function expectInStep({ sandbox, dir }: Pick<Tree, 'sandbox' | 'dir'>, versions: Versions) {
  const declared = versions.declaredIn(dir);
  const names = ({ n, fields }: Version) => [n, fields['display_name']];
  const onServer = declared.map(({ n }) => [n, shown(sandbox, n)?.['display_name']]);
  expect(onServer).toEqual(declared.map(names));
}
