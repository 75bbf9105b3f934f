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
 * for that long. `kill holder`: who follows the account is killed once it has begun to write.
 */
export type FleetStep =
  | { readonly do: 'commit'; readonly places: readonly Place[] }
  | {
      readonly do: 'pull' | 'kill' | 'terminate' | 'start' | 'stop' | 'wake' | 'sever' | 'join';
      readonly replica: ReplicaName;
    }
  | { readonly do: 'pull all' | 'mend' }
  | { readonly do: 'kill holder'; readonly account: AccountName }
  | { readonly do: 'crash' | 'wait'; readonly ms: number }
  | { readonly do: 'faults'; readonly account: AccountName; readonly rule: FaultRule };

export function drawFleetSteps(dice: Dice): FleetStep[] {
  const some = () => Array.from({ length: dice.between(3, 8) }, () => drawStep(dice));
  const story = dice.pick([drawLag, drawKillAmidWrite]);
  return [...some(), ...story(dice), ...some()];
}

/** One replica alone has the newest files, sends them, and goes: those that come after it have older ones. */
function drawLag(dice: Dice): FleetStep[] {
  const replica = dice.pick(replicaNames);
  return [
    { do: 'mend' },
    { do: 'start', replica },
    { do: 'wake', replica },
    { do: 'join', replica },
    { do: 'pull all' },
    { do: 'wait', ms: 1200 },
    drawCommit(dice),
    { do: 'pull', replica },
    { do: 'wait', ms: 2500 },
    { do: drawHow(dice), replica },
    { do: 'wait', ms: 6000 },
  ];
}

/** A write arrives, and is carried out long after its sender has gone; what comes next wants something else. */
function drawKillAmidWrite(dice: Dice): FleetStep[] {
  const account = dice.pick(accountNames);
  const places = everyPlace.filter((place) => place.account === account);
  const rule: FaultRule = { kind: 'delay', method: 'PUT', delayMs: [0, longestDelayMs] };
  return [
    ...replicaNames.map((replica): FleetStep => ({ do: 'start', replica })),
    { do: 'faults', account, rule },
    { do: 'commit', places },
    { do: 'pull all' },
    { do: 'kill holder', account },
    { do: 'commit', places },
    { do: 'pull all' },
    { do: 'wait', ms: 6000 },
  ];
}

/** In milliseconds; a request may take a second longer before it is given up. */
export const longestDelayMs = 3000;
export const timeoutMs = 4000;

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
  return { do: drawHow(dice), replica: dice.pick(replicaNames) };
}

function drawHow(dice: Dice) {
  return dice.pick(['kill', 'kill', 'terminate', 'stop', 'stop', 'sever'] as const);
}

function drawCommit(dice: Dice): FleetStep {
  const chosen = dice.some(dice.between(1, 6), everyPlace.length);
  return { do: 'commit', places: everyPlace.filter((_, n) => chosen.includes(n)) };
}

/** What is over when it is over. */
function drawRule(dice: Dice): FaultRule {
  const rule = dice.pick<FaultRule>([
    { kind: 'status', status: 503, times: 3 },
    { kind: 'lost-answer', times: 2 },
    { kind: 'reset', times: 3 },
    { kind: 'delay', delayMs: [0, longestDelayMs], times: 8 },
    { kind: 'cut-body', times: 2 },
  ]);
  return { probability: dice.between(3, 9) / 10, ...rule };
}
