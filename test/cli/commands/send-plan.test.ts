import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/base/log.ts';
import { carryOut } from '../../../src/cli/commands/send-plan.ts';
import type { Surroundings } from '../../../src/cli/process-context.ts';
import type { WritingParts } from '../../../src/cli/wiring/wire.ts';
import type { Attempt, Outcome } from '../../../src/model/outcome.ts';
import { stateOptions } from '../../state/fixtures/state-options.ts';
import { applied, named, planOf } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryState } from '../../support/memory-state.ts';
import { ManualLimiter } from '../../support/queue-world.ts';

/** Carries out changes of w1.yaml and so on, in which `send` does what the test says. */
async function carry(
  count: number,
  send: (file: string) => Attempt,
  onOutcome: (outcome: Outcome) => void,
) {
  const state = await memoryState().open(stateOptions('memory'));
  onTestFinished(() => state.close());
  const changes = Array.from({ length: count }, (_, n) => named(n + 1, 'Ava'));
  const silent = { write: () => {}, isTerminal: false, columns: 80 };
  const log = createLog({ write: () => {} }, { level: 'info', format: 'json', colour: false });
  const parts: Partial<WritingParts> = {
    state,
    // As much of the limiter as the queue of changes needs.
    limiter: new ManualLimiter(1, new FakeClock()) as unknown as WritingParts['limiter'],
    send: async ({ change }) => send(change.file),
  };
  const stop = new AbortController().signal;
  const world = { clock: new FakeClock(), random: () => 0.5, env: {}, stderr: silent, stop };
  return carryOut(
    planOf({ changes }),
    { parts: parts as WritingParts, log, onOutcome },
    world as unknown as Surroundings,
  );
}

const bug = new RangeError('Maximum call stack size exceeded');

function broken(): never {
  throw bug;
}

test('a bug in the last send is the failure of its widget, and the others are sent', async () => {
  const outcomes: Outcome[] = [];
  const send = (file: string) => (file === 'w3.yaml' ? broken() : applied);
  await carry(3, send, (outcome) => outcomes.push(outcome));
  expect(outcomes.map(({ status, change }) => `${status} ${change.file}`)).toEqual([
    'applied w1.yaml',
    'applied w2.yaml',
    'failed w3.yaml',
  ]);
  expect(outcomes.at(-1)).toMatchObject({ error: { cause: bug } });
});

test('a bug in telling of the last one is thrown', async () => {
  await expect(carry(1, () => applied, broken)).rejects.toThrow(bug);
});
