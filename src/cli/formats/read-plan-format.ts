// The forms in which `plan` is printed, and the flags that do not go together.
import { UsageError } from '../../base/errors.ts';
import { readFlag } from '../read-flag.ts';
import { type Formats, type FormatWords, readFormats } from './read-format.ts';

export type PlanFileFormat = 'json' | 'markdown';

export interface PlanFormat extends Formats<PlanFileFormat> {
  /** The address below which the pictures lie, without a slash at the end; null for none. */
  readonly pictures: string | null;
}

export interface FormatFlags extends FormatWords {
  readonly pictures?: string;
}

export function readPlanFormat({ pictures: url, ...words }: FormatFlags): PlanFormat {
  const formats = readFormats<PlanFileFormat>(words, ['json', 'markdown']);
  if (url === undefined) return { ...formats, pictures: null };
  const named = [formats.format, ...formats.outputs.map(({ format }) => format)];
  if (!named.includes('markdown')) {
    throw new UsageError('--pictures is for a comment: it needs --format markdown');
  }
  return { ...formats, pictures: readFlag('--pictures', url, readBaseUrl) };
}

/** Refuses a password, since all who may see the pull request read the comment. */
function readBaseUrl(text: string): string {
  const wanted = 'an address such as https://host/preview/pictures, below which the pictures lie';
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(wanted);
  if (url.username !== '' || url.password !== '') throw new Error(`${wanted}, without a password`);
  if (url.search !== '' || url.hash !== '') throw new Error(`${wanted}, without ? and #`);
  return url.href.replace(/\/+$/, '');
}
