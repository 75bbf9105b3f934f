// What goes wrong in a round, step by step: drawn by dice, so that a seed repeats it.
import type { FaultRule } from '../../src/sandbox/faults/fault-rules.ts';
import type { Dice } from './dice.ts';
import type { Breakage, WriteStyle } from './widget-files.ts';

/** When the process is killed, or told to end. */
export type Moment =
  | { readonly afterMs: number }
  /** So long after the `nth` write from now on has arrived, or was answered. */
  | { readonly on: 'arrival' | 'answer'; readonly nth: number; readonly plusMs: number };

export type Step =
  | { readonly do: 'write'; readonly widgets: readonly number[]; readonly style: WriteStyle }
  | { readonly do: 'take back' | 'rename' | 'remove' | 'edit' | 'drift'; readonly widget: number }
  | { readonly do: 'break'; readonly widget: number; readonly how: Breakage }
  | { readonly do: 'faults'; readonly seed: number; readonly rules: readonly FaultRule[] }
  | { readonly do: 'calm' }
  /** Waits until so many writes have suffered, if they do. */
  | { readonly do: 'suffer'; readonly times: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'kill' | 'terminate'; readonly moment: Moment; readonly restartAfterMs: number }
  | { readonly do: 'signal'; readonly name: 'SIGHUP' | 'SIGUSR2' }
  | { readonly do: 'clock'; readonly shiftMs: number }
  | { readonly do: 'rotate key'; readonly first: 'account' | 'file'; readonly gapMs: number }
  | { readonly do: 'fill disk'; readonly forMs: number };

export type RoundKind = 'kill' | 'storm';

/** Widgets below this number always keep a usable file: an empty tree is another matter. */
export const keptWidgets = 3;

export function drawSchedule(kind: RoundKind, widgets: number, dice: Dice): Step[] {
  return kind === 'kill' ? drawKill(widgets, dice) : drawStorm(widgets, dice);
}

/** A burst of edits, a kill in the middle of it, at times a second one right after the restart. */
function drawKill(widgets: number, dice: Dice): Step[] {
  const steps: Step[] = [];
  if (dice.lucky(0.3)) steps.push(drawFaults(dice, lostAnswer));
  for (let left = dice.between(1, 3); left > 0; left -= 1) steps.push(drawEdit(widgets, dice));
  steps.push(drawWrite(widgets, dice), drawKillStep(dice));
  if (dice.lucky(0.2)) steps.push(drawEdit(widgets, dice), drawKillStep(dice));
  if (dice.lucky(0.6)) steps.push(...drawSuffering(widgets, dice));
  if (dice.lucky(0.4)) steps.push({ do: 'take back', widget: dice.between(0, widgets - 1) });
  return steps;
}

/** What the process that is left has to try again by itself: no restart looks at everything after it. */
function drawSuffering(widgets: number, dice: Dice): Step[] {
  return [
    drawFaults(dice, retryable),
    { do: 'write', widgets: dice.some(dice.between(1, 5), widgets), style: 'replaced' },
    { do: 'suffer', times: dice.between(1, 3) },
  ];
}

/** In most storms nothing goes wrong that the daemon cannot mend alone. */
function drawStorm(widgets: number, dice: Dice): Step[] {
  const fault = dice.lucky(0.3) ? anyFault : retryable;
  const isMendable = ({ do: what }: Step) =>
    fault === anyFault || !['signal', 'drift', 'rotate key'].includes(what);
  const steps = Array.from({ length: dice.between(5, 30) }, () => drawAny(widgets, dice, fault));
  const mendable = steps.filter(isMendable);
  return fault === anyFault ? mendable : [...mendable, ...drawSuffering(widgets, dice)];
}

function drawAny(widgets: number, dice: Dice, fault: DrawRule): Step {
  const luck = dice.between(1, 100);
  if (luck <= 50) return drawEdit(widgets, dice);
  if (luck <= 60) return { do: 'wait', ms: dice.between(0, 700) };
  if (luck <= 70) return drawFaults(dice, fault);
  if (luck <= 74) return { do: 'calm' };
  if (luck <= 82) return drawKillStep(dice);
  if (luck <= 85) return { ...drawKillStep(dice), do: 'terminate' };
  if (luck <= 89) return { do: 'signal', name: dice.pick(['SIGHUP', 'SIGUSR2']) };
  if (luck <= 93) return { do: 'clock', shiftMs: drawShiftMs(dice) };
  if (luck <= 97) {
    return {
      do: 'rotate key',
      first: dice.pick(['account', 'file']),
      gapMs: dice.between(0, 1500),
    };
  }
  return { do: 'fill disk', forMs: dice.between(100, 2000) };
}

