// Files as people write them: any quotes, blocks, brackets, comments and line ends.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Document, isScalar, type Scalar, visit } from 'yaml';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { parse } from '../../../src/documents/parse/parse.ts';

export const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a';

/** What a file declares, whether it may or not; null where its form is wrong. */
export function read(text: string): JsonObject | null {
  const { value, findings } = parse(new TextEncoder().encode(text));
  return findings.length === 0 ? value : null;
}

const styles: readonly Scalar.Type[] = [
  'PLAIN',
  'QUOTE_SINGLE',
  'QUOTE_DOUBLE',
  'BLOCK_LITERAL',
  'BLOCK_FOLDED',
];

export interface Style {
  /** What is drawn on for every choice. */
  readonly dice: readonly number[];
  readonly indent: number;
  readonly lineEnd: '\n' | '\r\n';
  readonly lastLineEnd: boolean;
}

export const style: fc.Arbitrary<Style> = fc.record({
  dice: fc.array(fc.nat(59), { minLength: 7, maxLength: 40 }),
  indent: fc.constantFrom(2, 2, 4, 1, 7),
  lineEnd: fc.constantFrom('\n', '\n', '\r\n'),
  lastLineEnd: fc.boolean(),
});

/** The fields as somebody might have written them, with comments; null where that reads differently. */
export function writeInStyle(fields: JsonObject, { dice, indent, lineEnd, lastLineEnd }: Style) {
  let throws = 0;
  const roll = (sides: number) => (dice[throws++ % dice.length] ?? 0) % sides;
  const document = new Document({ widget_id: widgetId, ...fields });
  visit(document, {
    Scalar(key, node) {
      if (key === 'key') return;
      if (typeof node.value === 'string') node.type = styles[roll(styles.length)] ?? 'PLAIN';
      if (roll(4) === 0) node.comment = ' beside';
    },
    Collection(key, node) {
      if (key !== null && roll(3) === 0) node.flow = true;
    },
    Pair(_, { key }) {
      if (isScalar(key) && roll(4) === 0) key.commentBefore = ' above';
      if (isScalar(key) && roll(5) === 0) key.spaceBefore = true;
    },
  });
  const text = document
    .toString({
      indent,
      indentSeq: roll(2) === 0,
      lineWidth: 60,
      flowCollectionPadding: roll(2) === 0,
    })
    .replaceAll('\n', lineEnd);
  const written = lastLineEnd ? text : text.replace(/(\r?\n)$/, '');
  return isDeepStrictEqual(read(written), { widget_id: widgetId, ...fields }) ? written : null;
}
