// The form in which `plan` is printed: the flags that say so, and those that do not go together.
import { UsageError } from '../base/errors.ts';
import { oneOf } from '../config/option-values.ts';
import { readFlag } from './read-flag.ts';

const formats = ['text', 'json', 'markdown'] as const;

export interface PlanFormat {
  readonly format: (typeof formats)[number];
  /** The address below which the pictures lie, without a slash at the end; null for none. */
  readonly pictures: string | null;
}

export interface FormatFlags {
  readonly format?: string;
  readonly json?: true;
  readonly pictures?: string;
}

export function readPlanFormat({ format: named, json, pictures: url }: FormatFlags): PlanFormat {
  const asked =
    named === undefined ? null : readFlag('--format', named, oneOf<PlanFormat['format']>(formats));
  if (json === true && asked !== null && asked !== 'json') {
    throw new UsageError(
      `--json is short for --format json, and --format is ${asked}: leave one of the two out`,
    );
  }
  const format = asked ?? (json === true ? 'json' : 'text');
  if (url === undefined) return { format, pictures: null };
  if (format !== 'markdown') {
    throw new UsageError('--pictures is for a comment: it needs --format markdown');
  }
  return { format, pictures: readFlag('--pictures', url, readBaseUrl) };
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
