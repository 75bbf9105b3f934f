// An empty object over an inherited one: whoever writes it means to empty that, and it does nothing.
import { isJsonObject, type JsonObject, toPointer } from '../../base/json/json.ts';
import { ownValue } from '../../model/value-at.ts';
import { type BodyFinding, quoted, shown, valueIn, warningAt } from '../parse/finding.ts';

/** More would not be mended at a time. */
const mostTold = 100;

/** `inherited`: without what the file omits. */
export function emptyObjectFindings(own: JsonObject, inherited: JsonObject): BodyFinding[] {
  const found: BodyFinding[] = [];
  const look = (stronger: JsonObject, weaker: JsonObject, path: readonly string[]) => {
    for (const [name, value] of Object.entries(stronger)) {
      const under = ownValue(weaker, name);
      if (found.length >= mostTold) return;
      if (!isJsonObject(value) || !isJsonObject(under) || Object.keys(under).length === 0) continue;
      const at = [...path, name];
      if (Object.keys(value).length > 0) look(value, under, at);
      else found.push(findingAt(toPointer(at)));
    }
  };
  look(own, inherited, []);
  return found;
}

function findingAt(pointer: string): BodyFinding {
  return warningAt(valueIn(pointer), 'no-effect', {
    summary: `{} takes nothing from the inherited ${shown(pointer)}`,
    detail: `There is nothing in it to lay over what is inherited. To empty it, write ${quoted(pointer)} under omit as well; otherwise remove the field.`,
  });
}
