import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/base/json/json.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { printable } from '../../../src/base/text.ts';
import { renderValues } from '../../../src/render/diff/value-text.ts';
import { few } from '../../support/soak.ts';

const plain = picocolors.createColors(false);

function lines(from: Json, to: Json): string {
  return renderValues({ from, to }, plain).join('\n');
}

const filler = 'See you soon, and tell your friends about us. '.repeat(8);

describe('a long text', () => {
  test('shows a second difference in it, far behind the first', () => {
    const from = `We open at nine. ${filler}Call 555 0100 any time. ${filler}Goodbye.`;
    const to = from.replace('nine', 'ten').replace('0100', '0199');
    expect(lines(from, to)).toMatchInlineSnapshot(`
      "
      - We open at nine. See you soon, and tell
      + We open at ten. See you soon, and tell
      … 328 equal characters …
      - friends about us. Call 555 0100 any time. See you soon, and
      + friends about us. Call 555 0199 any time. See you soon, and
      … 359 equal characters …"
    `);
  });

  test('in colour points at the words', () => {
    const from = `${filler}Call 555 0100 any time.`;
    const colours = picocolors.createColors(true);
    const text = renderValues({ from, to: from.replace('0100', '0199') }, colours).join('\n');
    expect(text.replaceAll('\u001b', '␛')).toMatchInlineSnapshot(`
      "
      ␛[2m… 350 equal characters …␛[22m
      ␛[31m- friends about us. Call 555 ␛[7m0100␛[27m any time.␛[39m
      ␛[32m+ friends about us. Call 555 ␛[7m0199␛[27m any time.␛[39m"
    `);
  });

  test.each([
    ['Chinese', '欢迎光临我们的商店。我们每天早上九点开门，晚上六点关门。', '九', '十'],
    ['Thai', 'ยินดีต้อนรับสู่ร้านของเราเปิดทุกวันเวลาเก้าโมงเช้าจนถึงหกโมงเย็น', 'เก้า', 'สิบ'],
    ['Arabic', 'مرحبا بكم في متجرنا. نفتح في الساعة التاسعة صباحا كل يوم. ', 'التاسعة', 'العاشرة'],
    [
      'emoji',
      'Come in 👋🏽 and bring the family 👨‍👩‍👧 today, we have 🍕 and more. ',
      '👨‍👩‍👧',
      '👨‍👩‍👦',
    ],
  ])('in %s is compared word by word', (_, sentence, word, other) => {
    const from = sentence.repeat(9);
    // The fifth of nine.
    const at = from.indexOf(word, sentence.length * 4);
    const to = from.slice(0, at) + other + from.slice(at + word.length);
    const colours = picocolors.createColors(true);
    const text = renderValues({ from, to }, colours).join('\n');
    expect(text).toContain(`\u001b[7m${word}\u001b[27m`);
    expect(text).toContain(`\u001b[7m${other}\u001b[27m`);
    expect(text.match(/equal characters/g)).toHaveLength(2);
    expect(text.length).toBeLessThan(from.length);
  });

  test('that was empty, or is to be, is shown whole', () => {
    expect(lines('', filler)).toBe(`\n- ""\n+ ${filler}`);
    expect(lines(filler, '')).toBe(`\n- ${filler}\n+ ""`);
    expect(lines(null, filler)).toBe(`\n- null\n+ "${filler}"`);
  });

  test('of nothing in common is shown whole, twice', () => {
    const other = 'Nothing at all of this was ever there before. '.repeat(3);
    const shown = lines(filler, other);
    expect(shown).toContain(filler.trimEnd());
    expect(shown).toContain(other.trimEnd());
  });

  test('holds no part of a key that is hidden on its way out', () => {
    const key = 'in-0123456789abcdefghijklmnop';
    const forget = registerSecret(key);
    try {
      const from = `${filler}${key} is mine. ${filler}`;
      const to = `${filler}in-0123456789abcdefghijklmnoq is mine. ${filler}`;
      const shown = lines(from, to);
      expect(shown).toContain('[api key] is mine');
      expect(shown).not.toContain('mnop');
    } finally {
      forget();
    }
  });
});