function drawEdit(widgets: number, dice: Dice): Step {
  const luck = dice.between(1, 100);
  const widget = dice.between(0, widgets - 1);
  const free = dice.between(keptWidgets, widgets - 1);
  if (luck <= 45) return drawWrite(widgets, dice);
  if (luck <= 60) return { do: 'take back', widget };
  if (luck <= 68) return { do: 'rename', widget };
  if (luck <= 74) return { do: 'remove', widget: free };
  if (luck <= 84) return { do: 'break', widget: free, how: dice.pick(breakages) };
  if (luck <= 94) return { do: 'edit', widget };
  return { do: 'drift', widget };
}

const breakages = ['nonsense', 'empty', 'unknown field', 'suspended', 'twice'] as const;

function drawWrite(widgets: number, dice: Dice): Step {
  const count = dice.lucky(0.5) ? 1 : dice.between(2, widgets);
  const style = dice.pick<WriteStyle>(['in place', 'replaced', 'replaced', 'slowly']);
  return { do: 'write', widgets: dice.some(count, widgets), style };
}

function drawKillStep(dice: Dice) {
  const moment: Moment = dice.lucky(0.3)
    ? { afterMs: dice.between(0, 300) }
    : {
        on: dice.pick(['arrival', 'answer']),
        nth: dice.between(1, 4),
        plusMs: dice.pick([0, 0, 1, 2, 5, 20]),
      };
  return { do: 'kill', moment, restartAfterMs: dice.between(0, 100) } as const;
}

function drawShiftMs(dice: Dice): number {
  const minuteMs = 60_000;
  const far = dice.pick([1, 3, 30, 120, 24 * 60, 10 * 24 * 60]) * minuteMs;
  return dice.pick([far, -far, 0]);
}

type DrawRule = (dice: Dice) => FaultRule;

function drawFaults(dice: Dice, draw: DrawRule): Step {
  const rules = Array.from({ length: dice.between(1, 3) }, () => ({
    probability: dice.between(2, 7) / 10,
    ...draw(dice),
  }));
  return { do: 'faults', seed: dice.between(0, 2 ** 31), rules };
}

/** Faults after which the daemon cannot know what was stored. */
function lostAnswer(dice: Dice): FaultRule {
  return dice.pick<FaultRule>([
    { kind: 'lost-answer' },
    { kind: 'lost-answer', status: 502 },
    { kind: 'delay', delayMs: [0, 300], method: 'PUT' },
    { kind: 'cut-body', method: 'PUT' },
    { kind: 'reset' },
  ]);
}

/** Faults that are over when they are over: the same request may succeed later. */
function retryable(dice: Dice): FaultRule {
  const status = dice.pick([408, 425, 429, 500, 502, 503, 504]);
  return dice.pick<FaultRule>([
    { kind: 'delay', delayMs: [0, 400] },
    { kind: 'drip', byteMs: dice.pick([0, 3]) },
    { kind: 'refuse', forMs: dice.between(50, 600), times: 2 },
    { kind: 'reset' },
    { kind: 'cut-body' },
    { kind: 'redirect', status: 307 },
    { kind: 'hang', times: 4 },
    { kind: 'status', status },
    { kind: 'status', status: dice.pick([429, 503]), retryAfter: '1', times: 2 },
    { kind: 'status', status: 503, retryAfterDate: 1, times: 2 },
    { kind: 'lost-answer' },
    { kind: 'lost-answer', status: 502 },
    { kind: 'other-widget' },
    { kind: 'empty' },
    { kind: 'truncated' },
    { kind: 'content-type' },
    { kind: 'gzip', stream: dice.pick(['valid', 'broken']), when: 'always' },
    { kind: 'huge', bytes: 4 * 1024 * 1024 },
  ]);
}

function anyFault(dice: Dice): FaultRule {
  if (dice.lucky(0.6)) return retryable(dice);
  return dice.pick<FaultRule>([
    { kind: 'delay', delayMs: [0, 2500], method: 'PUT' },
    { kind: 'status', status: dice.pick([400, 404, 409, 422]), method: 'PUT' },
    { kind: 'status', status: 401, times: 1 },
    { kind: 'not-stored', echo: 'sent' },
    { kind: 'not-stored', echo: 'unchanged' },
    { kind: 'stale' },
  ]);
}
