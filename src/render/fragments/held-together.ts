// The widgets that one mistake in a fragment holds, said once. Nothing is made harmless here: whoever shows the
// words does that for where they go.
import { count, listed, printable } from '../../base/text.ts';
import type { ReachedFragment } from '../../model/document.ts';
import { fileIn } from './fragment-words.ts';

interface Held {
  readonly file: string;
  readonly code: string | null;
}

/** Held for what many have from one place. */
const shared: ReadonlySet<string | null> = new Set(['broken-fragment', 'missing-fragment']);

/** Fewer are rows of their own: that takes no more room. */
const fewestTogether = 3;

/** So many files are named. */
const mostNamed = 3;

/** In their order, those that one mistake holds at the first of them; `why` tells mistakes apart. */
export function heldTogether<One extends Held>(
  held: readonly One[],
  why: (one: One) => string,
): readonly (readonly [One, ...One[]])[] {
  const groups = new Map<string, [One, ...One[]]>();
  for (const one of held) {
    const key = shared.has(one.code) ? why(one) : null;
    const group = key === null ? undefined : groups.get(key);
    if (group === undefined) groups.set(key ?? `file ${one.file}`, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group) =>
    group.length < fewestTogether ? group.map((one): [One] => [one]) : [group],
  );
}

/** With the fragment that it is held for as the user names it, rather than from the widget directory. */
export function namedFrom<One extends { readonly code: string; readonly message: string }>(
  directory: string,
  held: One,
  fragments: readonly Pick<ReachedFragment, 'file'>[],
): One {
  if (held.code !== 'broken-fragment') return held;
  const { message } = held;
  const found = fragments.find(({ file }) => message.startsWith(`${printable(file)}, line `));
  if (found === undefined) return held;
  const rest = message.slice(printable(found.file).length);
  return { ...held, message: fileIn(directory, found.file) + rest };
}

/** `13 widgets`. */
export function manyHeld(group: readonly unknown[]): string {
  return count(group.length, 'widget');
}

/** `w/ava.yaml, w/ben.yaml, w/cleo.yaml, 10 more`. */
export function filesHeld(
  group: readonly Pick<Held, 'file'>[],
  pathOf: (file: string) => string,
): string {
  return listed(
    group.map(({ file }) => pathOf(file)),
    mostNamed,
  );
}
