// What a run of chaos came to, for people.
import type { RoundReport, WorldReport } from './rounds.ts';

/** The last round with its schedule and with what was wrong. */
export function describeReport({ seed, rounds }: WorldReport): string {
  const last = rounds.at(-1);
  if (last === undefined) return `seed ${seed}: no round`;
  const steps = last.steps.map((step) => `  ${JSON.stringify(step)}`);
  const wrong = last.violations.map((violation) => `  ${violation}`);
  const repeat = `npm run soak -- --seed ${seed} --rounds ${last.round}`;
  return [
    `seed ${seed}, round ${last.round} (${last.kind}):`,
    ...steps,
    `violations after ${Math.round(last.calmMs)} ms:`,
    ...wrong,
    `to have the same schedule again: ${repeat}`,
  ].join('\n');
}

export function describeRound(seed: number, report: RoundReport): string {
  const { round, kind, steps, calmMs, excuses, violations } = report;
  const end = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  const left = excuses.length > 0 ? `, helped (${tell(countEach(excuses))})` : '';
  return `seed ${seed} round ${round} ${kind}: ${steps.length} steps, calm in ${Math.round(calmMs)} ms${left}: ${end}`;
}

/** All worlds together. */
export function summarize(reports: readonly WorldReport[], elapsedMs: number): string {
  const sum = (of: (report: WorldReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: WorldReport) => number) => Math.round(Math.max(0, ...reports.map(of)));
  const rounds = reports.flatMap((report) => report.rounds);
  // `0 violations` would read as if something had been shown.
  if (rounds.length === 0) return 'NO ROUND WAS MADE: nothing is shown by this run';
  const helped = rounds.filter(({ excuses }) => excuses.length > 0);
  const calms = rounds.map(({ calmMs }) => calmMs).sort((a, b) => a - b);
  const overwritten = reports.flatMap((report) => report.overwritten);
  const oldest = Math.round(Math.max(0, ...overwritten));
  const skipped = sum(({ tally }) => tally.skipped);
  return [
    `${rounds.length} rounds (${rounds.filter(({ kind }) => kind === 'storm').length} storms) in ${reports.length} worlds, ${Math.round(elapsedMs / 1000)} s`,
    `${sum(({ tally }) => tally.kills)} kills, ${sum(({ tally }) => tally.terminations)} stops, ${sum(({ runs }) => runs)} runs of the daemon`,
    `${sum(({ tally }) => tally.edits)} edits of files, ${sum(({ personalEdits }) => personalEdits)} by hand in the account, ${overwritten.length} of those overwritten (the oldest ${oldest} ms old)`,
    `${sum(({ requests }) => requests)} requests, ${sum(({ writes }) => writes)} writes stored, ${sum(({ lateWrites }) => lateWrites)} of them after their client had gone`,
    `files made unusable: ${tell(total(reports.map(({ tally }) => tally.breakages)))}`,
    `faults: ${tell(total(reports.map(({ faults }) => new Map(Object.entries(faults)))))}; ${sum(({ outages }) => outages)} outages noticed`,
    `most requests in one second, over restarts: ${most((report) => report.mostInOneSecond)}; longest that a content was sent after it had left the tree: ${most((report) => report.stalestMs)} ms`,
    `calm after ${Math.round(calms[Math.floor(calms.length / 2)] ?? 0)} ms (median), ${Math.round(calms.at(-1) ?? 0)} ms (longest), ${rounds.length - helped.length} times without any help; widgets that had to be helped: ${tell(countEach(helped.flatMap(({ excuses }) => excuses)))}`,
    ...(skipped > 0 ? [`SKIPPED: ${skipped} times a full disk (needs Linux and root)`] : []),
    `${rounds.reduce((total, { violations }) => total + violations.length, 0)} violations; ${rounds.filter(({ violations }) => violations.length > 0).length} of ${rounds.length} rounds had any`,
  ].join('\n');
}

function total(counts: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((one) => [...one])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}

function countEach(names: readonly string[]): ReadonlyMap<string, number> {
  return total(names.map((name) => new Map([[name, 1]])));
}

/** The most frequent first. */
function tell(counts: ReadonlyMap<string, number>): string {
  const each = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  return each.length === 0 ? 'none' : each.join(', ');
}
