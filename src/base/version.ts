// The files that come with the program, whether its modules stand in src/ or in what a build made of them,
// and the version as package.json says it, for the User-Agent and `--version`.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory that holds package.json: the nearest one above this file. */
function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const above = dirname(directory);
    if (above === directory) throw new Error(`no package.json above ${import.meta.url}`);
    directory = above;
  }
  return directory;
}

/** The absolute path of a file of the package, such as `schemas/widget.schema.json`. */
export const packagedFile = (path: string): string => join(packageDirectory(), path);

interface PackageFile {
  readonly version: string;
}

const { version: packageVersion } = JSON.parse(
  readFileSync(packagedFile('package.json'), 'utf8'),
) as PackageFile;

export const version: string = packageVersion;
