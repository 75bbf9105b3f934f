// Since when something has been so: what was found before keeps the time at which it was found first.
import type { QueuedStatus, StatusRecord } from './status-record.ts';

type Dated = Pick<StatusRecord, 'obstacles' | 'queue' | 'held' | 'failed' | 'drifted' | 'orphaned'>;

/** The findings, each with the time at which the record before had the same one. */
export function carrySince<Findings extends Dated>(found: Findings, before: Dated): Findings {
  return {
    ...found,
    obstacles: carry(found.obstacles, before.obstacles, ({ by }) => by),
    queue: carryUnqueued(found.queue, before.queue),
    held: carry(found.held, before.held, ({ file, code }) => `${code} ${file}`),
    failed: carry(found.failed, before.failed, ({ widgetId }) => widgetId),
    drifted: carry(found.drifted, before.drifted, ({ widgetId, why }) => `${why} ${widgetId}`),
    orphaned: carry(found.orphaned, before.orphaned, ({ widgetId }) => widgetId),
  };
}

function carry<Finding extends { readonly since: Date }>(
  found: readonly Finding[],
  before: readonly Finding[],
  keyOf: (finding: Finding) => string,
): Finding[] {
  const times = new Map(before.map((finding) => [keyOf(finding), finding.since]));
  return found.map((finding) => ({
    ...finding,
    since: times.get(keyOf(finding)) ?? finding.since,
  }));
}

/** The queue itself dates what is in it; of the others the record before tells. */
function carryUnqueued(
  found: readonly QueuedStatus[],
  before: readonly QueuedStatus[],
): QueuedStatus[] {
  const isOutside = ({ phase }: QueuedStatus) => outside.includes(phase);
  const [inside, others] = [found.filter((one) => !isOutside(one)), found.filter(isOutside)];
  const keyOf = ({ phase, widgetId }: QueuedStatus) => `${phase} ${widgetId}`;
  return [...inside, ...carry(others, before.filter(isOutside), keyOf)];
}

const outside: readonly QueuedStatus['phase'][] = ['refused', 'unsent', 'unplanned'];
