// Short schedules in plain steps, each of which one way of breaking the daemon does not survive.
import type { FaultRule } from '../../src/sandbox/faults/fault-rules.ts';
import type { Step } from './schedule.ts';
import { longestStaleMs } from './stale-checks.ts';

const writes = (...widgets: number[]): Step => ({ do: 'write', widgets, style: 'replaced' });
const faults = (...rules: FaultRule[]): Step => ({ do: 'faults', seed: 1, rules });

/** The world is calm before the first step and is to be calm again after the last. The longest first. */
export const fixedSchedules: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  [
    'nothing is sent for a file that is gone or broken',
    [
      { do: 'remove', widget: 3 },
      { do: 'break', widget: 4, how: 'nonsense' },
      { do: 'break', widget: 5, how: 'suspended' },
      { do: 'break', widget: 6, how: 'twice' },
      { do: 'wait', ms: longestStaleMs },
      writes(0),
      { do: 'wait', ms: 1500 },
    ],
  ],
  [
    'one request at a time tries a service that is down',
    [faults({ kind: 'hang' }), writes(0, 1, 2, 3, 4, 5), { do: 'suffer', times: 12 }],
  ],
  [
    'a process that is killed leaves the next one what it has used of the budget',
    [
      { do: 'wait', ms: 1200 },
      writes(0, 1, 2, 3, 4, 5, 6, 7, 8),
      { do: 'kill', moment: { on: 'arrival', nth: 9, plusMs: 0 }, restartAfterMs: 0 },
      writes(0, 1, 2, 3, 4, 5, 6, 7, 8),
      { do: 'wait', ms: 1200 },
    ],
  ],
  [
    'what failed is sent again by the process that it failed for',
    [
      faults({ kind: 'status', status: 503, method: 'PUT' }),
      writes(0, 1),
      { do: 'suffer', times: 2 },
      faults({ kind: 'reset', method: 'PUT' }),
      writes(2, 3),
      { do: 'suffer', times: 2 },
    ],
  ],
  [
    'what failed while the files changed is sent again after a kill, too',
    [
      writes(0, 1, 2),
      { do: 'kill', moment: { on: 'arrival', nth: 1, plusMs: 0 }, restartAfterMs: 0 },
      faults({ kind: 'reset', method: 'PUT' }),
      writes(3, 4),
      { do: 'suffer', times: 2 },
    ],
  ],
  [
    'a key that is refused and replaced is told to nobody',
    [
      { do: 'rotate key', first: 'account', gapMs: 0 },
      writes(0),
      { do: 'wait', ms: 300 },
      faults({ kind: 'redirect', status: 307, to: 'http://127.0.0.1:9' }),
      writes(1),
      { do: 'suffer', times: 1 },
    ],
  ],
];
