// What a plan says of fragments, in words: the same ones in a terminal, in a comment and on a page. Nothing from
// a file is made harmless here: whoever shows the words does that for where they go.
import { posix } from 'node:path';
import { count, pathIn } from '../../base/text.ts';
import type { Origin } from '../../model/document.ts';
import { fieldName } from '../../model/field-name.ts';
import type { Plan } from '../../model/plan.ts';
import { type FragmentReach, reachOf } from '../../plan/trace/fragment-reach.ts';
import { type Releasing, releasesOf } from '../../plan/trace/releases.ts';
import type { SharedFields } from '../../plan/trace/shared-fields.ts';

/** A file as the user would name it: below the widget directory, or above it. */
export function fileIn(directory: string, file: string): string {
  return file.startsWith('../') ? posix.join(directory, file) : pathIn(directory, file);
}

/** `widgets/_brand.yaml:4`. */
export function originText({ file, range }: Origin, directory: string): string {
  return `${fileIn(directory, file)}:${range.start.line}`;
}

export interface FragmentLine {
  /** With the directory, as the user named it. */
  readonly path: string;
  /** `reaches 40 widgets: 38 change, 2 say otherwise themselves`. */
  readonly words: string;
}

/** Of the fragments that a traced plan changes something for, in the order of their files. */
export function fragmentLines(plan: Plan, directory: string): FragmentLine[] {
  return reachOf(plan)
    .filter(({ changes }) => changes > 0)
    .map((reach) => ({ path: fileIn(directory, reach.file), words: reachWords(reach) }));
}

function reachWords({ widgets, changes, otherwise, held }: FragmentReach): string {
  const rest = widgets - changes - otherwise - held;
  const parts = [
    `${changes} ${changes === 1 ? 'changes' : 'change'}`,
    otherwise > 0 ? saysOtherwise(otherwise) : null,
    held > 0 ? `${held} ${held === 1 ? 'is' : 'are'} held` : null,
    rest > 0 ? `${rest} ${rest === 1 ? 'stays as it is' : 'stay as they are'}` : null,
  ].filter((part) => part !== null);
  return `reaches ${count(widgets, 'widget')}: ${parts.join(', ')}`;
}

function saysOtherwise(amount: number): string {
  return amount === 1 ? '1 says otherwise itself' : `${amount} say otherwise themselves`;
}

/**
 * `released by 38 widgets: header_color is set back to empty (all that _brand.yaml reaches)`, a line for each field
 * that several release. What a fragment said before is not known, so none is blamed.
 */
export function releaseLines(plan: Plan, directory: string): string[] {
  return releasesOf(plan).map(({ path, files, fragments }) => {
    const words = `released by ${count(files.length, 'widget')}: ${fieldName(path)} is set back to empty`;
    return fragments.length === 0 ? words : `${words} (${reachedBy(fragments, directory)})`;
  });
}

function reachedBy(fragments: readonly Releasing[], directory: string): string {
  const files = fragments.map(({ file }) => fileIn(directory, file)).join(' and ');
  const others = fragments.every(({ isAll }) => isAll)
    ? ''
    : ', but for those that say it themselves or are held';
  return `all that ${files} ${fragments.length === 1 ? 'reaches' : 'reach'}${others}`;
}

/** Above the fields of a group, by which the changes refer to it. */
export function groupTitle({ changes }: SharedFields, at: number): string {
  return `(${at + 1}) ${count(changes.length, 'change')} share:`;
}

/** Beside a change, for the fields that are shown in these groups; '' where there are none. */
export function groupNote(groups: readonly number[]): string {
  return groups.length === 0 ? '' : `, see ${groups.map((at) => `(${at + 1})`).join(' and ')}`;
}
