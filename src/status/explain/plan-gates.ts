// The gates between a file that can be used and the queue: what is compared, and what a person has to allow.
import { stringifyJson } from '../../base/json/json-text.ts';
import { fieldName } from '../../model/field-name.ts';
import type { StatusRecord } from '../status-record.ts';
import type { TypedCommand } from './explanation.ts';
import {
  type Answer,
  directoryOf,
  type Facts,
  fromRevision,
  noPlanYet,
  notReached,
  passed,
  stopped,
  stoppedOnPurpose,
  timeText,
  unknown,
  waits,
} from './facts.ts';

export function accountGate({ held, failed, queued, applied, record }: Facts): Answer {
  const correct = 'correct its widget_id, or make the widget in the dashboard first';
  if (held?.code === 'not-in-account') return stopped(held.message, correct);
  if (held?.code === 'ignored-unread') {
    return stopped(held.message, 'let the key read widgets, or run without --live off');
  }
  if (failed?.httpStatus === 404 && queued === null) return stopped(failed.error, correct);
  if (applied === null && record?.isBlind) return unknown('nothing is read of the account');
  return passed(applied === null ? 'no read has missed it there' : 'the account has it');
}

export function appliedGate(facts: Facts): Answer {
  const { applied, queued, failed, isSettled, isUnplanned, now } = facts;
  if (isSettled && applied !== null) {
    const since = `${timeText(applied.appliedAt, now)}${fromRevision(applied)}`;
    return passed(`nothing differs from what was applied at ${since}`);
  }
  if (isUnplanned && applied !== null) return passed('the file differs');
  if (queued?.reason === 'edited') return passed(`differs in ${fieldList(queued.fields)}`);
  if (queued?.reason === 'drifted') return passed('the file is as it was applied');
  if (applied === null && (queued !== null || failed !== null)) return passed('it is new');
  if (failed !== null) return passed('it differs');
  return applied === null
    ? unknown('nothing was applied')
    : passed('the file is as it was applied');
}

export function liveGate({ held, record, queued, drifted, isSettled }: Facts): Answer {
  if (held?.code === 'live-too-deep') {
    return stopped(held.message, 'make the live widget flatter in the dashboard');
  }
  if (held?.code === 'unexpected-error') {
    return stopped(held.message, 'report the bug with the stack that the log has');
  }
  if (record?.isBlind) return unknown('nothing is read of what is live: hashes decide');
  const fields = drifted?.fields ?? queued?.fields ?? [];
  if (isSettled) return passed('nothing differs from what is live');
  return fields.length === 0 ? unknown('not compared') : passed(`differs in ${fieldList(fields)}`);
}

export function driftGate(facts: Facts): Answer {
  const { drifted, queued, widget, record, isUnplanned, now, command } = facts;
  if (drifted !== null) {
    const were = drifted.fields.length === 1 ? 'was' : 'were';
    const what = `${fieldList(drifted.fields)} ${were} changed in the dashboard`;
    const only = widget.widgetId === null ? [] : ['--only', widget.widgetId.slice(0, 8)];
    const take = `take it over with ${command('import', ...directoryOf(record), '--update', ...only)}`;
    if (drifted.why === 'policy') {
      const act = `${take}, or declare sync: {drift: correct}`;
      return stoppedOnPurpose(`${what}, and that is only reported`, act);
    }
    const act = `see who edits it there; ${take}, or leave it to the dashboard: sync: {ignore: ${stringifyJson([...drifted.fields])}}`;
    const { until } = drifted;
    if (until === null) return stopped(`${what} again and again`, act);
    return waits(`${what} again and again: corrected from ${timeText(until, now)} on`, until, act);
  }
  if (isUnplanned) return unknown('not compared');
  if (queued?.reason !== 'drifted') return passed('nothing was changed in the dashboard');
  return passed(`${fieldList(queued.fields)} changed in the dashboard, which is corrected`);
}

export function limitGate(facts: Facts): Answer {
  const { queued, record, obstacle, isSettled, isUnplanned, command } = facts;
  if (isSettled) return notReached('nothing to send');
  if (isUnplanned) return unknown(noPlanYet);
  if (queued?.phase !== 'refused') return passed('the plan was let through');
  const says = obstacle('changes')?.says.split(': nothing is sent')[0];
  const approval = record && approvalCommand(record, command);
  const look = `look at ${command('plan', ...directoryOf(record))}`;
  return stopped(
    says ?? 'the plan changes more widgets than --max-changes allows',
    approval === null ? look : `${look}, and if it is meant: ${approval}`,
  );
}

/** Sends the plan that waits for a person; null where none does. */
export function approvalCommand(
  { directory, refusedChecksum }: StatusRecord,
  command: TypedCommand,
): string | null {
  return refusedChecksum && command('apply', directory, '--checksum', refusedChecksum);
}

/** A sentence has room for a few. */
const mostNamed = 4;

export function fieldList(paths: readonly string[]): string {
  const names = paths.map(fieldName);
  if (names.length <= mostNamed + 1) return names.join(', ');
  return `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;
}
