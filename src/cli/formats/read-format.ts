// The forms in which a command gives its result: one on stdout, by `--format`, or `--json` for short, and others
// in files, of the same look, by `--output`.
import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { oneOf } from '../../config/option-values.ts';
import { readFlag } from '../read-flag.ts';

export interface FormatWords {
  readonly format?: string;
  readonly json?: true;
  readonly output?: readonly string[];
}

export interface OutputFile<Format> {
  readonly format: Format;
  readonly path: string;
}

export interface Formats<Format> {
  readonly format: 'text' | Format;
  readonly outputs: readonly OutputFile<Format>[];
}

/** `forMachines` are those that may stand in a file. Throws `UsageError`. */
export function readFormats<Format extends string>(
  { format: named, json, output = [] }: FormatWords,
  forMachines: readonly ('json' | Format)[],
): Formats<'json' | Format> {
  const all = ['text', ...forMachines] as const;
  const asked =
    named === undefined ? null : readFlag('--format', named, oneOf<(typeof all)[number]>(all));
  if (json === true && asked !== null && asked !== 'json') {
    throw new UsageError(
      `--json is short for --format json, and --format is ${asked}: leave one of the two out`,
    );
  }
  const outputs = output.map((text) => readFlag('--output', text, outputFile(forMachines)));
  const paths = outputs.map(({ path }) => resolve(path));
  const twice = outputs.find((_, at) => paths.indexOf(paths[at] ?? '') < at);
  if (twice !== undefined) {
    throw new UsageError(`--output: ${twice.path} is named twice: give each format its own file`);
  }
  return { format: asked ?? (json === true ? 'json' : 'text'), outputs };
}

function outputFile<Format extends string>(formats: readonly Format[]) {
  return (text: string): OutputFile<Format> => {
    const [, named, path = ''] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
    const format = formats.find((one) => one === named);
    if (format !== undefined) return { format, path };
    throw new Error(`${formats.join(', ')}, then = and a file, such as json=found.json`);
  };
}
