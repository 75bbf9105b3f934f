import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/model/document.ts';
import {
  renderCounts,
  renderProblemLines,
  renderProblems,
  toDiagnostics,
} from '../../src/render/problem-text.ts';

const problem: Problem = {
  severity: 'error',
  code: 'wrong-type',
  file: 'ava.yaml',
  range: { start: { line: 12, column: 7 }, end: { line: 12, column: 10 } },
  summary: 'name must be a text or null, not a number',
  detail: 'Quote it: "007".',
};
const warning: Problem = { ...problem, severity: 'warning' };

const terminals = {
  plain: { color: false, swatches: false },
  few: { color: true, swatches: false },
  all: { color: true, swatches: true },
};

function render(
  one: Problem,
  line: string | null,
  terminal: keyof typeof terminals = 'plain',
): string {
  return renderProblems([one], {
    dir: './widgets/',
    ...terminals[terminal],
    sourceLine: () => line,
  });
}

/** The excerpt's line and the carets under it. */
function excerpt(one: Problem, line: string): string[] {
  return render(one, line)
    .split('\n')
    .slice(3, 5)
    .map((text) => text.replace(/^[ \d]*\| /, ''));
}

describe('problems on a terminal', () => {
  test('show the place, the line, a pointer and what to do', () => {
    expect(render(problem, 'name: 007')).toBe(
      [
        'error: name must be a text or null, not a number [wrong-type]',
        '  --> widgets/ava.yaml:12:7',
        '   |',
        '12 | name: 007',
        '   |       ^^^',
        '   = Quote it: "007".',
        '',
      ].join('\n'),
    );
  });

  test('have colour only where it is asked for', () => {
    expect(render(problem, 'name: 007', 'few')).toContain('\u001b[31m');
    expect(render(warning, 'name: 007', 'few')).toContain('\u001b[33m');
    expect(render(problem, 'name: 007')).not.toContain('\u001b');
  });

  test('show each colour by a swatch before it, only on a terminal that has all colours', () => {
    const low = {
      ...warning,
      summary: 'x #16a34a on #FFFFFF',
      detail: 'x: "#00893a" would do. #1',
    };
    const text = render(low, 'x: y', 'all');
    const swatch = (red: number, green: number, blue: number) =>
      `\u001b[48;2;${red};${green};${blue}m  \u001b[49m`;
    expect(text).toContain(`x ${swatch(22, 163, 74)} #16a34a on ${swatch(255, 255, 255)} #FFFFFF`);
    expect(text).toContain(`x: ${swatch(0, 137, 58)} "#00893a" would do. #1`);
    for (const plain of [render(low, 'x: y'), renderProblemLines([low], 'w')]) {
      expect(plain).not.toContain('\u001b');
    }
    expect(render(low, 'x: y', 'few')).not.toContain('[48;2');
  });

  test('go without an excerpt where the line cannot be had', () => {
    expect(render(problem, null).split('\n')).toHaveLength(4);
  });

  test('point under what takes two columns, and past it', () => {
    expect(excerpt(problem, '日本a名c 007')).toEqual(['日本a名c 007', '         ^^^']);
    const wide = {
      ...problem,
      range: { start: { line: 1, column: 7 }, end: { line: 1, column: 9 } },
    };
    expect(excerpt(wide, 'name: 名前')).toEqual(['name: 名前', '      ^^^^']);
  });

  test('point under the right characters after tabs and escapes, and to the end of a block', () => {
    expect(excerpt(problem, '\tab\u001bc 007')).toEqual([' ab\\u001bc 007', '           ^^^']);
    const block = {
      ...problem,
      range: { start: { line: 12, column: 3 }, end: { line: 14, column: 1 } },
    };
    expect(excerpt(block, 'a:b')).toEqual(['a:b', '  ^']);
  });

  test('show the part of a long line that is meant', () => {
    const far = {
      ...problem,
      range: { start: { line: 12, column: 501 }, end: { line: 12, column: 504 } },
    };
    const [line = '', carets = ''] = excerpt(far, `${'x'.repeat(500)}bad${'y'.repeat(500)}`);
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line.slice(carets.indexOf('^'), carets.length)).toBe('bad');
  });

  test('never send what a file holds to the terminal as it is', () => {
    const hostile = {
      ...problem,
      file: 'a\u001b[2J.yaml',
      summary: '\u202eevil',
      detail: '\u0007',
    };
    const text = render(hostile, '\u001b]0;title\u0007') + renderProblemLines([hostile], 'w');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

test('problems in a pipe take one line each, as compilers write them', () => {
  expect(renderProblemLines([problem, warning], 'widgets').split('\n')).toEqual([
    'widgets/ava.yaml:12:7: error: name must be a text or null, not a number [wrong-type] Quote it: "007".',
    'widgets/ava.yaml:12:7: warning: name must be a text or null, not a number [wrong-type] Quote it: "007".',
    '',
  ]);
});

test('the problem of the directory itself names the directory', () => {
  expect(renderProblemLines([{ ...problem, file: '.' }], 'widgets')).toMatch(/^widgets: error: /);
});

test.each([
  [[], ''],
  [[problem], '1 error'],
  [[problem, problem, warning], '2 errors, 1 warning'],
  [[warning], '1 warning'],
  [[warning, { ...problem, severity: 'note' } as const], '1 warning, 1 note'],
])('%# problems are counted by severity', (problems, words) => {
  expect(renderCounts(problems)).toBe(words);
});

test('diagnostics have exactly the members that validate --json promises', () => {
  expect(toDiagnostics([problem])).toEqual([problem]);
  expect(Object.keys(toDiagnostics([problem])[0] ?? {})).toEqual([
    'severity',
    'code',
    'summary',
    'detail',
    'file',
    'range',
  ]);
});

describe('a finding of a fragment', () => {
  const files = Array.from({ length: 20 }, (_, n) => `prod/w${n}.yaml`);
  const brand: Problem = { ...problem, file: '../_brand.yaml', affects: { count: 40, files } };

  test('is said once, with the widgets that it holds', () => {
    expect(renderProblemLines([brand], 'clients/oak/widgets')).toBe(
      'clients/oak/_brand.yaml:12:7: error: name must be a text or null, not a number [wrong-type] ' +
        'Quote it: "007". (holds 40 widgets: clients/oak/widgets/prod/w0.yaml, clients/oak/widgets/prod/w1.yaml and 38 more)\n',
    );
    expect(render(brand, 'name: 007').split('\n').slice(1, 7)).toEqual([
      '  --> _brand.yaml:12:7',
      '   |',
      '12 | name: 007',
      '   |       ^^^',
      '   = Quote it: "007".',
      '   = holds 40 widgets: widgets/prod/w0.yaml, widgets/prod/w1.yaml and 38 more',
    ]);
    expect(toDiagnostics([brand])).toEqual([brand]);
  });

  test('that the API refused holds no widget', () => {
    expect(renderProblemLines([{ ...brand, code: 'refused-by-api' }], '.')).toContain(
      '(refused for 40 widgets: prod/w0.yaml, ',
    );
  });

  test.each([
    [1, 'concerns 1 widget: w/prod/w0.yaml'],
    [3, 'concerns 3 widgets: w/prod/w0.yaml, w/prod/w1.yaml, w/prod/w2.yaml'],
    [4, 'concerns 4 widgets: w/prod/w0.yaml, w/prod/w1.yaml and 2 more'],
  ])('of %i widgets names so many', (count, words) => {
    const affects = { count, files: files.slice(0, count) };
    expect(renderProblemLines([{ ...brand, severity: 'warning', affects }], 'w')).toContain(
      `(${words})`,
    );
  });
});
