// Carries out one step of a schedule.
import { systemClock } from '../../src/base/clock.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import { widgetId } from '../support/sandbox.ts';
import { driftEdit, personalEdit } from './contents.ts';
import type { Moment, Step } from './schedule.ts';
import type { Breakage } from './widget-files.ts';
import { nameKey, type World } from './world.ts';

/** What the steps so far came to. */
export interface Tally {
  kills: number;
  terminations: number;
  edits: number;
  /** Files that were made unusable, by how. */
  readonly breakages: Map<Breakage, number>;
  /** Steps that could not be carried out here. */
  skipped: number;
}

export function startTally(): Tally {
  return { kills: 0, terminations: 0, edits: 0, breakages: new Map(), skipped: 0 };
}

export async function carryOut(step: Step, world: World, tally: Tally): Promise<void> {
  const { files, daemon, disk } = world;
  switch (step.do) {
    case 'write':
      for (const n of step.widgets) await files.write(n, step.style);
      tally.edits += step.widgets.length;
      return;
    case 'take back':
      tally.edits += 1;
      return files.takeBack(step.widget);
    case 'rename':
      return files.rename(step.widget);
    case 'remove':
      return files.remove(step.widget);
    case 'break':
      if (!files.breakFile(step.widget, step.how)) return;
      tally.breakages.set(step.how, (tally.breakages.get(step.how) ?? 0) + 1);
      return;
    case 'edit':
    case 'drift':
      return editByHand(step, world);
    case 'faults':
      return world.setFaults({ seed: step.seed, rules: step.rules });
    case 'calm':
      return world.setFaults(null);
    case 'suffer':
      return suffered(step.times, world);
    case 'wait':
      return systemClock.sleep(step.ms);
    case 'kill':
      await momentOf(step.moment, world);
      tally.kills += daemon.isRunning ? 1 : 0;
      await daemon.kill();
      return restart(step.restartAfterMs, world);
    case 'terminate':
      await momentOf(step.moment, world);
      tally.terminations += daemon.isRunning ? 1 : 0;
      await daemon.terminate();
      return restart(step.restartAfterMs, world);
    case 'signal':
      return daemon.signal(step.name);
    case 'clock':
      return world.shiftClock(step.shiftMs);
    case 'rotate key':
      return rotateKey(step, world);
    case 'fill disk':
      if (!disk.canFill) tally.skipped += 1;
      disk.fill();
      await systemClock.sleep(step.forMs);
      return disk.free();
  }
}

async function editByHand(
  step: Extract<Step, { do: 'take back' | 'rename' | 'remove' | 'edit' | 'drift' }>,
  { journal, sandbox }: World,
): Promise<void> {
  const note = `edit ${journal.edits.length + 1}`;
  const fields = step.do === 'drift' ? driftEdit(note) : personalEdit(note);
  await journal.edit(sandbox, { widgetId: widgetId(step.widget), fields });
}

async function restart(afterMs: number, { daemon }: World): Promise<void> {
  await systemClock.sleep(afterMs);
  daemon.start();
}

let keys = 0;

async function rotateKey(
  { first, gapMs }: Extract<Step, { do: 'rotate key' }>,
  world: World,
): Promise<void> {
  keys += 1;
  const key = nameKey(keys);
  if (first === 'account') world.acceptKey(key);
  else world.writeKey(key);
  await systemClock.sleep(gapMs);
  if (first === 'account') world.writeKey(key);
  else world.acceptKey(key);
}

/** A process that starts on a busy machine has to look and to read first. */
const longestSufferingMs = 5000;

/** Resolves once so many writes have ended with a fault. */
async function suffered(times: number, { sandbox }: World): Promise<void> {
  const enough = new AbortController();
  const seen = new Set<SandboxRequest>();
  const forget = sandbox.observe((request) => {
    if (request.method === 'PUT' && request.fault !== null) seen.add(request);
    if (seen.size >= times) enough.abort();
  });
  await systemClock.sleep(longestSufferingMs, enough.signal);
  forget();
}

/** Nothing may be about to be sent at all. */
const longestWaitMs = 900;

async function momentOf(moment: Moment, { sandbox }: World): Promise<void> {
  if ('afterMs' in moment) return systemClock.sleep(moment.afterMs);
  let left = moment.nth;
  const found = new AbortController();
  const seen = new Set<SandboxRequest>();
  const forget = sandbox.observe((request) => {
    if (request.method !== 'PUT' || seen.has(request)) return;
    if (moment.on === 'answer' && request.endedAtMs === null) return;
    seen.add(request);
    left -= 1;
    if (left <= 0) found.abort();
  });
  await systemClock.sleep(longestWaitMs, found.signal);
  forget();
  if (moment.plusMs > 0) await systemClock.sleep(moment.plusMs);
}
