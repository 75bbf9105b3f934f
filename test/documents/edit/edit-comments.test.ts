// Comments are written for one entry of a list or mapping: they go where it goes, and go when it goes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import { editWidgetFile } from '../../../src/documents/edit/edit-widget.ts';
import { parse } from '../../../src/documents/parse/parse.ts';
import { law } from '../../support/law.ts';

const id = 'widget_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\nwidget_type: chat\n';

function edit(text: string, wanted: JsonObject): string {
  const edited = editWidgetFile(id + text, wanted);
  return 'text' in edited ? edited.text.slice(id.length) : `problem: ${edited.problem}`;
}

describe('comments travel with their entry', () => {
  const list = (...lines: string[]) => ['user_opening_messages:', ...lines, 'name: Ava', ''];
  const said = (...texts: string[]): JsonObject => ({ user_opening_messages: texts });
  const buttons = (...lines: string[]) => ['action_buttons:', ...lines];

  test.each<[string, string[], JsonObject, string[]]>([
    [
      'to the front',
      list('# sales', '- Prices # 12', '# support', '- Help # 13', '# legal', '- Privacy # 14'),
      said('Privacy', 'Prices', 'Help'),
      list('# legal', '- Privacy # 14', '# sales', '- Prices # 12', '# support', '- Help # 13'),
    ],
    [
      'to the end of a file without a last line end',
      ['user_opening_messages:', '  # a', '  - A', '  # b', '  # bb', '  - B # 2', '  - C'],
      said('C', 'B', 'A'),
      ['user_opening_messages:', '  - C', '  # b', '  # bb', '  - B # 2', '  # a', '  - A'],
    ],
    [
      'away with it, and what is above it stays',
      list('  # all of them', '', '  # a', '  - A # 1', '    # deeper', '  # b', '  - B'),
      said('B'),
      list('  # all of them', '', '  # b', '  - B'),
    ],
    [
      'away with the last of them, but not what is said of all',
      list('  # all of them', '', '  # a', '  - A # 1', '    # deeper'),
      said(),
      ['user_opening_messages: []', '  # all of them', 'name: Ava', ''],
    ],
    [
      'within the parts of a list that they head',
      list('  # Sales', '', '  - A', '  - B # 2', '', '  # Legal', '', '  # c', '  - C'),
      said('C', 'A', 'B'),
      list('  # Sales', '', '  # c', '  - C', '  - A', '  - B # 2', '', '  # Legal', ''),
    ],
    [
      'and let new ones come before the first and after the last',
      list('# a', '- A', '  # deeper', '# b', '- B # 2', '# the end'),
      said('new', 'A', 'next', 'B', 'last'),
      list('- new', '# a', '- A', '  # deeper', '- next', '# b', '- B # 2', '- last', '# the end'),
    ],
    [
      'with what is quoted, anchored, or on several lines',
      list('# a', '- "A"', '# b', '- |- # lit', '  one', '  two', '# c', "- &c 'C' # see"),
      said('C', 'one\ntwo', 'A'),
      list('# c', "- &c 'C' # see", '# b', '- |- # lit', '  one', '  two', '# a', '- "A"'),
    ],
    [
      'also where it is deeper than the block text that it comes below',
      list('    # deep', '  - A', '  - |-', '   one'),
      said('one', 'A'),
      list('  - |-', '   one', '  # deep', '  - A'),
    ],
    [
      'that moves and changes, as its label tells',
      buttons(
        '# a',
        '- label: A # 1',
        '  url: u',
        '  # a end',
        '# b',
        '- label: B',
        '  url: v # 2',
      ),
      {
        action_buttons: [
          { label: 'B', url: 'w' },
          { label: 'A', url: 'u' },
        ],
      },
      buttons(
        '# b',
        '- label: B',
        '  url: w # 2',
        '# a',
        '- label: A # 1',
        '  url: u',
        '  # a end',
      ),
    ],
    [
      'in a list within a list',
      buttons('- menu:', '  # a', '  - A # 1', '  # b', '  - B', '- end'),
      { action_buttons: [{ menu: ['B', 'A'] }, 'end'] },
      buttons('- menu:', '  # b', '  - B', '  # a', '  - A # 1', '- end'),
    ],
    [
      'to the line of a dash',
      buttons('- - A # 1', '  # b', '  - B # 2'),
      { action_buttons: [['B', 'A']] },
      buttons('-', '  # b', '  - B # 2', '  - A # 1'),
    ],
    [
      'within brackets on several lines',
      [
        'user_opening_messages: [ # all',
        '  # a',
        '  A, # 1',
        '  # b',
        '  B, # 2',
        '  C # 3',
        '] # end',
      ],
      said('C', 'B', 'A', 'new'),
      [
        'user_opening_messages: [ # all',
        '  C, # 3',
        '  # b',
        '  B, # 2',
        '  # a',
        '  A, # 1',
        '  new,',
        '] # end',
      ],
    ],
    [
      'from and to the lines of the brackets',
      ['user_opening_messages: [A, # 1', '  # b', '  B, # 2', '  C] # end', ''],
      said('B', 'C', 'A'),
      ['user_opening_messages: [', '  # b', '  B, # 2', '  C,', '  A # 1', '  ] # end', ''],
    ],
    [
      'away with it, within brackets',
      ['attributes: {', '  # a', '  a: 1, # 1', '  # b', '  b: 2, # 2', '  c: 3', '}'],
      { attributes: { a: 1, c: 3 } },
      ['attributes: {', '  # a', '  a: 1, # 1', '  c: 3', '}'],
    ],
    [
      'away with a member of a mapping',
      ['attributes:', '  # a', '  a: 1', '  # b', '  # bb', '  b: {c: 2} # 2', '  # d', '  d: 4'],
      { attributes: { a: 1, d: 4 } },
      ['attributes:', '  # a', '  a: 1', '  # d', '  d: 4'],
    ],
    [
      'whose alias stays behind what it stands for',
      buttons('# a', '- &a {n: 1} # 1', '# b', '- also: *a # 2', '# c', '- C'),
      { action_buttons: [{ also: { n: 1 } }, 'C', { n: 1 }] },
      buttons('# b', '- also: # 2', '    n: 1', '# c', '- C', '# a', '- &a {n: 1} # 1'),
    ],
  ])('%s', (_, before, wanted, after) => {
    expect(edit(before.join('\n'), wanted)).toBe(after.join('\n'));
    expect(edit(before.join('\r\n'), wanted)).toBe(after.join('\r\n'));
  });
});

