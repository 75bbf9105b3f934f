// The words that `history` takes: loaded with every command, and so without what shows the history.
import { readMoment, wholeNumber } from '../../config/option-values.ts';
import { startOfIdFrom } from '../id-start.ts';
import { readFlag } from '../read-flag.ts';

/** As commander gives them. */
export interface HistoryWords {
  readonly limit: string;
  readonly widget?: string;
  readonly since?: string;
  readonly until?: string;
  readonly commit?: string;
  readonly field?: string;
  readonly full?: true;
  readonly json?: true;
}

/** Throws `UsageError` for the first word that cannot be used. */
export function readHistoryWords(words: HistoryWords, now: Date) {
  const { limit, widget, since, until, commit, field = null, full, json } = words;
  const moment = readMoment(now.getTime());
  return {
    limit: readFlag('--limit', limit, wholeNumber(1, 1_000_000)),
    widget: widget === undefined ? null : readFlag('--widget', widget, widgetWordFrom),
    filter: {
      sinceMs: since === undefined ? null : readFlag('--since', since, moment),
      untilMs: until === undefined ? null : readFlag('--until', until, moment),
      commit: commit === undefined ? null : readFlag('--commit', commit, commitStartFrom),
      field,
    },
    isFull: full === true,
    json: json === true,
  };
}

/** A widget as a person names it. */
export type WidgetWord =
  /** The id or its beginning, in lower case. */
  | { readonly start: string }
  /** The file as it is recorded, or as the person sees it from where the command runs. */
  | { readonly file: string };

/** Throws what was expected. */
function widgetWordFrom(text: string): WidgetWord {
  return /\.ya?ml$/i.test(text)
    ? { file: text.replace(/^\.\//, '') }
    : { start: startOfIdFrom(text) };
}

/** The beginning of a commit's hash, in lower case. Throws what was expected. */
function commitStartFrom(text: string): string {
  const [, digits] = /^([0-9a-f]{4,64})(?:\+edited)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new Error("a commit's hash, or at least its first 4 digits");
  return digits.toLowerCase();
}
