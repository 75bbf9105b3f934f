// The gates that a file passes before anything is compared: whether it is looked at, and can be used.
import { problemCodes, suspendedAsAWhole } from '../../model/problem-codes.ts';
import { behindCode } from '../status-record.ts';
import {
  type Answer,
  directoryOf,
  type Facts,
  fromRevision,
  passed,
  stopped,
  stoppedOnPurpose,
  timeText,
  unknown,
  waits,
} from './facts.ts';

export function daemonGate(facts: Facts): Answer {
  const { record, daemon, isHeld, now, command } = facts;
  const start = `start it: ${command('run', ...directoryOf(record))}`;
  if (record === null) return stopped('no pass was ever made with this state directory', start);
  const { lifetime, time } = record;
  const text = (at: Date | null) => (at === null ? 'an unknown time' : timeText(at, now));
  switch (daemon) {
    case 'running':
      return passed(`works, seen at ${text(lifetime.heartbeat ?? lifetime.startedAt)}`);
    case 'gone': {
      const seen = text(lifetime.heartbeat ?? lifetime.startedAt);
      if (isHeld) return hungAnswer(facts, seen);
      return stopped(`the daemon does not run any more (last seen to work at ${seen})`, start);
    }
    case 'ended':
      return unknown(`was stopped at ${text(lifetime.endedAt)}: later edits are not seen`, start);
    case 'none':
      return unknown(`none runs; ${record.command} made the last pass at ${text(time)}`);
  }
}

function hungAnswer({ record, command }: Facts, seen: string): Answer {
  const { pid = null, host = null } = record?.lifetime ?? {};
  const which = pid === null ? '' : ` (process ${pid}${host === null ? '' : ` on ${host}`})`;
  const end = pid === null ? 'end it' : `end it with kill -9 ${pid}`;
  return stopped(
    `the daemon${which} is there and has written no status since ${seen}: it hangs, or cannot write the state directory`,
    `look at its log; where it hangs, ${end}, and start it again: ${command('run', ...directoryOf(record))}`,
  );
}

/** What keeps the API from being asked explains why no pass succeeds, and has a gate of its own. */
function passTrouble({ obstacle, record }: Facts) {
  const isOfApi = record?.waiting != null || [obstacle('key'), obstacle('service')].some(Boolean);
  return isOfApi ? null : obstacle('pass');
}

export function filesGate(facts: Facts): Answer {
  const { record, widget, isOrphaned, isUnplanned, queued, now } = facts;
  if (record === null) return unknown('nothing is recorded of them');
  const { files, directory } = record;
  if (files?.unsettled) return unsettledAnswer(files.unsettled, facts);
  const trouble = passTrouble(facts);
  if (trouble !== null) {
    const since = timeText(trouble.since, now);
    return stopped(
      `no pass succeeds since ${since}: ${withoutStop(trouble.says)}`,
      'mend that; it is tried again by itself',
    );
  }
  if (record.time === null && !isUnplanned) return waits('the first pass has not ended yet');
  const seen = files?.lookedAt ?? record.time ?? now;
  const at = timeText(seen, now);
  if (isOrphaned) return orphanAnswer(facts);
  if (isNotThere(facts)) {
    const found = files === null ? '' : ` found ${files.found} files in ${directory}, and`;
    return stopped(
      `the last look at ${at}${found} not ${widget.file}`,
      `see that it is committed, pushed and below ${directory}, and that its name ends with .yaml`,
    );
  }
  // A later look may have found another commit than the one that the last pass was of.
  const revision = isUnplanned ? (queued?.revision ?? null) : record.revision;
  const isOfLook = isUnplanned || (record.time !== null && seen <= record.time);
  return passed(`seen at ${at}${isOfLook ? fromRevision({ revision }) : ''}`);
}

type Unsettled = NonNullable<NonNullable<NonNullable<Facts['record']>['files']>['unsettled']>;

