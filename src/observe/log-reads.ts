// The log of reading what is live.
import { type ContractFinding, createContractWatch } from '../api/schema-drift.ts';
import type { Log } from '../base/log.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import { levelOf } from './log-changes.ts';

export function logReads(log: Log): Listener {
  const contract = createContractWatch((finding) => logContract(log, finding));
  return listenerOf({
    'account-unreadable': ({ error }) => {
      log.warn(
        { error: error.message },
        'the account cannot be read: drift is not seen, and only declared fields are sent',
      );
    },
    'account-readable': () => {
      log.info('the account can be read after all: what is live counts from now on');
    },
    'read-retried': ({ error, attempts, retryInMs }) => {
      const facts = { attempts, retry_in_ms: Math.round(retryInMs), error: error.message };
      log[levelOf(error)](facts, 'not read, trying again');
    },
    'widget-unread': ({ widgetId, error }) => {
      const facts = { widget_id: widgetId, error: error.message };
      log.warn(facts, 'could not be read: compared with what was last applied instead');
    },
    'list-incomplete': ({ fields }) => {
      log.info(
        { fields },
        'the list of widgets says less than reading one of them does: each is read by itself, which costs a request more',
      );
    },
    'list-uncompared': () => {
      log.warn(
        'widgets are listed, and cannot be read one by one: what the list leaves out, if anything, a write may lose',
      );
    },
    'widget-read': ({ body }) => contract.see(body),
  });
}

export function logContract(log: Log, { field, kind, message }: ContractFinding): void {
  log.warn(
    { field, kind, detail: message },
    'the API speaks of widgets otherwise than this version knows',
  );
}
