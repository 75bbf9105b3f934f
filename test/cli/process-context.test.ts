import { describe, expect, test } from 'vitest';
import {
  coloursFor,
  exitCode,
  isInteractive,
  stopRequested,
  wantsColour,
} from '../../src/cli/process-context.ts';
import { settle } from '../support/fake-clock.ts';

const outputOf = (isTerminal: boolean) => ({ write: () => {}, isTerminal, columns: 80 });
const terminal = outputOf(true);
const pipe = outputOf(false);

type Row = [string, typeof terminal, NodeJS.ProcessEnv, boolean];

describe('colours', () => {
  test.each<Row>([
    ['a terminal', terminal, { TERM: 'xterm-256color' }, true],
    ['a terminal of unknown kind', terminal, {}, true],
    ['a pipe', pipe, { TERM: 'xterm-256color' }, false],
    ['a terminal that is dumb', terminal, { TERM: 'dumb' }, false],
    ['a terminal in CI', terminal, { CI: 'true' }, false],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['a terminal with any NO_COLOR', terminal, { NO_COLOR: '0' }, false],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['a terminal with an empty CI', terminal, { CI: '' }, true],
    ['a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['CI with FORCE_COLOR', pipe, { FORCE_COLOR: '1', CI: 'true' }, true],
    ...['0', 'false', 'FALSE', 'no', 'off', 'never'].map(
      (no): Row => [`a terminal with FORCE_COLOR=${no}`, terminal, { FORCE_COLOR: no }, false],
    ),
    ...['1', '2', '3', 'true', 'always'].map(
      (yes): Row => [`a pipe with FORCE_COLOR=${yes}`, pipe, { FORCE_COLOR: yes }, true],
    ),
    ['a terminal with an empty FORCE_COLOR', terminal, { FORCE_COLOR: '' }, true],
    ['a pipe with an empty FORCE_COLOR', pipe, { FORCE_COLOR: '' }, false],
    ['a dumb terminal with FORCE_COLOR', terminal, { FORCE_COLOR: '1', TERM: 'dumb' }, true],
    ['NO_COLOR and FORCE_COLOR', terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('for %s', (_, output, env, expected) => {
    expect(wantsColour(output, env)).toBe(expected);
    const text = coloursFor(output, env).red('x');
    expect(text === 'x').toBe(!expected);
    expect(text).toContain('x');
  });
});

test.each<[string, typeof terminal, NodeJS.ProcessEnv, boolean]>([
  ['at a terminal', terminal, {}, true],
  ['behind a pipe', pipe, {}, false],
  ['in CI', terminal, { CI: '1' }, false],
  ['at a terminal without colours', terminal, { NO_COLOR: '1' }, true],
  ['behind a pipe with colours', pipe, { FORCE_COLOR: '1' }, false],
  ['at a terminal that cannot redraw a line', terminal, { TERM: 'dumb' }, false],
])('whether a person watches: %s', (_, output, env, expected) => {
  expect(isInteractive(output, env)).toBe(expected);
});

describe('being told to stop', () => {
  test('is waited for', async () => {
    const stop = new AbortController();
    let isTold = false;
    const told = stopRequested(stop.signal).then(() => {
      isTold = true;
    });
    await settle();
    expect(isTold).toBe(false);
    stop.abort();
    await told;
    expect(isTold).toBe(true);
  });

  test('before anyone waits is not missed', async () => {
    await expect(stopRequested(AbortSignal.abort())).resolves.toBeUndefined();
  });
});

test('exit codes are those of the manual', () => {
  expect(exitCode).toEqual({ ok: 0, failed: 1, changesPending: 2 });
});
