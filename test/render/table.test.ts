import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { type Row, renderTable, widthOf } from '../../src/render/table.ts';
import { law } from '../support/law.ts';

const colours = picocolors.createColors(true);

function render(rows: readonly Row[], width: number | null = null): string {
  return renderTable(rows, width).join('\n');
}

describe('a table', () => {
  test('lines its columns up and ends no line with blanks', () => {
    const rows = [
      ['FILE', 'WIDGET', 'REASON'],
      ['ava.yaml', '3c90c3cc', 'edited'],
      ['clients/acme/ben.yaml', '7f1b2c3d', ''],
      ['', '', ''],
    ];
    expect(render(rows)).toMatchInlineSnapshot(`
      "FILE                   WIDGET    REASON
      ava.yaml               3c90c3cc  edited
      clients/acme/ben.yaml  7f1b2c3d
      "
    `);
  });

  test('gives colours no room', () => {
    const plain = [
      ['FILE', 'WIDGET', 'REASON'],
      ['ava.yaml', '3c90c3cc', 'edited'],
    ];
    const painted = plain.map((row) => row.map((text) => ({ text, paint: colours.red })));
    expect(render(painted)).toContain(colours.red('FILE'));
    expect(stripVTControlCharacters(render(painted, 24))).toBe(render(plain, 24));
  });

  test('closes the colour of a text that it shortens', () => {
    const rows = [['ava.yaml', { text: 'a long reason', paint: colours.red }]];
    expect(render(rows, 20)).toBe(`ava.yaml  ${colours.red('a long re…')}`);
  });

  test('counts ideographs and emoji as two columns, accents as none', () => {
    expect(
      render([
        ['日本.yaml', '|'],
        ['👩‍👩‍👧.yaml', '|'],
        ['ae\u0301.yaml', '|'],
        ['ascii.yaml', '|'],
      ]),
    ).toMatchInlineSnapshot(`
      "日本.yaml   |
      👩‍👩‍👧.yaml     |
      aé.yaml     |
      ascii.yaml  |"
    `);
  });

  test('shortens between characters as they are seen', () => {
    expect(render([['a', '日本日本日本']], 12)).toBe('a  日本日本…');
    expect(render([['a', `${'e\u0301'.repeat(9)}e\u0301`]], 12)).toBe(`a  ${'e\u0301'.repeat(8)}…`);
  });

  test('shows what a terminal would obey', () => {
    expect(render([['\u001b[2Jgone.yaml', 'two\nlines\tand \u202ereversed']])).toBe(
      '\\u001b[2Jgone.yaml  two\\u000alines\\u0009and \\u202ereversed',
    );
  });

  describe('with far longer names', () => {
    const short = Array.from({ length: 18 }, (_, n) => [`${n + 10}.yaml`, '|']);
    const long = (length: number) => ['x'.repeat(length), '|'];
    const startsOf = (rows: readonly Row[]) => {
      const lines = renderTable(rows, null).map((line) => line.indexOf('|'));
      return { short: lines[0], long: lines.slice(18) };
    };

    test('lets few of them stand out alone', () => {
      expect(startsOf([...short, long(60), long(50)])).toEqual({ short: 9, long: [62, 52] });
    });

    test('lines all up where they are more than one in ten', () => {
      const longs = [long(60), long(50), long(120)];
      expect(startsOf([...short, ...longs])).toEqual({ short: 122, long: [122, 122, 122] });
      expect(startsOf([...longs])).toMatchObject({ short: 122 });
    });

    test('lets nothing beyond 120 columns move the others', () => {
      const longs = [long(60), long(121), long(4000)];
      expect(startsOf([...short, ...longs])).toEqual({ short: 62, long: [62, 123, 4002] });
    });
  });

  test('keeps a few characters of the last column even where there is no room', () => {
    expect(render([['a-rather-long-name.yaml', 'a reason']], 12)).toBe(
      'a-rather-long-name.yaml  a reason',
    );
    expect(render([['a-rather-long-name.yaml', 'another reason']], 12)).toBe(
      'a-rather-long-name.yaml  another…',
    );
  });

  test('of no rows is nothing', () => {
    expect(renderTable([], 80)).toEqual([]);
  });

  const cell = fc.string({ maxLength: 20 });
  law.prop([fc.array(fc.tuple(cell, cell, fc.string({ maxLength: 200 }))), fc.nat({ max: 120 })])(
    'fits whatever width leaves its last column eight characters',
    (rows, extra) => {
      const width = 20 + 2 + 20 + 2 + 8 + extra;
      for (const line of renderTable(rows, width)) expect(line.length).toBeLessThanOrEqual(width);
    },
  );

  law.prop([fc.array(fc.tuple(cell, cell, fc.string({ minLength: 1 })))])(
    'begins every column at the same place and shortens nothing in a pipe',
    (rows) => {
      const lines = renderTable(rows, null);
      const widest = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
      const starts = [0, widest(0) + 2, widest(0) + 2 + widest(1) + 2] as const;
      for (const [index, row] of rows.entries()) {
        for (const column of [0, 1, 2] as const) {
          expect(lines[index]?.startsWith(row[column], starts[column])).toBe(true);
        }
        expect(lines[index]).toHaveLength(starts[2] + row[2].length);
      }
    },
  );
});

test.each([
  [{ isTerminal: true, columns: 120 }, 120],
  [{ isTerminal: true, columns: 0 }, null],
  [{ isTerminal: false, columns: 80 }, null],
])('the width of %o is %s', (output, width) => {
  expect(widthOf(output)).toBe(width);
});