const words = ['one', 'two', 'three', 'four', 'five', 'six'];

interface Form {
  readonly head: string;
  readonly foot: string;
  readonly value: (word: string, isOn: boolean) => Json;
  /** The lines of an entry, `,?` being what stands for its comma. */
  readonly entry: (word: string, isOn: boolean) => readonly string[];
}

const scalar = (word: string) => word;
const forms: Readonly<Record<string, Form>> = {
  lines: { head: '', foot: '', value: scalar, entry: (word) => [`  - ${word} # beside ${word}`] },
  blocks: {
    head: '',
    foot: '',
    value: (word) => `${word}\nmore`,
    entry: (word) => [`  - |- # beside ${word}`, `      ${word}`, '      more'],
  },
  mappings: {
    head: '',
    foot: '',
    value: (label, on) => ({ label, on: on ? true : `${label}!` }),
    entry: (word, on) => [
      `  - label: ${word}`,
      `    on: ${on ? true : `${word}!`} # beside ${word}`,
    ],
  },
  brackets: {
    head: ' [',
    foot: ']\n',
    value: scalar,
    entry: (word) => [`  ${word},? # beside ${word}`],
  },
};

const remarks = fc.record({
  /** How many lines above the entry. */
  above: fc.nat(2),
  /** Whether one is below it, deeper than it is. */
  isDeeper: fc.boolean(),
});

law.prop(
  [
    fc.constantFrom(...Object.keys(forms)),
    fc.shuffledSubarray(words, { minLength: 1 }),
    fc.array(fc.tuple(fc.nat(6), fc.constantFrom('new', 'other', 'third')), { maxLength: 2 }),
    fc.record({
      lineEnd: fc.constantFrom('\n', '\r\n'),
      isLast: fc.boolean(),
      changed: fc.subarray(words),
      about: fc.array(remarks, { minLength: words.length, maxLength: words.length }),
    }),
  ],
  { numRuns: 400 },
)(
  'in whatever order the entries come, each has its own comments and no other has them',
  (formName, kept, added, { lineEnd, isLast, changed, about }) => {
    const form = forms[formName] as Form;
    const isOn = (word: string) => !changed.includes(word);
    const block = (word: string, on: boolean): string[] => {
      const { above, isDeeper } = about[words.indexOf(word)] ?? { above: 0, isDeeper: false };
      const deeper = isDeeper && formName !== 'brackets' ? [`    # deeper ${word}`] : [];
      const lead = ['  # above', '  # again'].slice(0, above).map((text) => `${text} ${word}`);
      return [...lead, ...form.entry(word, on), ...deeper];
    };
    const written = words.map((word) => block(word, true).join('\n').replace(',?', ','));
    const list = ['  # all of them', '', ...written].join('\n');
    const rest = isLast ? '' : 'name: Ava\n';
    const text = `${id}action_buttons:${form.head}\n${list}\n${form.foot}${rest}`;
    const source = (isLast ? text.trimEnd() : text).replaceAll('\n', lineEnd);

    const wanted = kept.map((word) => form.value(word, isOn(word)));
    for (const [at, word] of added) wanted.splice(at, 0, form.value(word, false));
    const edited = editWidgetFile(source, { action_buttons: wanted });
    if ('problem' in edited) throw new Error(edited.problem);
    const { value } = parse(new TextEncoder().encode(edited.text));
    expect(value?.['action_buttons']).toEqual(wanted);

    const after = edited.text.replaceAll('\r\n', '\n');
    expect(after).toContain(`action_buttons:${form.head}\n  # all of them\n\n`);
    for (const word of kept) {
      const own = block(word, isOn(word)).map((line) => line.replace(/[|!]/g, '\\$&'));
      expect(after).toMatch(new RegExp(`^${own.join('\n')}$`, 'm'));
    }
    const comments = after.match(/# .*/g) ?? [];
    expect(new Set(comments).size).toBe(comments.length);
    // What is new may take the place of what went, as one that changed would.
    const own = comments.filter((comment) => kept.some((word) => comment.endsWith(` ${word}`)));
    if (added.length === 0) expect(comments).toEqual(['# all of them', ...own]);
    if (lineEnd === '\r\n') expect(edited.text).not.toMatch(/[^\r]\n/);
  },
);
