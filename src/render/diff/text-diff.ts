// Two texts as lines that tell every difference between them, each with what stands around it. What is
// left out is equal, and counted. Without colours nothing is lost: they only point.
import { hideRegistered } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import { diffSequence, type Stretch } from './diff-sequence.ts';
import { pairSimilar, type Step } from './pair-similar.ts';
import { equalText, leftOut } from './rows.ts';
import { tokensOf } from './text-tokens.ts';
import type { Paints } from './value-swatch.ts';
import { addedLine, isLongLine, removedLine, renderWords, renderWordsShort } from './word-diff.ts';

/**
 * A key is hidden before anything is cut or coloured: a part of it would no longer be known for one
 * on its way out.
 */
export function compareTexts(before: string, after: string, colours: Paints): string[] {
  const [from, to] = [hideRegistered(before), hideRegistered(after)];
  if (from === to) return [colours.dim('… differs in a hidden API key only …')];
  if (from === '') return [removedLine('""', colours), ...wholeText(to, addedLine, colours)];
  if (to === '') return [...wholeText(from, removedLine, colours), addedLine('""', colours)];
  const lines = withoutCommonEnd(from.split('\n'), to.split('\n'));
  const stretches = diffSequence(lines.from, lines.to);
  return stretches.flatMap((stretch, index) => {
    const [removed, added] = [sideOf(lines.from, stretch.from), sideOf(lines.to, stretch.to)];
    if (stretch.kind === 'changed') return changedLines(removed, added, colours);
    const sides = { hasBefore: index > 0, hasAfter: index + 1 < stretches.length };
    return equalLines(removed.lines, sides, colours);
  });
}

/** A newline at the end of both is no line of either. */
function withoutCommonEnd(from: string[], to: string[]) {
  const isCommon = [from, to].every((lines) => lines.length > 1 && lines.at(-1) === '');
  return isCommon ? { from: from.slice(0, -1), to: to.slice(0, -1) } : { from, to };
}

interface Side {
  readonly lines: readonly string[];
  /** Whether the text ends with them. */
  readonly isEnd: boolean;
}

function sideOf(lines: readonly string[], { start, end }: Stretch['from']): Side {
  return { lines: lines.slice(start, end), isEnd: end === lines.length };
}

/** One line of what stands before and after a difference is enough to find it. */
function equalLines(
  lines: readonly string[],
  { hasBefore, hasAfter }: { readonly hasBefore: boolean; readonly hasAfter: boolean },
  colours: Paints,
): string[] {
  const shown = (some: readonly string[]) => some.map((line) => contextLine(line, colours));
  const hidden = lines.length - (hasBefore ? 1 : 0) - (hasAfter ? 1 : 0);
  if (hidden < 2 || colours.isFull) return shown(lines);
  return [
    ...(hasBefore ? shown(lines.slice(0, 1)) : []),
    leftOut(hidden, 'line', colours),
    ...(hasAfter ? shown(lines.slice(-1)) : []),
  ];
}

function contextLine(line: string, colours: Paints): string {
  return line === '' ? '' : `  ${equalText(line, colours)}`;
}

/** Short lines stand together, those of before above those of after; long ones each beside its successor. */
function changedLines(removed: Side, added: Side, colours: Paints): string[] {
  const blocks: Block[] = [{ minus: [], plus: [] }];
  for (const step of stepsOf(removed.lines, added.lines)) {
    const from = lineAt(removed, step.from);
    const to = lineAt(added, step.to);
    const block = blocks.at(-1);
    if (from !== null && from.text === to?.text) {
      blocks.push({ minus: [], plus: [contextLine(from.text, colours)] }, { minus: [], plus: [] });
    } else if (from !== null && to !== null && (isLongLine(from.text) || isLongLine(to.text))) {
      const plus = renderWords(from.text, to.text, colours);
      blocks.push({ minus: [], plus }, { minus: [], plus: [] });
    } else if (from !== null && to !== null) {
      const [before, after] = renderWordsShort(from.text, to.text, colours);
      block?.minus.push(before);
      block?.plus.push(after);
    } else if (from !== null) block?.minus.push(removedLine(wholeLine(from), colours));
    else if (to !== null) block?.plus.push(addedLine(wholeLine(to), colours));
  }
  return blocks.flatMap(({ minus, plus }) => [...minus, ...plus]);
}

interface Block {
  readonly minus: string[];
  readonly plus: string[];
}

interface Line {
  readonly text: string;
  readonly isLast: boolean;
}

function lineAt({ lines, isEnd }: Side, index: number | null): Line | null {
  const text = index === null ? undefined : lines[index];
  return text === undefined ? null : { text, isLast: isEnd && index === lines.length - 1 };
}

function wholeText(text: string, line: typeof addedLine, colours: Paints): string[] {
  const lines = text.split('\n');
  const shown = lines.map((one, index) =>
    wholeLine({ text: one, isLast: index > 0 && index === lines.length - 1 }),
  );
  return shown.map((one) => line(one, colours));
}

/** The empty line behind the last newline is no line that anybody sees. */
function wholeLine({ text, isLast }: Line): string {
  return isLast && text === '' ? '(newline at the end)' : printable(text);
}

const leastShared = 0.3;

function stepsOf(removed: readonly string[], added: readonly string[]): Step[] {
  // One for one: they are two states of one line, however different.
  const areOne = removed.length === 1 && added.length === 1;
  if (areOne && removed[0] !== '' && added[0] !== '') return [{ from: 0, to: 0 }];
  const words = (line: string) => tokensOf(line).filter((token) => token.trim() !== '');
  return pairSimilar(removed.map(words), added.map(words), leastShared);
}
