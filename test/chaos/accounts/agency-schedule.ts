// What goes wrong in a round over several accounts, step by step: drawn by dice, so that a seed repeats it.
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import type { Dice } from '../dice.ts';
import {
  type AccountName,
  type Entry,
  everyPlace,
  type FragmentName,
  type Place,
} from './agency-tree.ts';

/** Of the two that are not failing all the time. */
export const soundAccounts = ['fernwood', 'harbor'] as const;
export type SoundAccount = (typeof soundAccounts)[number];

/** Whose key turns up in files. */
export const keyOwner = 'fernwood';

export type AgencyStep =
  | { readonly do: 'write'; readonly places: readonly Place[] }
  | { readonly do: 'fragment'; readonly name: FragmentName; readonly beside: Place | null }
  | { readonly do: 'switch' | 'break' | 'plant key'; readonly place: Place }
  | { readonly do: 'break fragment' | 'plant key in fragment'; readonly name: FragmentName }
  | { readonly do: 'entry'; readonly account: AccountName; readonly entry: Entry }
  | { readonly do: 'accounts file'; readonly is: 'there' | 'gone' | 'nonsense' }
  | { readonly do: 'rotate key'; readonly account: SoundAccount; readonly first: 'api' | 'file' }
  | { readonly do: 'faults'; readonly account: SoundAccount; readonly rule: FaultRule }
  | { readonly do: 'mend' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'kill' | 'terminate'; readonly writes: number; readonly plusMs: number };

export function drawAgencySteps(dice: Dice): AgencyStep[] {
  const steps = Array.from({ length: dice.between(6, 16) }, () => drawStep(dice));
  // A kill in the middle of what a fragment sets going, in both accounts at once.
  return [...steps, drawFragment(dice), drawKill(dice), drawWrite(dice)];
}

/** What the failing account answers, for as long as the world lasts. */
export function drawFailure(dice: Dice): FaultRule {
  return dice.pick<FaultRule>([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429 },
    { kind: 'status', status: 429, retryAfter: '1' },
    { kind: 'status', status: 401 },
    { kind: 'hang' },
    { kind: 'reset' },
  ]);
}

function drawStep(dice: Dice): AgencyStep {
  const luck = dice.between(1, 100);
  if (luck <= 25) return drawWrite(dice);
  if (luck <= 42) return drawFragment(dice);
  if (luck <= 50) return { do: 'switch', place: drawPlace(dice) };
  if (luck <= 54) return { do: 'break', place: drawPlace(dice) };
  if (luck <= 58) return { do: 'plant key', place: drawPlace(dice) };
  if (luck <= 61) return { do: 'break fragment', name: drawName(dice) };
  if (luck <= 63) return { do: 'plant key in fragment', name: drawName(dice) };
  if (luck <= 73) return drawEntry(dice);
  if (luck <= 77) return { do: 'accounts file', is: dice.pick(['there', 'gone', 'nonsense']) };
  if (luck <= 81) {
    const first = dice.pick(['api', 'file'] as const);
    return { do: 'rotate key', account: dice.pick(soundAccounts), first };
  }
  if (luck <= 86) return { do: 'faults', account: dice.pick(soundAccounts), rule: drawRule(dice) };
  if (luck <= 89) return { do: 'mend' };
  if (luck <= 96) return { do: 'wait', ms: dice.pick([50, 300, 1200]) };
  return drawKill(dice);
}

function drawPlace(dice: Dice): Place {
  const [first, ...rest] = everyPlace();
  return first === undefined ? { account: 'fernwood', widget: 0 } : dice.pick([first, ...rest]);
}

function drawWrite(dice: Dice): AgencyStep {
  const places = everyPlace();
  const chosen = dice.some(dice.between(1, 5), places.length);
  return { do: 'write', places: places.filter((_, n) => chosen.includes(n)) };
}

function drawName(dice: Dice): FragmentName {
  return dice.pick(['_brand.yaml', '_holiday.yaml']);
}

function drawFragment(dice: Dice): AgencyStep {
  return { do: 'fragment', name: drawName(dice), beside: dice.lucky(0.5) ? drawPlace(dice) : null };
}

function drawEntry(dice: Dice): AgencyStep {
  // Its key is the one that turns up in files: a process that was never given it could not know it.
  if (dice.lucky(0.3)) {
    return { do: 'entry', account: keyOwner, entry: dice.pick(['suspended', 'as usual']) };
  }
  const entry = dice.pick<Entry>(['gone', 'gone', 'suspended', 'broken', 'as usual']);
  return { do: 'entry', account: dice.pick(['harbor', 'juniper']), entry };
}

function drawKill(dice: Dice): AgencyStep {
  return {
    do: dice.lucky(0.75) ? 'kill' : 'terminate',
    writes: dice.between(1, 4),
    plusMs: dice.pick([0, 0, 2, 20, 200]),
  };
}

/** What is over when it is over. */
function drawRule(dice: Dice): FaultRule {
  const rule = dice.pick<FaultRule>([
    { kind: 'status', status: 503, times: 3 },
    { kind: 'lost-answer', times: 2 },
    { kind: 'reset', times: 3 },
    { kind: 'delay', delayMs: [0, 400], times: 8 },
    { kind: 'cut-body', times: 2 },
    { kind: 'refuse', forMs: 300, times: 1 },
  ]);
  return { probability: dice.between(3, 9) / 10, ...rule };
}
