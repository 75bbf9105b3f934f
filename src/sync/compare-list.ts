// Whether the list of widgets says of each what its own read does. An API may abbreviate its list, and a
// write on top of such an item would wipe what it leaves out on a server that replaces. Decides nothing
// about what was read.
import { bodySchemas } from '../body-fields.ts';
import { ApiError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { stringifyJson } from '../json-text.ts';
import { ownValue, sameValue } from '../plan/value-at.ts';
import type { WidgetId } from '../widget.ts';
import { isRefusalToRead } from './readability.ts';
import type { Reading } from './reading.ts';
import { isAccountWide } from './send-failure.ts';

//  whole         a widget's own read said the same          list items serve as reads
//  less          it said otherwise, twice around            each widget is read by itself
//  uncompared    the API refuses to read single widgets     list items serve: there is nothing better
//  unknown       no answer came                             each widget is read by itself
export type ListStanding = 'whole' | 'less' | 'uncompared' | 'unknown';

export interface ListFinding {
  readonly standing: ListStanding;
  /** The fields that are told otherwise. */
  readonly fields: readonly string[];
}

/** One widget that may not be read, or was deleted just now, says nothing of the others. */
const mostTries = 3;

/** Compares one of these widgets, which were all listed. Throws as reads do where the key is refused. */
export async function compareList(
  reading: Reading,
  widgetIds: readonly WidgetId[],
): Promise<ListFinding> {
  let standing: ListStanding = 'uncompared';
  for (const widgetId of tellingFirst(reading, widgetIds).slice(0, mostTries)) {
    try {
      const own = await reading.getOwn(widgetId);
      if (own !== 'absent' && 'body' in own) return await compareOne(reading, widgetId, own.body);
    } catch (error) {
      if (!(error instanceof ApiError) || isAccountWide(error)) throw error;
      if (!isRefusalToRead(error)) standing = 'unknown';
    }
  }
  return { standing, fields: [] };
}

/** The one of which the list says most: where texts are cut and fields left out, most shows it. */
function tellingFirst(reading: Reading, widgetIds: readonly WidgetId[]): WidgetId[] {
  const sizes = widgetIds.map((widgetId) => {
    return { widgetId, size: stringifyJson(reading.asListed(widgetId)).length };
  });
  return sizes.sort((a, b) => b.size - a.size).map(({ widgetId }) => widgetId);
}

async function compareOne(
  reading: Reading,
  widgetId: WidgetId,
  own: JsonObject,
): Promise<ListFinding> {
  const findFields = () => toldOtherwise(reading.asListed(widgetId) ?? {}, own);
  if (findFields().length === 0) return { standing: 'whole', fields: [] };
  // Somebody may have saved the widget between the two reads: then the list says the same by now.
  await reading.listAgain(widgetId);
  const fields = findFields();
  return { standing: fields.length === 0 ? 'whole' : 'less', fields };
}

/** Of the fields that a write sends; a field that is left out is no null. */
function toldOtherwise(listed: JsonObject, own: JsonObject): string[] {
  return [...bodySchemas.keys()].filter(
    (name) => !sameValue(ownValue(listed, name), ownValue(own, name)),
  );
}
