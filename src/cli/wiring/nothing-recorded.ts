// A state directory that tells nothing of any widget that is declared: the first run of a person, or a
// runner that did not keep it. Then less can be seen than the plan would let one think.
import type { Log } from '../../base/log.ts';
import { printable } from '../../base/text.ts';
import type { Plan } from '../../model/plan.ts';
import type { Account } from './account.ts';

type Asked = Pick<Account, 'state' | 'isSandbox'>;

const meaning =
  'A field that was taken out of a file before stays live, and what people changed in the dashboard looks like ' +
  'an edit.';

/** For people; null where there is nothing to say. A sandbox has no past to know of. */
export function nothingRecordedNote(
  { isNothingRecorded }: Pick<Plan, 'isNothingRecorded'>,
  { state, isSandbox }: Asked,
): string | null {
  if (!isNothingRecorded || isSandbox) return null;
  return (
    `Note: nothing is recorded of these widgets in ${printable(state)}, as before a first apply; keep it ` +
    `from run to run. ${meaning}`
  );
}

/** For a log: once, of the first plan. */
export function sayNothingRecorded(log: Log, { state, isSandbox }: Asked) {
  let isFirst = true;
  return ({ isNothingRecorded }: Plan): void => {
    if (isFirst && isNothingRecorded && !isSandbox) {
      const facts = { state, detail: meaning };
      log.info(
        facts,
        'nothing is recorded of these widgets: keep the state directory from run to run',
      );
    }
    isFirst = false;
  };
}
