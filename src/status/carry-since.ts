// Since when something has been so: what was found before keeps the time at which it was found first.
import type { StatusRecord } from './status-record.ts';

type Dated = Pick<StatusRecord, 'obstacles' | 'held' | 'failed' | 'drifted' | 'orphaned'>;

/** The findings, each with the time at which the record before had the same one. */
export function carrySince<Findings extends Dated>(found: Findings, before: Dated): Findings {
  return {
    ...found,
    obstacles: carry(found.obstacles, before.obstacles, ({ by }) => by),
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
