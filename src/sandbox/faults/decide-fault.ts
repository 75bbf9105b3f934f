// Which request suffers what. Pure: the same plan and the same requests in the same order give the
// same faults, on every machine.

import type { SandboxRequest } from '../request-log.ts';
import type { Fault } from './carry-out-fault.ts';
import type { FaultPlan, FaultRule } from './fault-rules.ts';
import { methodOfKind } from './fault-rules.ts';

/** The facts of a request when its head has arrived. */
export interface RequestFacts extends Pick<SandboxRequest, 'method' | 'widgetId'> {
  /** Its Accept-Encoding names gzip. */
  readonly acceptsGzip: boolean;
  /** When, on a clock that never steps. */
  readonly atMs: number;
}

/** The past of a rule. */
export interface RuleProgress {
  /** Requests that it concerned, also those that another rule answered. */
  readonly seen: number;
  readonly fired: number;
  /** For a limit: the times of the requests that it let through and that still count, oldest first. */
  readonly passedAtMs: readonly number[];
}

/** One entry a rule, in their order; none stands for a plan that nothing was asked of. */
export type Progress = readonly RuleProgress[];

export interface Decision {
  /** Null: the request is answered as the API answers. */
  readonly fault: Fault | null;
  readonly progress: Progress;
}

export function decideFault(
  { seed = 0, rules }: FaultPlan,
  progress: Progress,
  request: RequestFacts,
): Decision {
  let fault: Fault | null = null;
  const next: RuleProgress[] = [];
  for (const [index, rule] of rules.entries()) {
    const before = progress[index] ?? { seen: 0, fired: 0, passedAtMs: [] };
    if (!concerns(rule, request)) {
      next.push(before);
      continue;
    }
    // Drawn from the rule's own count and not from one common series: what the earlier rules do, and
    // requests that the rule does not concern, leave its luck alone.
    const luck = (purpose: number) => draw([seed, index, before.seen, purpose]);
    const held = stillCounting(rule, before, request.atMs);
    const isDue = rule.kind !== 'limit' || held.length >= rule.requests;
    const mayBe = fault === null && isDue && mayFire(rule, before);
    const fires = mayBe && luck(0) < (rule.probability ?? 1);
    if (fires) fault = settle(rule, luck(1));
    next.push({
      seen: before.seen + 1,
      fired: before.fired + (fires ? 1 : 0),
      passedAtMs: fires || rule.kind !== 'limit' ? held : [...held, request.atMs],
    });
  }
  return { fault, progress: next };
}

function concerns(rule: FaultRule, request: RequestFacts): boolean {
  const methods = [rule.method, methodOfKind[rule.kind]];
  if (!methods.every((method) => method === undefined || method === request.method)) return false;
  if (rule.widgetId !== undefined && rule.widgetId !== request.widgetId) return false;
  if (rule.kind === 'other-widget') return request.widgetId !== null;
  return rule.kind !== 'gzip' || rule.when !== 'asked' || request.acceptsGzip;
}

function mayFire({ after = 0, times = Infinity }: FaultRule, { seen, fired }: RuleProgress) {
  return seen >= after && fired < times;
}

function stillCounting(rule: FaultRule, { passedAtMs }: RuleProgress, atMs: number) {
  const perMs = (rule.kind === 'limit' ? rule.perMs : undefined) ?? 1000;
  return passedAtMs.filter((passedMs) => passedMs + perMs > atMs);
}

/** A number from 0 to 1 settles what a rule leaves open. */
function settle(rule: FaultRule, luck: number): Fault {
  if (rule.kind !== 'delay') return rule;
  const { delayMs } = rule;
  if (typeof delayMs === 'number') return { kind: 'delay', delayMs };
  const [least, most] = delayMs;
  return { kind: 'delay', delayMs: least + Math.floor(luck * (most - least + 1)) };
}

/** From 0 up to, not including, 1: always the same for the same numbers. */
function draw(numbers: readonly number[]): number {
  let state = 0;
  for (const number of numbers) state = scramble((state ^ number) + goldenRatio);
  return (state >>> 0) / 2 ** 32;
}

/** 2^32 divided by the golden ratio: keeps zeros from staying zeros. */
const goldenRatio = 0x9e3779b9;

/** The finishing step of MurmurHash3: every bit of the input changes half of the bits. */
function scramble(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
