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
  const { round, kind, steps, calmMs, excused, violations } = report;
  const end = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  const left = excused > 0 ? `, ${excused} left until sent again` : '';
  return `seed ${seed} round ${round} ${kind}: ${steps.length} steps, calm in ${Math.round(calmMs)} ms${left}: ${end}`;
}

/** All worlds together. */
export function summarize(reports: readonly WorldReport[], elapsedMs: number): string {
  const sum = (of: (report: WorldReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: WorldReport) => number) => Math.round(Math.max(0, ...reports.map(of)));
  const rounds = reports.flatMap((report) => report.rounds);
  const calms = rounds.map(({ calmMs }) => calmMs).sort((a, b) => a - b);
  const overwritten = reports.flatMap((report) => report.overwritten);
  const oldest = Math.round(Math.max(0, ...overwritten));
  const skipped = sum(({ tally }) => tally.skipped);
  return [
    `${rounds.length} rounds (${rounds.filter(({ kind }) => kind === 'storm').length} storms) in ${reports.length} worlds, ${Math.round(elapsedMs / 1000)} s`,
    `${sum(({ tally }) => tally.kills)} kills, ${sum(({ tally }) => tally.terminations)} stops, ${sum(({ runs }) => runs)} runs of the daemon`,
    `${sum(({ tally }) => tally.edits)} edits of files, ${sum(({ personalEdits }) => personalEdits)} by hand in the account, ${overwritten.length} of those overwritten (the oldest ${oldest} ms old)`,
    `${sum(({ requests }) => requests)} requests, ${sum(({ writes }) => writes)} writes stored, ${sum(({ lateWrites }) => lateWrites)} of them after their client had gone`,
    `faults: ${describeFaults(reports)}`,
    `most requests in one second, over restarts: ${most((report) => report.mostInOneSecond)}; longest that a content was sent after it had left the tree: ${most((report) => report.stalestMs)} ms`,
    `calm after ${Math.round(calms[Math.floor(calms.length / 2)] ?? 0)} ms (median), ${Math.round(calms.at(-1) ?? 0)} ms (longest); ${rounds.reduce((total, { excused }) => total + excused, 0)} widgets were left until sent again`,
    ...(skipped > 0 ? [`SKIPPED: ${skipped} times a full disk (needs Linux and root)`] : []),
    `${rounds.reduce((total, { violations }) => total + violations.length, 0)} violations in ${rounds.filter(({ violations }) => violations.length > 0).length} rounds`,
  ].join('\n');
}

function describeFaults(reports: readonly WorldReport[]): string {
  const counts = new Map<string, number>();
  for (const { faults } of reports) {
    for (const [kind, count] of Object.entries(faults)) {
      counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
  }
  const each = [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  return each.length === 0 ? 'none' : each.join(', ');
}
