// Results for programs, on their way out: of one account among several each says whose it is.
import { stringifyJson } from '../base/json/json-text.ts';
import type { ProcessContext } from './process-context.ts';

type Printing = Pick<ProcessContext, 'stdout' | 'account'>;

/** One value, over several lines. */
export function printJson(value: object, printing: Printing): void {
  print(value, printing, 2);
}

/** One of the values of NDJSON. */
export function printJsonLine(value: object, printing: Printing): void {
  print(value, printing, 0);
}

function print(value: object, { stdout, account }: Printing, indent: number): void {
  const named = account === undefined ? value : { account: account.name, ...value };
  if (account?.take !== undefined) account.take(named);
  else stdout.write(`${stringifyJson(named, indent)}\n`);
}
