// Findings of a pass that a person should know, as lines that are said once for as long as they hold.
import { missingField } from '../api/schema-drift.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { HeldFile, LoadedTree, Problem } from '../model/document.ts';
import type { Plan } from '../model/plan.ts';
import { logBug, logProblem } from './log-changes.ts';
import { logContract } from './log-reads.ts';

/** A line to be said when it was not said in the pass before. */
export interface Remark {
  readonly key: string;
  readonly say: () => void;
}

/** The remarks on a plan; those on the files themselves are `remarksOnProblems`. */
export function remarksOn(log: Log, plan: Plan): Remark[] {
  return [
    ...remarksOnHeld(log, plan),
    ...remarksOnBugs(log, plan),
    ...remarksOnDrift(log, plan),
    ...remarksOnVanished(log, plan),
  ];
}

/** One for each field, however many widgets declare it. */
export function remarksOnVanished(log: Log, { vanished }: Pick<Plan, 'vanished'>): Remark[] {
  const fields = new Set(vanished.flatMap(({ names }) => names));
  return [...fields].map((field) => ({
    key: JSON.stringify(['vanished', field]),
    say: () => {
      const widgets = vanished.filter(({ names }) => names.includes(field)).length;
      logContract(log, missingField(field, widgets));
    },
  }));
}

function remarksOnBugs(log: Log, { bugs }: Plan): Remark[] {
  return bugs.map(({ error, ...at }) => ({
    key: JSON.stringify(['bug', at.widgetId, at.file, messageOf(error)]),
    say: () => logBug(log, at, error),
  }));
}

export function remarksOnProblems(log: Log, { problems }: LoadedTree): Remark[] {
  return problems.map((problem) => ({
    key: problemKey(problem),
    say: () => logProblem(log, problem),
  }));
}

/** These hold files with which nothing is wrong. */
const meantCodes: readonly HeldFile['code'][] = [
  'suspended',
  'not-in-account',
  'ignored-unread',
  'live-too-deep',
  'ignored-in-list',
];

function remarksOnHeld(log: Log, { held, orphaned, gone }: Plan): Remark[] {
  const meant = held.filter(({ code }) => meantCodes.includes(code));
  return [
    ...meant.map(({ file, widgetId, code, message }) => ({
      key: JSON.stringify([code, file, message]),
      say: () => {
        const level = code === 'suspended' ? 'info' : 'warn';
        log[level]({ file, widget_id: widgetId, code, detail: message }, 'held');
      },
    })),
    ...orphaned.map(({ file, widgetId }) => ({
      key: `orphaned ${widgetId}`,
      say: () =>
        log.warn(
          { file, widget_id: widgetId },
          'orphaned: no file declares it now; it stays as it is',
        ),
    })),
    ...gone.map(({ file, widgetId }) => ({
      key: `gone ${widgetId}`,
      say: () =>
        log.info(
          { file, widget_id: widgetId },
          'no longer orphaned: the account does not have it any more either',
        ),
    })),
  ];
}

function remarksOnDrift(log: Log, { drifted, ignored }: Plan): Remark[] {
  return [
    ...drifted.map(({ file, widgetId, fields, why, untilMs }) => ({
      key: JSON.stringify(['drifted', widgetId, why, fields]),
      say: () => {
        const until = untilMs === null ? null : new Date(untilMs).toISOString();
        const facts = { file, widget_id: widgetId, fields: fields.map(({ path }) => path), until };
        log.warn(
          facts,
          why === 'fought-over'
            ? 'fought over: git and the dashboard keep changing it back; corrected again later'
            : 'drifted: changed in the dashboard, and left so',
        );
      },
    })),
    ...ignored.map(({ file, widgetId, paths }) => ({
      key: JSON.stringify(['ignored', widgetId, paths]),
      say: () =>
        log.info({ file, widget_id: widgetId, fields: paths }, 'differs where the file ignores it'),
    })),
  ];
}

export function problemKey({ code, file, range, summary, detail }: Problem): string {
  return JSON.stringify([code, file, range, summary, detail]);
}