describe('a text of several lines', () => {
  const rules = Array.from({ length: 30 }, (_, n) => `Rule ${n + 1}: be kind to people.`);
  const text = `${rules.join('\n')}\n`;

  test('shows each line that differs between its neighbours', () => {
    const to = text
      .replace('Rule 3: be', 'Rule 3: stay')
      .replace('Rule 20: be kind', 'Rule 20: be very kind');
    expect(lines(text, to)).toMatchInlineSnapshot(`
      "
        Rule 1: be kind to people.
        Rule 2: be kind to people.
      - Rule 3: be kind to people.
      + Rule 3: stay kind to people.
        Rule 4: be kind to people.
      … 14 equal lines …
        Rule 19: be kind to people.
      - Rule 20: be kind to people.
      + Rule 20: be very kind to people.
        Rule 21: be kind to people.
      … 9 equal lines …"
    `);
  });

  test('with long lines shows the words in them, also where lines came and went', () => {
    const from = `Intro\n${filler}Nine o'clock.\nlast`;
    const to = `Intro\nA new line.\n${filler}Ten o'clock.\nlast`;
    expect(lines(from, to)).toMatchInlineSnapshot(`
      "
        Intro
      + A new line.
      … 340 equal characters …
      - tell your friends about us. Nine o'clock.
      + tell your friends about us. Ten o'clock.
        last"
    `);
  });

  test('says where only the newline at the end came or went', () => {
    expect(lines(text, text.trimEnd())).toMatch(/ {2}Rule 30: .*\n- \(newline at the end\)$/);
    expect(lines(text.trimEnd(), text)).toMatch(/ {2}Rule 30: .*\n\+ \(newline at the end\)$/);
  });
});

test.each([
  ['a no-break space', 'hello\u00a0you', 'hello you', '"hello\\u00a0you" → "hello you"'],
  ['a zero-width space', 'a\u200bb', 'ab', '"a\\u200bb" → "ab"'],
  ['another spelling of a letter', 'caf\u00e9', 'cafe\u0301', '"caf\u00e9" → "cafe\\u0301"'],
  ['a space at the end', 'hello', 'hello ', '"hello" → "hello "'],
  ['a newline at the end', 'Ava', 'Ava\n', '"Ava" → "Ava\\n"'],
  ['a picture', '\u2764', '\u2764\ufe0f', '"\u2764" → "\u2764\\ufe0f"'],
  ['another kind', '1', 1, '"1" → 1'],
])('texts that look alike are told apart: by %s', (_, from, to, shown) => {
  expect(lines(from, to)).toBe(shown);
});

test('a long text that differs only in white space at its end shows it', () => {
  expect(lines(filler.trim(), filler)).toMatch(/\n- ".*about us\."\n\+ ".*about us\. "$/);
});

