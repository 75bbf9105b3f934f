// The schemas that come with the program: of the files that people write, and of what the commands print.
import { readdirSync, readFileSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import { closestName } from '../../base/suggest-name.ts';
import { packagedFile } from '../../base/version.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';

const ending = '.schema.json';
const folders = ['schemas', 'schemas/output'] as const;

/** Throws `UsageError` where there is no schema of that name. */
export function printSchema(
  { name, isList }: { readonly name: string; readonly isList: boolean },
  { stdout }: ProcessContext,
): ExitCode {
  const paths = schemaPaths();
  if (isList) {
    stdout.write(`${[...paths.keys()].join('\n')}\n`);
    return exitCode.ok;
  }
  const path = paths.get(name);
  if (path === undefined) {
    const nearest = closestName(name, [...paths.keys()]);
    const meant =
      nearest === null ? '`widget-sync schema --list` names all' : `did you mean ${nearest}?`;
    throw new UsageError(`there is no schema ${JSON.stringify(name)}: ${meant}`);
  }
  stdout.write(readFileSync(path, 'utf8'));
  return exitCode.ok;
}

/** By name: `widget` for what people write, `output/plan` for what a command prints. */
function schemaPaths(): ReadonlyMap<string, string> {
  return new Map(
    folders.flatMap((folder) => {
      const directory = packagedFile(folder);
      const names = readdirSync(directory).filter((file) => file.endsWith(ending));
      return names.sort().map((file): [string, string] => {
        const name = file.slice(0, -ending.length);
        const named = folder === 'schemas' ? name : `output/${name}`;
        return [named, `${directory}/${file}`];
      });
    }),
  );
}
