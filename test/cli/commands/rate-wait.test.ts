import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { renderEarlier } from '../../../src/cli/commands/rate-wait.ts';
import { parseRate, type Rate } from '../../../src/config/rate.ts';
import type { Change, Plan } from '../../../src/model/plan.ts';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

/** Milliseconds of a process whose clock reads this now. */
const nowMs = 1_000_000;

function planOf(put: number): Pick<Plan, 'requests' | 'changes'> {
  const change = { base: null } as Partial<Change> as Change;
  return { requests: { list: 0, get: 0, put }, changes: Array<Change>(put).fill(change) };
}

function said(rateText: string, endedBeforeMs: readonly number[], put: number): string | null {
  const rate = parseRate(rateText) as Rate;
  return renderEarlier(planOf(put), rate, {
    earlierMs: endedBeforeMs.map((beforeMs) => nowMs - beforeMs),
    nowMs,
  });
}

const minute = 60_000;

test.each<[string, number[], number, string]>([
  ['3/h', [20 * minute, 5 * minute], 2, '2 of 3/h: it may take up to 55 min'],
  ['3/m', [20_500, 5500], 2, '2 of 3/m: it may take up to 55 s'],
  // What has left the window is not counted.
  ['3/h', [90 * minute, 5 * minute], 3, '1 of 3/h: it may take up to 55 min'],
  // It waits for itself as well, which the cost says.
  ['3/h', [5 * minute], 6, '1 of 3/h: it may take up to 55 min'],
])(
  'at %s, after requests %j ms ago, a plan of %i writes takes longer',
  (rate, ended, put, words) => {
    expect(said(rate, ended, put)).toBe(`Earlier runs have used up ${words} longer`);
  },
);

test.each<[string, string, number[], number]>([
  ['nothing was spent', '3/h', [], 9],
  ['there is room beside it', '3/h', [5 * minute], 2],
  ['all of it has left the window', '3/h', [60 * minute, 61 * minute], 3],
  ['nobody would notice', '3/s', [10, 10, 10], 3],
  ['it leaves in a moment', '3/m', [57_000, 56_000], 3],
  ['nothing is to be sent', '3/h', [minute, minute, minute], 0],
])('nothing is said where %s', (_, rate, ended, put) => {
  expect(said(rate, ended, put)).toBeNull();
});

test('plan and apply tell it below the cost, beside a state in which the rate is used up', async () => {
  const ids = [widgetId(1), widgetId(2)];
  const sandbox = await startSandbox({
    widgets: ids.map((id) => ({ widgetId: id, fields: { widget_type: 'chat' } })),
  });
  onTestFinished(() => sandbox.close());
  const root = temporaryDirectory();
  const declare = (name: string) => {
    for (const id of ids) {
      const text = `widget_id: ${id}\nwidget_type: chat\ndisplay_name: ${name}\n`;
      writeFile(root, `widgets/${id}.yaml`, text);
    }
  };
  const call = async (command: 'plan' | 'apply', ...flags: string[]) => {
    const place = [join(root, 'widgets'), '--state', join(root, 'state')];
    const args = [command, ...place, '--api-url', sandbox.url, '--rate', '6/h', ...flags];
    return (await runHere(args, { INSIGHTO_API_KEY: 'in-sandbox' })).stdout;
  };
  declare('first');
  for (const command of ['plan', 'apply'] as const) {
    expect(await call(command)).not.toContain('Earlier runs');
  }
  declare('second');
  // Refused, so that nobody waits for an hour.
  for (const command of ['plan', 'apply'] as const) {
    expect(await call(command, '--max-changes', '1')).toMatch(
      /^Cost: .*\nEarlier runs have used up 4 of 6\/h: it may take up to (?:1 h|59 min \d+ s) longer$/m,
    );
  }
});