describe('a list', () => {
  test('tells of each entry that was removed, added, moved or changed', () => {
    const from = ['Where is my order?', 'Talk to a human', 'Opening hours', 'Returns', 'Track it'];
    const to = ['Where is my parcel?', 'Opening hours', 'Returns', 'Talk to a human', 'Gift cards'];
    expect(lines(from, to)).toMatchInlineSnapshot(`
      "
      ~ [0]      "Where is my order?" → "Where is my parcel?"
      … 2 equal entries …
      ↕ [1 → 3]  "Talk to a human"  (moved)
      ~ [4]      "Track it" → "Gift cards""
    `);
    expect(lines(from, from.slice(0, -1))).toContain('\n- [4]  "Track it"');
    expect(lines(from, ['New here', ...from])).toBe('\n+ [0]  "New here"\n… 5 equal entries …');
  });

  test('of objects tells of their members', () => {
    const shop = { label: 'Shop now', url: 'https://example.test/shop', colour: '#ffffff' };
    const blog = { label: 'Blog', url: 'https://example.test/blog' };
    const from = [shop, { label: 'Call us', url: 'tel:1' }, blog];
    const to = [{ ...shop, label: 'Shop today', target: '_blank' }, blog];
    expect(lines(from, to)).toMatchInlineSnapshot(`
      "
      ~ [0]
          ~ label   "Shop now" → "Shop today"
          + target  "_blank"
          … 2 equal members …
      - [1]  {"label":"Call us","url":"tel:1"}
      … 1 equal entry …"
    `);
  });

  test('within a list, and long texts in it, are compared too', () => {
    const from = [{ steps: [filler, 'b', 'c'] }, { steps: ['d'] }];
    const to = [{ steps: [filler.replace('See', 'Meet'), 'b'] }, { steps: ['d'] }];
    expect(lines(from, to)).toMatchInlineSnapshot(`
      "
      ~ [0]
          ~ steps
              ~ [0]
                  - See you soon, and tell your
                  + Meet you soon, and tell your
                  … 341 equal characters …
              … 1 equal entry …
              - [2]  "c"
      … 1 equal entry …"
    `);
  });

  test('with more differences than are searched for still tells moves and changes by place', () => {
    const from = Array.from({ length: 800 }, (_, n) => `entry ${n}`);
    const to = from.map((entry, n) => (n === 400 ? entry : `${entry} now`));
    const shown = renderValues({ from, to }, plain);
    expect(shown[1]).toBe('~ [0]    "entry 0" → "entry 0 now"');
    expect(shown[401]).toBe('… 1 equal entry …');
    expect(shown).toHaveLength(801);
    const text = renderValues({ from: from.join('\n'), to: to.join('\n') }, plain);
    expect(text).toContain('  entry 400');
    expect(text).not.toContain('- entry 400');
  });

  test('that is short stands on one line', () => {
    expect(lines(['a', 'b'], ['b', 'a'])).toBe('["a","b"] → ["b","a"]');
  });
});

test('an object that appears or goes is shown whole, member by member where it is long', () => {
  const value = { lang: 'en', prompt: filler, list: [1, 2, 3] };
  expect(lines(value, null)).toBe(
    `\n- {\n-   "lang": "en",\n-   "prompt": "${filler}",\n-   "list": [1,2,3]\n- }\n+ null`,
  );
  expect(renderValues({ to: value }, plain).join('\n')).toContain(`"prompt": "${filler}"`);
});

describe('nothing that differs is ever left out', () => {
  const word = fc.constantFrom(
    'a',
    'bc',
    'the',
    '店',
    '電話',
    '👨‍👩‍👧',
    ' ',
    '  ',
    '. ',
    '\u00e9',
    '-',
    '0199',
  );
  const phrase = fc.array(word, { maxLength: 120 }).map((parts) => `^${parts.join('')}$`);
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(20), phrase), { maxLength: 4 });

  test('of two lines of text', () => {
    fc.assert(
      fc.property(phrase, edits, (from, changes) => {
        const signs = [...from];
        for (const [at, length, added] of changes) {
          signs.splice(at % (signs.length + 1), length, ...[...added].slice(0, 40));
        }
        const to = signs.join('');
        fc.pre(from !== to && from !== '' && to !== '');
        const [first, ...rest] = renderValues({ from, to }, plain);
        if (first !== '') return;
        expect(from).toMatch(patternOf(rest, '- '));
        expect(to).toMatch(patternOf(rest, '+ '));
      }),
    );
  });

  test('of two lists', () => {
    const list = fc.array(fc.constantFrom('x', 'y', 'z', 'a text that is long'), { maxLength: 30 });
    fc.assert(
      fc.property(list, list, (from, to) => {
        const [first, ...rest] = renderValues({ from, to }, plain);
        if (first !== '') return;
        const seen = { from: new Set<number>(), to: new Set<number>() };
        let equal = 0;
        for (const line of rest) {
          equal += Number(/^… (\d+) equal/.exec(line)?.[1] ?? 0);
          const [, mark, one, other = one] = /^([-+~↕]) \[(\d+)(?: → (\d+))?\]/.exec(line) ?? [];
          if (mark !== undefined && mark !== '+') seen.from.add(Number(one));
          if (mark !== undefined && mark !== '-') seen.to.add(Number(other));
        }
        expect(seen.from.size + equal).toBe(from.length);
        expect(seen.to.size + equal).toBe(to.length);
      }),
    );
  });
});

