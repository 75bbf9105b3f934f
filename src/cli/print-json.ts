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
  if (account?.take !== undefined) account.take(named(value, account));
  else stdout.write(textOf(value, account, indent));
}

/** As `printJson` prints it. */
export function jsonText(value: object, { account }: Pick<Printing, 'account'>): string {
  return textOf(value, account, 2);
}

function textOf(value: object, account: Printing['account'], indent: number): string {
  return `${stringifyJson(named(value, account), indent)}\n`;
}

function named(value: object, account: Printing['account']): object {
  return account === undefined ? value : { account: account.name, ...value };
}
