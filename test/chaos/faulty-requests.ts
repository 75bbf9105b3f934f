// What becomes of each request under chaos: the rules in force, carried out from here and not by the
// sandbox itself, since the journal must know when each write is stored.
import { systemClock } from '../../src/base/clock.ts';
import type { Fault, FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { decideFault, type Progress } from '../../src/sandbox/faults/decide-fault.ts';
import type { FaultPlan } from '../../src/sandbox/faults/fault-rules.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';
import type { Journal } from './journal.ts';

export class Faults {
  readonly counts = new Map<string, number>();
  /** How far the daemon's clock is from this one. */
  clockShiftMs = 0;
  #plan: FaultPlan = { rules: [] };
  #progress: Progress = [];

  set(plan: FaultPlan | null): void {
    this.#plan = plan ?? { rules: [] };
    this.#progress = [];
  }

  choose({ method, widgetId: id, startedAtMs: atMs }: SandboxRequest): Fault | null {
    const facts = { method, widgetId: id, acceptsGzip: true, atMs };
    const { fault, progress } = decideFault(this.#plan, this.#progress, facts);
    this.#progress = progress;
    if (fault !== null) this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    return fault === null ? null : this.#dated(fault);
  }

  /** The API and the daemon have the same time: a date far off would rightly hold it for an hour. */
  #dated(fault: Fault): Fault {
    if (fault.kind !== 'status' || fault.retryAfterDate === undefined) return fault;
    return { ...fault, retryAfterDate: fault.retryAfterDate + this.clockShiftMs / 1000 };
  }
}

export function journaling(journal: Journal, faults: Faults, sandbox: () => Sandbox): FaultHook {
  return async (request) => {
    const entry = journal.arrive(request);
    const fault = faults.choose(request);
    if (fault?.kind === 'delay') await systemClock.sleep(fault.delayMs);
    journal.handled(entry, sandbox(), fault?.kind === 'stale' ? 'former' : 'now');
    return fault === null || fault.kind === 'delay' ? undefined : fault;
  };
}
