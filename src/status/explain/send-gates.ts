// The gates from the queue to the account, and what comes back of a write.
import { isConfirmed } from '../../model/applied-record.ts';
import { keptText } from '../kept-text.ts';
import { refusalOf, untilWords } from '../refusal.ts';
import {
  type Answer,
  directoryOf,
  type Facts,
  fromRevision,
  noPlanYet,
  notReached,
  passed,
  stopped,
  timeText,
  unknown,
  waits,
} from './facts.ts';

const nothingToSend = notReached('nothing to send');
const stillArriving = 'what an earlier process was sending to it may still arrive';

export function queueGate(facts: Facts): Answer {
  const { queued, isSettled, failed, now } = facts;
  if (isSettled) return nothingToSend;
  if (queued === null) return failed === null ? notReached() : passed('it had its turn');
  const { phase, place, attempts, answered, nextTry } = queued;
  if (phase === 'unplanned') return isHeldUp(facts) ? unknown(noPlanYet) : waits(noPlanYet);
  const tried = `tried ${attempts === 1 ? 'once' : `${attempts} times`}`;
  const last = attempts === 0 ? '' : `, ${tried}: ${answered ?? 'no answer'}`;
  if (phase === 'in-flight') return passed(`it is its turn${last}`);
  if (phase === 'unsent' || isGivenUp(facts)) return passed('it was in line');
  if (phase === 'refused') return notReached();
  if (phase === 'backing-off' && nextTry !== null) {
    const why = attempts === 0 ? stillArriving : `${tried}: ${answered ?? 'no answer'}`;
    const says = `${why}; the next try is at ${timeText(nextTry, now)}`;
    return isHeldUp(facts) ? passed(says) : waits(says, nextTry);
  }
  const says = place === 1 ? 'next in line' : `${place ?? 'somewhere'} in line`;
  return isHeldUp(facts) ? passed(`${says}${last}`) : waits(`${says}${last}`);
}

/** Whether what holds up all is why the widget is not sent. */
function isHeldUp(facts: Facts): boolean {
  return [rateWait(facts), serviceWait(facts), facts.obstacle('key')].some((one) => one !== null);
}

/** The end of `apply` leaves changes in no line. */
function isGivenUp({ queued, daemon }: Facts): boolean {
  return queued?.phase === 'queued' && queued.place === null && daemon !== 'running';
}

export function rateGate(facts: Facts): Answer {
  const wait = rateWait(facts);
  if (facts.isSettled) return nothingToSend;
  return wait ?? passed('requests may start');
}

function rateWait({ record, obstacle, now }: Facts): Answer | null {
  const limit = obstacle('limit');
  const waiting = record?.waiting ?? null;
  const isOver = waiting === null || waiting.reason === 'outage' || waiting.until <= now;
  if (isOver) return limit === null ? null : waits(limit.says);
  const until = timeText(waiting.until, now);
  const { reason, why } = waiting;
  if (reason === 'retry-after') {
    return waits(`the API asks to wait until ${until} (Retry-After)`, waiting.until);
  }
  return waits(`nothing is sent before ${until}: ${why}`, waiting.until);
}

export function serviceGate(facts: Facts): Answer {
  const wait = serviceWait(facts);
  if (facts.isSettled) return nothingToSend;
  return wait ?? passed('the service answers, as far as it was asked');
}

function serviceWait({ record, obstacle }: Facts): Answer | null {
  const waiting = record?.waiting?.reason === 'outage' ? record.waiting : null;
  const says = obstacle('service')?.says ?? waiting?.why ?? null;
  return says === null ? null : waits(says, waiting?.until ?? null);
}

export function keyGate({ isSettled, obstacle }: Facts): Answer {
  if (isSettled) return nothingToSend;
  const refused = obstacle('key');
  if (refused === null) return passed('the key was not refused');
  return stopped(
    `the API refuses the key: ${refused.says}`,
    'put another key there: the daemon reads one in a file within a second, and is to be restarted for one in a variable',
  );
}

