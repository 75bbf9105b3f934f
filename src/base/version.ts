// The version as package.json says it, for the User-Agent and `--version`. One level up, both from
// src/ and from dist/.
import { readFileSync } from 'node:fs';

interface PackageFile {
  readonly version: string;
}

const packageFile = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');

export const version: string = (JSON.parse(packageFile) as PackageFile).version;