function unsettledAnswer(unsettled: Unsettled, { record, now, obstacle }: Facts): Answer {
  const { code, says, since } = unsettled;
  if (code === behindCode) {
    const why = `${withoutStop(says)} (since ${timeText(since, now)})`;
    const advice = 'make a commit that comes after both, and let it reach all replicas';
    return obstacle('pass') === null ? waits(why) : stopped(why, advice);
  }
  const [why = says, advice = 'finish or abort it'] = says.split(/[:;] (?=finish|if no git)/);
  const what = `the files cannot be believed since ${timeText(since, now)}: ${withoutStop(why)}`;
  // What git does by itself is over in a moment.
  const isLong = now.getTime() - since.getTime() > longMs;
  if (code === 'git' && isLong) return stopped(what, advice);
  if (code === 'git' || code === 'moving') return waits(what);
  return stopped(what, `bring the files in ${record?.directory ?? 'the directory'} back`);
}

const longMs = 15_000;

function withoutStop(says: string): string {
  return says.replace(/\.$/, '');
}

function orphanAnswer({ widget, command }: Facts): Answer {
  const which = widget.widgetId?.slice(0, 8) ?? widget.file;
  return stoppedOnPurpose(
    'no file declares the widget any more, and it stays as it is in the account',
    `put the file back, or let its record go: ${command('forget', which)}`,
  );
}

/** Nothing tells of such a file. */
function isNotThere({ widget, applied, held, queued, failed, drifted }: Facts): boolean {
  const isTold = [held, queued, failed, drifted].some((one) => one !== null);
  return widget.widgetId === null && applied === null && !isTold;
}

/** Such files could not be read as a text at all. */
const unread: readonly string[] = [
  'unreadable-file',
  'changing-file',
  'file-too-large',
  'not-utf8',
  'link-outside',
];

export function readGate({ held }: Facts): Answer {
  if (held === null || !unread.includes(held.code)) return passed('its bytes were read');
  if (held.code === 'changing-file') return waits(`${held.message}; it is read again at once`);
  return stopped(`${held.code}: ${held.message}`, `make ${held.file} readable as a text`);
}

/** Codes of held files that stand for another gate than this one. */
const elsewhere: readonly string[] = [...unread, 'duplicate-id'];

export function validGate({ held, record, command }: Facts): Answer {
  const code = held?.code ?? '';
  const isProblem = Object.hasOwn(problemCodes, code) && !elsewhere.includes(code);
  if (held === null || (!isProblem && code !== 'ignored-in-list')) {
    return passed('it declares a widget');
  }
  const { file, line, message } = held;
  // The message names the fragment, and the line in that.
  const where =
    code === 'broken-fragment' ? '' : `${file}${line === null ? '' : `, line ${line}`}: `;
  const check = command('validate', ...directoryOf(record));
  return stopped(`${where}${message} (${code})`, `mend it; ${check} tells when it is well`);
}

export function aloneGate({ held, record }: Facts): Answer {
  if (held?.code !== 'duplicate-id') return passed('no other file declares its id');
  const others = record?.held.filter(
    ({ widgetId, file }) => widgetId === held.widgetId && file !== held.file,
  );
  const named = others?.map(({ file }) => file).join(', ');
  const who = named ? `${named} too` : 'another file';
  return stopped(
    `${who} declares the widget ${held.widgetId ?? ''} (duplicate-id)`,
    'keep one of the files: delete the other, or give it a widget_id of its own',
  );
}

export function suspendedGate({ held, now }: Facts): Answer {
  if (held?.code !== 'suspended') return passed('it is not suspended');
  const { message, until, file } = held;
  if (message.startsWith(suspendedAsAWhole)) {
    return stoppedOnPurpose(message, 'take suspend out of the entry of the account once it may go');
  }
  if (until === null) {
    return stoppedOnPurpose(message, `take sync.suspend out of ${file} once it may go`);
  }
  const isNamed = message.includes(until.toISOString().slice(0, 16));
  return waits(
    isNamed ? message : `${message}, until ${timeText(until, now)}`,
    until,
    `take sync.suspend out of ${file} to have it sooner`,
  );
}
