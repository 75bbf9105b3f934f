// The files of `--output`.
import { dirname } from 'node:path';
import { replaceOutput } from '../../base/atomic-file.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { OutputFile } from './read-format.ts';

/** Throws `UsageError` where a file cannot be written. */
export async function writeOutputs<Format>(
  outputs: readonly OutputFile<Format>[],
  render: (format: Format) => string,
): Promise<void> {
  for (const { format, path } of outputs) {
    const text = render(format);
    try {
      await replaceOutput(path, text);
    } catch (error) {
      const why = codeOf(error) === 'ENOENT' ? `there is no ${dirname(path)}` : messageOf(error);
      throw new UsageError(`--output: ${printable(path)} cannot be written: ${printable(why)}`);
    }
  }
}
