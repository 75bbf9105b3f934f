// What the chaos has found, each as the shortest schedule that shows it, or in plain steps.
import { expect, test } from 'vitest';
import { widgetId } from '../support/sandbox.ts';
import { openWorkspace, said } from '../support/workspace.ts';
import { runSteps } from './rounds.ts';
import type { Step } from './schedule.ts';

const dayMs = 24 * 3_600_000;
const takeBack = [1, 2, 3, 4].map((widget): Step => ({ do: 'take back', widget }));
/** Each widget's next write is stored without a word, and the same widget's file taken back at once. */
const lostAndTakenBack: readonly Step[] = [
  {
    do: 'faults',
    seed: 1,
    rules: [1, 2, 3, 4].map((n) => ({ kind: 'lost-answer', widgetId: widgetId(n), times: 1 })),
  },
  { do: 'write', widgets: [1, 2, 3, 4], style: 'replaced' },
  { do: 'suffer', times: 4 },
  ...takeBack,
];

const schedules: [string, Step[]][] = [
  [
    'drift was not corrected once the clock had been set back, until it had caught up',
    [
      { do: 'clock', shiftMs: -dayMs },
      { do: 'wait', ms: 200 },
      { do: 'drift', widget: 1 },
      { do: 'signal', name: 'SIGHUP' },
      { do: 'wait', ms: 500 },
    ],
  ],
  [
    'edits that were taken back while reads lagged were adopted as if they had never been sent',
    [
      { do: 'write', widgets: [1, 2, 3, 4], style: 'in place' },
      { do: 'wait', ms: 700 },
      { do: 'faults', seed: 1, rules: [{ kind: 'stale' }] },
      ...takeBack,
      { do: 'wait', ms: 1500 },
      { do: 'calm' },
      { do: 'wait', ms: 500 },
    ],
  ],
  [
    'what was stored without a word, and taken back, is set back by the process that sent it',
    [...lostAndTakenBack],
  ],
  [
    'what was stored without a word, and taken back, is set back after a kill',
    [...lostAndTakenBack, { do: 'kill', moment: { afterMs: 0 }, restartAfterMs: 0 }],
  ],
];

test.concurrent.each(schedules)('%s', { timeout: 200_000 }, async (_, steps) => {
  expect(await runSteps(steps)).toEqual([]);
});

test.each(['off', 'auto'])(
  'a field that the write in flight had added stayed for ever where the next edit no longer had it (--live %s)',
  async (live) => {
    let isSlow = false;
    const space = await openWorkspace({
      widgets: 1,
      onWrite: () => (isSlow ? { kind: 'delay', delayMs: 1500 } : undefined),
    });
    const daemon = space.runHere('--live', live, '--log-level', 'debug');
    await daemon.waitForLog(said('applied'));
    isSlow = true;
    space.write(0, 'second', 'bubble_text: added\n');
    await expect.poll(() => space.writes().length, { timeout: 20_000 }).toBe(2);
    space.write(0, 'third');
    await space.arrival(0, 'third');
    await expect
      .poll(() => space.sandbox.widgets()[0], { timeout: 20_000 })
      .toMatchObject({ display_name: 'third', bubble_text: null });
  },
);
