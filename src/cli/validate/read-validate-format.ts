// The forms in which `validate` tells what it has found.
import { type Formats, type FormatWords, readFormats } from '../formats/read-format.ts';

/** `json` is the project's own; the others belong to those who read them. */
const formats = ['json', 'github', 'gitlab', 'sarif', 'junit'] as const;

export type FileFormat = (typeof formats)[number];

export type ValidateFormat = Formats<FileFormat>;

export function readValidateFormat(words: FormatWords): ValidateFormat {
  return readFormats<FileFormat>(words, formats);
}
