// Colours beside their spelling: on terminals that show them, in line, and only where a colour is meant.
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { shownColours } from '../../../src/cli/process-context.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { renderPlan } from '../../../src/render/plan-text.ts';
import { changed, documentOf, recordOf, viewsOf } from '../../plan/fixtures.ts';

const before = {
  bubble_text: 'red',
  header_color: '#14532d',
  bot_icon_color: 'rebeccapurple',
  style_params: { theme: { color: '#ffffff80' } },
};
const after = {
  bubble_text: 'tan',
  header_color: '#1f2937',
  bot_icon_color: null,
  style_params: { theme: { color: 'no colour' } },
};
const plan = makePlan(
  viewsOf({ desired: [documentOf(1, after)], records: [recordOf(documentOf(1, before))] }),
  changed,
);
const rate = { limit: 5, windowMs: 1000 };

function fields(swatches: boolean): string[] {
  const text = renderPlan(plan, { colour: true, swatches, directory: 'widgets', rate });
  return text.split('\n').slice(1, 5);
}

const control = '\u001b';

describe('a plan', () => {
  test('shows each colour in two cells, and keeps values in line', () => {
    expect(fields(true).map((line) => stripVTControlCharacters(line))).toEqual([
      '    ~ bot_icon_color               "rebeccapurple" →    null',
      '    ~ bubble_text               "red" → "tan"',
      '    ~ header_color                 "#14532d" →    "#1f2937"',
      '    ~ style_params.theme.color     "#ffffff80" →    "no colour"',
    ]);
    const cells = fields(true).map((line) => {
      const shown = line.replaceAll(control, '␛').matchAll(/␛\[48;2;([\d;]+)m {2}␛\[49m/g);
      return [...shown].map(([, rgb]) => rgb);
    });
    // What is half seen lies on white.
    expect(cells).toEqual([['102;51;153'], [], ['20;83;45', '31;41;55'], ['255;255;255']]);
  });

  test('on a terminal of few colours has none', () => {
    expect(fields(false).join('\n')).not.toContain('[48;2');
    expect(fields(false).map((line) => stripVTControlCharacters(line))).toContain(
      '    ~ header_color              "#14532d" → "#1f2937"',
    );
  });
});

describe('a terminal', () => {
  const terminal = { write: () => {}, isTerminal: true, columns: 80 };
  test.each<[NodeJS.ProcessEnv, boolean]>([
    [{ COLORTERM: 'truecolor' }, true],
    [{ COLORTERM: '24bit' }, true],
    [{ WT_SESSION: 'x' }, true],
    [{ TERM: 'xterm-direct' }, true],
    [{ FORCE_COLOR: '3' }, true],
    [{}, false],
    [{ TERM: 'xterm-256color' }, false],
    [{ FORCE_COLOR: '1' }, false],
    [{ COLORTERM: 'truecolor', NO_COLOR: '1' }, false],
    [{ COLORTERM: 'truecolor', CI: 'true' }, false],
    [{ COLORTERM: 'truecolor', TERM: 'dumb' }, false],
  ])('with %j shows them: %s', (env, swatches) => {
    expect(shownColours(terminal, env).swatches).toBe(swatches);
  });
});
