// What is wrong with the entries of `extends`, in words. Pure.
import { printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import type { Said } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';

/** What is wrong with an entry of `extends`, by its index. */
export interface EntryFinding extends Omit<Finding, 'range'> {
  readonly entry: number;
}

/** At most so many fragments reach one widget; more are not followed, however many there are. */
export const mostOfWidget = 16;

/** Of one file: more could only say again what a few of them reach. */
export const mostEntries = 100;

/** Puts what is wrong with entries where the file has them. */
export function placedAt(
  entries: readonly { readonly range: Finding['range'] }[],
  findings: readonly EntryFinding[],
): Finding[] {
  return findings.map(({ entry, ...said }) => ({
    ...said,
    range: entries[entry]?.range ?? startOfFile,
  }));
}

/** At the entry that leads beyond the limit. */
export function tooManyReached(entry: number): EntryFinding {
  return {
    ...{ severity: 'error', code: 'too-many-fragments', entry },
    summary: `more than ${mostOfWidget} fragments reach the widget`,
    detail: `At most ${mostOfWidget} may. Lay what always comes together into one.`,
  };
}

/** At the first entry that is not looked at. */
export function tooManyEntries(count: number): EntryFinding {
  return {
    ...{ severity: 'error', code: 'too-many-fragments', entry: mostEntries },
    summary: `extends has ${count} entries`,
    detail: `At most ${mostEntries} are looked at, and at most ${mostOfWidget} fragments may reach a widget. Lay what always comes together into one.`,
  };
}

export function idle(text: string): Said {
  return {
    summary: `${printable(text)} is extended already`,
    detail:
      'A fragment lies where it is first reached, by an entry above this one. Remove this entry, or move it up.',
  };
}
