// A state directory that tells nothing of any widget that is declared: the first run of a person, or a
// runner that did not keep it. Then less can be seen than the plan would let one think.
import type { Log } from '../../base/log.ts';
import { printable } from '../../base/text.ts';
import type { Plan } from '../../model/plan.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Assumed } from '../since/assume-since.ts';
import type { Account } from '../wiring/account.ts';
import { findLeftState, leftStateWords } from './left-state.ts';

type Asked = Pick<Account, 'state' | 'isSandbox' | 'apiUrl'>;

const meaning =
  'A field that was taken out of a file before stays live, and what people changed in the dashboard looks like ' +
  'an edit.';

/** For people; null where there is nothing to say. A sandbox has no past to know of. */
export function nothingRecordedNote(
  { isNothingRecorded }: Pick<Plan, 'isNothingRecorded'>,
  { state, isSandbox }: Asked,
  assumed: Pick<Assumed, 'remark'> | undefined,
): string | null {
  if (assumed !== undefined) return assumed.remark === null ? null : `Note: ${assumed.remark}`;
  if (!isNothingRecorded || isSandbox) return null;
  return (
    `Note: nothing is recorded of these widgets in ${printable(state)}, as before a first apply; keep it ` +
    `from run to run, or name what was applied last by --since <commit>. ${meaning}`
  );
}

/** For a log: once, of the first plan. */
export function sayNothingRecorded(
  log: Log,
  account: Asked,
  context: Pick<ProcessContext, 'clock' | 'account'>,
) {
  const { state, isSandbox } = account;
  const sayLeft = async (plan: Plan) => {
    const left = await findLeftState(plan, account, context);
    if (left === null) return;
    const detail = leftStateWords(left, account, 'running');
    log.warn({ detail }, 'the account begins anew, and may have had another name');
  };
  let isFirst = true;
  return (plan: Plan): void => {
    if (isFirst && plan.isNothingRecorded && !isSandbox) {
      const facts = { state, detail: meaning };
      log.info(
        facts,
        'nothing is recorded of these widgets: keep the state directory from run to run',
      );
      sayLeft(plan).catch((err: unknown) => {
        log.error({ err }, 'unexpected error; this is a bug');
      });
    }
    isFirst = false;
  };
}