/** The lines of one side, with anything in place of what was left out, as long as it is said to be. */
function patternOf(shown: readonly string[], mark: '- ' | '+ '): RegExp {
  const parts = shown.flatMap((line) => {
    const hidden = /^… (\d+) equal characters …$/.exec(line);
    if (hidden !== null) return [`[^]{${hidden[1]}}`];
    if (!line.startsWith(mark)) return [];
    const text = line.slice(mark.length);
    const isQuoted = text.startsWith('"') && text.endsWith('"') && text.length > 1;
    return [
      escaped(isQuoted ? (JSON.parse(text) as string) : text.replace(/\\u[\da-f]{4}/g, unescaped)),
    ];
  });
  return new RegExp(`^${parts.join('')}$`, 'u');
}

function unescaped(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

test('what would speak to the terminal or turn the text around is written as an escape', () => {
  const values: Json[] = [
    `a\u001b[2J\u202e${filler}`,
    `b\u009b\n${filler}\u2066`,
    ['\u0007', filler],
  ];
  for (const from of values) {
    for (const to of values) {
      if (from === to) continue;
      for (const line of renderValues({ from, to }, plain)) expect(printable(line)).toBe(line);
    }
  }
});

describe('of a hostile size', () => {
  const size = few(250_000, { soak: 1_000_000 });
  const wordsFrom = (seed: number, gap: string) => {
    let state = seed;
    let text = '';
    while (text.length < size) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      text += (state >> 8).toString(36).slice(0, 4) + (state % 9 === 0 ? gap : ' ');
    }
    return text;
  };

  test.each<[string, string, string]>([
    ['words', wordsFrom(1, ' '), wordsFrom(2, ' ')],
    ['lines', wordsFrom(1, '\n'), wordsFrom(2, '\n')],
    ['one letter', 'a'.repeat(size), 'b'.repeat(size)],
    ['marks', `e${'\u0301'.repeat(size)}`, `a${'\u0301'.repeat(size)}`],
    ['newlines', '\n'.repeat(size / 5), '\na'.repeat(size / 10)],
  ])('two texts of %s that differ as a whole are both shown whole, and soon', (_, from, to) => {
    const before = process.cpuUsage();
    const [, ...shown] = renderValues({ from, to }, plain);
    const { user } = process.cpuUsage(before);
    const one = shown.filter((line) => /^(- |-$| |$)/.test(line)).map((line) => line.slice(2));
    const other = shown.filter((line) => /^(\+ |\+$| |$)/.test(line)).map((line) => line.slice(2));
    // A newline at the end of the one alone is a line of its own.
    const whole = (lines: string[]) => lines.join('\n').replace('(newline at the end)', '');
    if (!shown.some((line) => line.startsWith('…'))) {
      expect(whole(one).length).toBe(from.length);
      expect(whole(other).length).toBe(to.length);
    }
    // A second for each million on a machine at rest; what is to be seen is a search without end.
    expect(user / 1e6).toBeLessThan(few(5, { soak: 15 }));
  });

  test('a list of very many entries is told of, and soon', () => {
    const length = few(15_000, { soak: 50_000 });
    const from = Array.from({ length }, (_, n) => `one ${n}`);
    const to = Array.from({ length }, (_, n) => `two ${n}`);
    expect(renderValues({ from, to }, plain)).toHaveLength(length + 1);
  });
});
