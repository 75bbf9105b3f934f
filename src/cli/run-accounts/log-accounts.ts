// The log of accounts that come, go and cannot be followed. What happens in one is logged by its own listeners.
import type { AccountsProblem } from '../../accounts/account-entry.ts';
import type { Log } from '../../base/log.ts';
import type { RunEvent, WhyLeft } from './account-run.ts';

const leftWords: Readonly<Record<WhyLeft, string>> = {
  changed: 'its entry has changed: it is stopped, and followed anew',
  held: 'its entry cannot be used: it is stopped, and its state stays',
  gone: 'it is not in the file of accounts any more: it is stopped, and its state stays',
  stop: 'stopping',
  lost: 'another replica may hold it now: nothing more is sent or written here',
  elsewhere: 'it is handed over to another replica',
  bug: 'an unexpected error has ended it: it is stopped, and tried again',
};

function sayLeaving(log: Log, account: string, { why, changed }: RunEvent & { kind: 'leaving' }) {
  if (why === 'stop') return;
  log.info({ account, ...(changed.length > 0 && { changed }) }, leftWords[why]);
}

/** `fail`: the exit code must not say that all was well. */
export function logAccounts(log: Log, fail: () => void) {
  /** What was said last of each account that cannot be followed. */
  const said = new Map<string, string>();
  /** What was wrong with the file as a whole when it was looked at last. */
  let toMend: ReadonlySet<string> = new Set();
  const sayOnce = (account: string, message: string, say: () => void) => {
    if (said.get(account) !== message) say();
    said.set(account, message);
  };
  return {
    onProblems(problems: readonly AccountsProblem[]): void {
      // What holds an account is said of that account.
      const open = problems.filter(({ holds }) => holds.length === 0);
      const fresh = open.filter(({ place, message }) => !toMend.has(`${place} ${message}`));
      for (const { place, message } of fresh) {
        log.error({ place, detail: message }, 'the file of accounts needs a hand');
      }
      const isOver = open.length === 0 && toMend.size > 0;
      if (isOver) log.info('what the file of accounts says now is in force');
      toMend = new Set(open.map(({ place, message }) => `${place} ${message}`));
    },
    onEvent(account: string, event: RunEvent): void {
      switch (event.kind) {
        case 'held':
          return sayOnce(account, event.message, () => {
            log.error({ account, error: event.message }, 'the account cannot be used: it is held');
          });
        case 'failed': {
          const { message, retryInMs } = event;
          const facts = { account, error: message, retry_in_ms: Math.round(retryInMs) };
          return sayOnce(account, message, () => {
            log.error(facts, 'the account cannot be followed now: it is tried again and again');
          });
        }
        case 'bug':
          fail();
          log.fatal({ account, err: event.error }, 'unexpected error; this is a bug');
          return;
        case 'followed':
        case 'gone':
          said.delete(account);
          return;
        case 'leaving':
          return sayLeaving(log, account, event);
        case 'unclosed':
          fail();
          log.error({ account, error: event.message }, 'its state could not be closed');
          return;
        case 'left':
          log.info({ account }, 'stopped');
      }
    },
  };
}
