import { describe, expect, test } from 'vitest';
import { progressText, startProgress, waitText } from '../../../src/cli/apply/progress.ts';
import type { ProcessContext } from '../../../src/cli/process-context.ts';
import type { Wait } from '../../../src/sync/rate/wait.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const clear = '\r\u001b[2K';

/** A terminal that shows one line, and everything that was written to it. */
function terminal({ isTerminal = true, columns = 80, env = {} as NodeJS.ProcessEnv } = {}) {
  const clock = new FakeClock();
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal, columns };
  const world: ProcessContext = {
    env,
    stdout: output,
    stderr: output,
    logStreamTo: () => output,
    stop: new AbortController().signal,
    onSignal: () => () => {},
    clock,
    random: () => 0.5,
  };
  const line = () => written.join('').split(clear).at(-1);
  return { clock, written, world, line };
}

describe('the text', () => {
  test.each([
    [{ applied: 0, failed: 0 }, 10, 3000, 'applying 10: none yet'],
    [{ applied: 1, failed: 0 }, 10, 1000, 'applying 10: 1 applied, about 9 s left'],
    [{ applied: 4, failed: 1 }, 10, 2000, 'applying 10: 4 applied, 1 failed, about 2 s left'],
    [{ applied: 0, failed: 2 }, 4, 500, 'applying 4: 0 applied, 2 failed, about 1 s left'],
    [{ applied: 10, failed: 0 }, 10, 2000, 'applying 10: 10 applied, about 0 s left'],
  ])('of %j among %i after %i ms is %j', (counts, total, elapsedMs, text) => {
    expect(progressText(counts, total, elapsedMs)).toBe(text);
  });
});

describe('of a wait', () => {
  test.each<[Wait | null, string]>([
    [null, ''],
    [{ reason: 'pace', forMs: 333 }, ''],
    [
      { reason: 'retry-after', forMs: 11_400 },
      '; nothing is sent for 12 s: the API asks for it (Retry-After)',
    ],
    [{ reason: 'rate', forMs: 60_000 }, '; nothing is sent for 1 min: --rate is used up'],
  ])('%j is %j', (wait, text) => {
    expect(waitText(wait)).toBe(text);
  });
});

describe('at a terminal', () => {
  test('a wait stands on the line while it lasts', async () => {
    const { clock, world, line } = terminal({ columns: 200 });
    const waits: Wait[] = [{ reason: 'retry-after', forMs: 9000 }];
    const progress = startProgress(3, () => waits.pop() ?? null, world);
    await clock.advance(1000);
    expect(line()).toBe(
      'applying 3: none yet; nothing is sent for 9 s: the API asks for it (Retry-After)',
    );
    await clock.advance(200);
    expect(line()).toBe('applying 3: none yet');
    progress.stop();
  });

  test('nothing is shown of what is over within a second', async () => {
    const { clock, written, world } = terminal();
    const progress = startProgress(3, () => null, world);
    await clock.advance(999);
    for (let n = 0; n < 3; n += 1) progress.ended('applied');
    progress.stop();
    await clock.advance(10_000);
    expect(written).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });

  test('one line is redrawn as changes end, and gone at the end', async () => {
    const { clock, world, line } = terminal();
    const progress = startProgress(4, () => null, world);
    await clock.advance(1000);
    expect(line()).toBe('applying 4: none yet');
    progress.ended('applied');
    progress.ended('failed');
    await clock.advance(200);
    expect(line()).toBe('applying 4: 1 applied, 1 failed, about 2 s left');
    progress.stop();
    expect(line()).toBe('');
    await clock.advance(10_000);
    expect(line()).toBe('');
    expect(clock.sleeping).toBe(0);
  });

  test('what is printed meanwhile stands on a line of its own', async () => {
    const { clock, written, world, line } = terminal();
    const progress = startProgress(4, () => null, world);
    await clock.advance(1000);
    progress.around(() => world.stderr.write('ava.yaml failed\n'));
    expect(line()).toBe('ava.yaml failed\n');
    progress.around(() => world.stderr.write('ben.yaml failed\n'));
    await clock.advance(200);
    expect(written.slice(1)).toEqual([
      clear,
      'ava.yaml failed\n',
      'ben.yaml failed\n',
      `${clear}applying 4: none yet`,
    ]);
  });

  test('the line is cut where the terminal ends: a wrapped one could not be erased', async () => {
    const { clock, world, line } = terminal({ columns: 12 });
    startProgress(4, () => null, world);
    await clock.advance(1000);
    expect(line()).toBe('applying 4:');
  });
});

describe('nothing but what is printed is written', () => {
  test.each([
    ['to a pipe', { isTerminal: false }, 4],
    ['in CI', { env: { CI: 'true' } }, 4],
    ['where there is nothing to do', {}, 0],
    ['at a terminal that cannot redraw a line', { env: { TERM: 'dumb' } }, 4],
  ])('%s', async (_, options, total) => {
    const { clock, written, world } = terminal(options);
    const progress = startProgress(total, () => null, world);
    await clock.advance(10_000);
    progress.ended('applied');
    progress.around(() => world.stderr.write('ava.yaml applied\n'));
    await clock.advance(10_000);
    progress.stop();
    expect(written).toEqual(['ava.yaml applied\n']);
  });
});
