// Flags that have no variable beside them.
import { messageOf, UsageError } from '../base/errors.ts';

/** `parse` throws an Error whose message says what was expected. */
export function readFlag<Value>(flag: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${flag}: expected ${messageOf(error)}, found ${JSON.stringify(text)}`);
  }
}
