// What a plan says of a widget and of itself, in words: the same ones in a terminal, in a log and in a
// comment. Nothing from a file is made harmless here: whoever shows the words does that for where they go.
import { count } from '../base/text.ts';
import { fieldName } from '../model/field-name.ts';
import type {
  Change,
  FieldChange,
  HeldWidget,
  IgnoredFields,
  LeftFields,
  Plan,
  ReportedDrift,
  UnappliedWidget,
  VanishedFields,
} from '../model/plan.ts';
import { summarizePlan } from './summarize-plan.ts';
import { utcTime } from './time.ts';
import { isUnusual } from './unusual-changes.ts';

/** `edited: 3 fields changed`. */
export function changeWords({ reason, fields }: Pick<Change, 'reason' | 'fields'>): string {
  const many = count(fields.length, 'field');
  const isEmpty = fields.length === 0;
  switch (reason) {
    // Nothing is created: the widget is there, and only its record is not.
    case 'new':
      return `new: nothing recorded of it yet, ${many}`;
    case 'edited':
      if (isEmpty) return 'edited: sent again, the last write may not be visible yet';
      return `edited: ${many} changed${conflictWords(fields)}`;
    case 'drifted':
      if (isEmpty) return 'drifted: the widget may not be as declared';
      return `drifted: ${many} to set back`;
    case 'forced':
      return isEmpty ? 'forced: unchanged, sent again' : `forced: ${many} to set back`;
  }
}

function conflictWords(fields: readonly FieldChange[]): string {
  const conflicts = fields.filter(({ by }) => by === 'both').length;
  return conflicts === 0 ? '' : `, ${conflicts} of them in the dashboard too`;
}

export function driftWords({ fields, why, untilMs }: ReportedDrift): string {
  const what = `${count(fields.length, 'field')} changed in the dashboard`;
  if (why === 'policy') return `drifted: ${what}, only reported`;
  const until = untilMs === null ? '' : ` before ${utcTime(untilMs)}`;
  return `fought over: ${what} again, not corrected${until}`;
}

export function keptWords({ fields, sinceMs }: UnappliedWidget): string {
  const since = utcTime(sinceMs);
  return `the API keeps ${count(fields.length, 'field')} otherwise than sent, since ${since}`;
}

export function ignoredWords({ paths }: IgnoredFields): string {
  return `ignored as the file says: ${paths.map(fieldName).join(', ')}`;
}

export function vanishedWords({ names }: VanishedFields): string {
  return `no longer in the API's answers, and left as applied: ${names.join(', ')}`;
}

export function leftWords({ names }: LeftFields): string {
  return `left: the dashboard has changed ${names.length === 1 ? 'it' : 'them'} since: ${names.join(', ')}`;
}

export function heldWords({ code, message, waits }: HeldWidget): string {
  const held = `held (${code}): ${message}`;
  if (waits === undefined) return held;
  const waiting = count(waits.length, 'field');
  return `${held}; ${waits.length === 0 ? 'nothing waits' : `what waits: ${waiting}`}`;
}

export const adoptedWords = 'adopt: is as git declares';
export const orphanedWords = 'orphaned: applied once, no file now';
export const nothingDeleted = 'Nothing is deleted: an orphaned widget stays as it is.';
export const goneWords = 'gone from the account too: no longer listed';

/** What moved the field where that was not git alone; '' for nothing to say. */
export function fieldNote({ from, to, by, released, neverDeclared }: FieldChange): string {
  if (released) return by === 'both' ? 'released; changed in the dashboard too' : 'released';
  switch (by) {
    case 'git':
      if (neverDeclared) return 'set in the dashboard; removed, git declares the whole object';
      return to === undefined ? 'no longer declared' : '';
    case 'dashboard':
      if (to === undefined) return 'added in the dashboard';
      return `${from === undefined ? 'removed' : 'changed'} in the dashboard`;
    case 'both':
      return 'changed in git and in the dashboard; git wins';
  }
}

/** Beside a field that makes another kind of widget of its widget. */
export const unusualNote = 'unusual: another kind of widget';
/** Beside a field that the API merely spells otherwise. */
export const spellingNote = 'another spelling, as two reads have shown';

/** Of all changes; null where none is unusual. Among a thousand nobody would find them. */
export function unusualWords({ changes }: Plan): string | null {
  const unusual = changes.filter(({ fields }) => fields.some(isUnusual)).length;
  if (unusual === 0) return null;
  const what = `${count(unusual, 'widget')} would become another kind of widget (widget_type)`;
  return `${what}: check that its widget_id is the one that is meant`;
}

/** `Plan:` with its counts, or `No changes.` with what is there all the same. */
export interface Sum {
  readonly head: 'Plan:' | 'No changes.';
  readonly words: string;
}

export function sumWords(plan: Plan): Sum {
  const summary = summarizePlan(plan);
  const kept = keptOnly(plan);
  const unchanged = summary.unchanged - kept;
  const unmanaged = plan.unmanaged ?? 0;
  const aside = [
    summary.drifted > 0 ? `${summary.drifted} drifted (left so)` : null,
    kept > 0 ? `${kept} kept otherwise by the API` : null,
    summary.held > 0 ? `${summary.held} held` : null,
    summary.orphaned > 0 ? `${summary.orphaned} orphaned` : null,
  ].filter((part) => part !== null);
  const others = unmanaged > 0 ? [`${unmanaged} more unmanaged`] : [];
  if (summary.update + summary.adopt === 0) {
    // Where nothing is as declared, what stands aside says all there is.
    const quiet = unchanged > 0 || aside.length === 0 ? [settled(unchanged)] : [];
    return { head: 'No changes.', words: `${[...quiet, ...aside, ...others].join(', ')}.` };
  }
  const parts = [
    summary.update > 0 ? `${summary.update} to update` : null,
    summary.adopt > 0 ? `${summary.adopt} to adopt` : null,
    ...aside,
    unchanged > 0 ? `${unchanged} unchanged` : null,
    ...others,
  ].filter((part) => part !== null);
  // The sum of one part would only say it again.
  const sum = parts.length === 1 ? '' : ` (${count(summary.total, 'widget')})`;
  return { head: 'Plan:', words: `${parts.join(', ')}${sum}` };
}

/** Widgets with nothing to be done about them, which are all the same not as git declares them. */
function keptOnly({ unchanged, kept }: Plan): number {
  const ids = new Set(kept.map(({ widgetId }) => widgetId));
  return unchanged.filter(({ widgetId }) => ids.has(widgetId)).length;
}

function settled(unchanged: number): string {
  const rest = unchanged === 1 ? 'is as git declares it' : 'are as git declares them';
  return `${count(unchanged, 'widget')} ${rest}`;
}
