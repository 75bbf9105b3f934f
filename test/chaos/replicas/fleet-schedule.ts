// What goes wrong in a round among replicas, step by step: drawn by dice, so that a seed repeats it.
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import type { Dice } from '../dice.ts';

export const accountNames = ['fernwood', 'harbor', 'juniper'] as const;
export type AccountName = (typeof accountNames)[number];

export const replicaNames = ['one', 'two', 'three'] as const;
export type ReplicaName = (typeof replicaNames)[number];

/** Of each account. */
export const widgetCount = 4;

export interface Place {
  readonly account: AccountName;
  readonly widget: number;
}

export const everyPlace: readonly Place[] = accountNames.flatMap((account) =>
  Array.from({ length: widgetCount }, (_, widget) => ({ account, widget })),
);

/**
 * `commit`: these widgets are edited in the repository. `pull`: a replica's checkout follows it. `stop`: a process
 * stands still, until `wake`. `sever`: a replica does not reach PostgreSQL, until `join`. `crash`: PostgreSQL is gone
 * for that long.
 */
export type FleetStep =
  | { readonly do: 'commit'; readonly places: readonly Place[] }
  | {
      readonly do: 'pull' | 'kill' | 'terminate' | 'start' | 'stop' | 'wake' | 'sever' | 'join';
      readonly replica: ReplicaName;
    }
  | { readonly do: 'pull all' | 'mend' }
  | { readonly do: 'crash' | 'wait'; readonly ms: number }
  | { readonly do: 'faults'; readonly account: AccountName; readonly rule: FaultRule };

export function drawFleetSteps(dice: Dice): FleetStep[] {
  const steps = Array.from({ length: dice.between(8, 20) }, () => drawStep(dice));
  // Somebody always goes while there is something to send.
  return [...steps, drawCommit(dice), { do: 'pull all' }, drawEnd(dice), drawCommit(dice)];
}

function drawStep(dice: Dice): FleetStep {
  const luck = dice.between(1, 100);
  const replica = dice.pick(replicaNames);
  if (luck <= 25) return drawCommit(dice);
  if (luck <= 35) return { do: 'pull', replica };
  if (luck <= 43) return { do: 'pull all' };
  if (luck <= 54) return drawEnd(dice);
  if (luck <= 62) return { do: 'start', replica };
  if (luck <= 68) return { do: 'wake', replica };
  if (luck <= 73) return { do: 'join', replica };
  if (luck <= 76) return { do: 'crash', ms: dice.pick([100, 1000, 5000]) };
  if (luck <= 84) return { do: 'faults', account: dice.pick(accountNames), rule: drawRule(dice) };
  if (luck <= 87) return { do: 'mend' };
  return { do: 'wait', ms: dice.pick([20, 300, 1200, 4500]) };
}

/** One replica goes, in one way or another. */
function drawEnd(dice: Dice): FleetStep {
  const how = dice.pick(['kill', 'kill', 'terminate', 'stop', 'stop', 'sever'] as const);
  return { do: how, replica: dice.pick(replicaNames) };
}

function drawCommit(dice: Dice): FleetStep {
  const chosen = dice.some(dice.between(1, 6), everyPlace.length);
  return { do: 'commit', places: everyPlace.filter((_, n) => chosen.includes(n)) };
}

/** What is over when it is over; a request that is kept waiting is so for less time than it has. */
function drawRule(dice: Dice): FaultRule {
  const rule = dice.pick<FaultRule>([
    { kind: 'status', status: 503, times: 3 },
    { kind: 'lost-answer', times: 2 },
    { kind: 'reset', times: 3 },
    { kind: 'delay', delayMs: [0, 800], times: 8 },
    { kind: 'cut-body', times: 2 },
  ]);
  return { probability: dice.between(3, 9) / 10, ...rule };
}