export function sentGate(facts: Facts): Answer {
  const { queued, failed, isSettled, lastWrite, daemon, now } = facts;
  if (isSettled) return writeOf(facts) === null ? notReached('nothing had to be sent') : ofWrite();
  if (queued?.phase === 'unsent' || isGivenUp(facts)) {
    const what = daemon === 'running' ? 'it was given up' : 'the process ended';
    return stopped(`${what} before it was sent`, sendAgain(facts));
  }
  if (queued?.phase === 'in-flight') return passed('a request is under way');
  if (failed !== null && queued === null) return passed(`last at ${timeText(failed.time, now)}`);
  return notReached();

  function ofWrite(): Answer {
    const tries = lastWrite?.attempts ?? 1;
    return passed(tries === 1 ? 'at the first try' : `at try ${tries}`);
  }
}

/** All is then looked at again, also what was refused. */
function sendAgain({ record, daemon, command }: Facts): string {
  const by = record?.command === 'apply' ? 'apply' : 'run';
  if (record === null || daemon !== 'running') {
    return `send it: ${command(by, ...directoryOf(record))}`;
  }
  const { pid, host } = record.lifetime;
  const where = pid === null ? '' : ` (process ${pid}${host === null ? '' : ` on ${host}`})`;
  return `send SIGHUP to the daemon${where}, which then looks at everything anew`;
}

/** The line of history of the content that is recorded; null where it came otherwise. */
function writeOf({ applied, lastWrite }: Facts): Facts['lastWrite'] {
  const isOfIt = lastWrite?.hash === applied?.hash && lastWrite?.reason !== 'forgotten';
  return isOfIt ? lastWrite : null;
}

export function cameBy(facts: Facts): 'write' | 'adoption' {
  return writeOf(facts) === null ? 'adoption' : 'write';
}

export function answeredGate(facts: Facts): Answer {
  const { queued, failed, isSettled, daemon } = facts;
  if (isSettled) {
    return writeOf(facts) === null ? notReached('nothing was asked') : passed('with a success');
  }
  if (queued?.phase === 'in-flight') {
    if (daemon === 'running') return waits('the request is under way, and no answer has come yet');
    return unknown('nobody was left to hear the answer');
  }
  if (failed === null || queued !== null) return notReached();
  const { error, line, file } = failed;
  const where = line === null ? file : `${file}, line ${line}`;
  if (refusalOf(failed) !== null) {
    return stopped(error, `mend ${where}; ${untilWords}`);
  }
  return stopped(error, `look at the log, then ${sendAgain(facts)}`);
}

export function confirmedGate({ kept, applied, isSettled, widget, now }: Facts): Answer {
  const lost = kept?.fields.filter(({ spelling }) => !spelling) ?? [];
  if (isSettled && lost.length > 0) {
    return stopped(
      `the API confirmed the write and keeps ${lost.map(keptText).join(', ')}`,
      `declare in ${widget.file} what the API keeps, or ask its makers`,
    );
  }
  if (!isSettled || applied === null) return notReached();
  if (!isConfirmed(applied)) return unknown('a later write got no answer: a read will tell');
  return passed(`at ${timeText(applied.appliedAt, now)}${fromRevision(applied)}`);
}

export function seenGate({ record, applied, isSettled, isUnseen, obstacle, now }: Facts): Answer {
  if (!isSettled || applied === null) return notReached();
  if (record?.isBlind) return unknown('nothing is read of what is live');
  const trouble = obstacle('sweep');
  if (isUnseen && trouble !== null) return unknown(`what is live cannot be read: ${trouble.says}`);
  if (!isUnseen) return passed('a read has shown it');
  const next = record?.lifetime.nextResync ?? null;
  const when = next === null ? 'none is planned' : `the next one is at ${timeText(next, now)}`;
  return waits(`no read has shown it yet, and ${when}`, next);
}
