// The rules in force while a sandbox runs, how far each has come, and what was suffered so far.
import type { IncomingMessage } from 'node:http';
import { systemClock } from '../../base/clock.ts';
import type { SandboxRequest } from '../request-log.ts';
import type { Fault } from './carry-out-fault.ts';
import { decideFault, type Progress } from './decide-fault.ts';
import type { FaultPlan, FaultRule } from './fault-rules.ts';

export interface FaultSource {
  /** To be asked once for every request, in order of arrival. Null: no rule fires. */
  choose(request: SandboxRequest, incoming: IncomingMessage): Fault | null;
  /** Other rules under the same seed, which begin anew; null for none. */
  replace(rules: readonly FaultRule[] | null): void;
  count(fault: Fault): void;
  /** By kind; a kind that never occurred is not there. */
  readonly counts: ReadonlyMap<string, number>;
}

export function createFaultSource(plan: FaultPlan): FaultSource {
  const counts = new Map<string, number>();
  let inForce = plan;
  let progress: Progress = [];
  return {
    choose({ method, widgetId }, incoming) {
      const acceptsGzip = asksForGzip(incoming.headers['accept-encoding']);
      const atMs = systemClock.monotonicMs();
      const decision = decideFault(inForce, progress, { method, widgetId, acceptsGzip, atMs });
      progress = decision.progress;
      return decision.fault;
    },
    replace(rules) {
      inForce = { ...plan, rules: rules ?? [] };
      progress = [];
    },
    count({ kind }) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    },
    counts,
  };
}

function asksForGzip(header: IncomingMessage['headers'][string]): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test([header].flat().join(','));
}
