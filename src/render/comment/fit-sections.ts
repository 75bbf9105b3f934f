// Sections of a comment that is never too long: whole items only, and the number of those that are left out.
// Each section has an equal share of the room; what a short one leaves is for the longer ones, so that a
// thousand changes never push the one held file out.
import { count } from '../../base/text.ts';

export interface Section {
  readonly title: string;
  readonly items: readonly Item[];
  /** Of what its items are: `widget`, `problem`. */
  readonly noun: string;
}

/** Written when it is its turn: of thousands of items most never are. */
export interface Item {
  readonly whole: () => string;
  /** One line in its place where it alone is too large. */
  readonly brief: (characters: number) => string;
}

/** Larger than this, one item would leave no room for others. */
export const largestItem = 20_000;

/** At most `room` UTF-16 units, however many items there are. */
export function fitSections(sections: readonly Section[], room: number): string {
  const filled = sections
    .filter(({ items }) => items.length > 0)
    .map((section) => write(section, room));
  const shares = new Map<Written, number>();
  let left = room;
  const bySize = [...filled].sort((a, b) => a.need - b.need);
  for (const [index, section] of bySize.entries()) {
    const share = Math.min(section.need, Math.floor(left / (filled.length - index)));
    shares.set(section, share);
    left -= share;
  }
  return filled.map((section) => fill(section, shares.get(section) ?? 0)).join('');
}

interface Written extends Section {
  readonly head: string;
  /** The first of its items, at least as many as there is room for. */
  readonly texts: readonly string[];
  /** How long all of it is; more than the room where that is not known. */
  readonly need: number;
}

function write(section: Section, room: number): Written {
  const head = `\n#### ${section.title}\n\n`;
  const texts: string[] = [];
  let need = head.length;
  for (const { whole, brief } of section.items) {
    if (need > room) break;
    const text = whole();
    const shown = text.length > largestItem ? brief(text.length) : text;
    texts.push(shown);
    need += shown.length;
  }
  return { ...section, head, texts, need };
}

function fill({ head, items, noun, texts, need }: Written, share: number): string {
  if (need <= share) return head + texts.join('');
  const shown: string[] = [];
  let used = head.length + moreLine(items.length, noun).length;
  for (const text of texts) {
    if (used + text.length > share) break;
    shown.push(text);
    used += text.length;
  }
  return `${head}${shown.join('')}${moreLine(items.length - shown.length, noun)}`;
}

function moreLine(more: number, noun: string): string {
  return `\n… and ${count(more, `more ${noun}`)}\n`;
}
