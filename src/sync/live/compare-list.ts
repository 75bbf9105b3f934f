// Whether the list of widgets says of each what its own read does. An API may abbreviate its list, and a
// write on top of such an item would wipe what it leaves out on a server that replaces. Decides nothing
// about what was read.

import { ApiError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { isAccountWide } from '../../model/send-failure.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import type { WidgetId } from '../../model/widget.ts';
import { bodySchemas } from '../../model/widget-fields.ts';
import type { Reading } from './live-reading.ts';
import { isRefusalOfOne } from './read-access.ts';

//  whole         a widget's own read said the same          list items serve as reads
//  less          it said otherwise, twice around            each widget is read by itself
//  uncompared    each of them refused to be read            list items serve: there is nothing better
//  unknown       no answer that can be compared             each widget is read by itself
export type ListStanding = 'whole' | 'less' | 'uncompared' | 'unknown';

export interface ListFinding {
  readonly standing: ListStanding;
  /** The fields that are told otherwise. */
  readonly fields: readonly string[];
}

/** One widget that was deleted just now says nothing of the others. */
const mostTries = 3;

/** The known ends of single reads, those of earlier readings included. */
export interface OwnReads {
  /** Whether any was ever answered with a widget. */
  readonly areGiven: boolean;
  /** Widgets that may not be read; those that are found now are added. */
  readonly refused: Set<WidgetId>;
}

/**
 * Compares one of these widgets, which were all listed. While none has ever been given, each that may not
 * be read says nothing of those that were not tried yet. Throws as reads do where the key is refused.
 */
export async function compareList(
  reading: Reading,
  widgetIds: readonly WidgetId[],
  known: OwnReads,
): Promise<ListFinding> {
  const toTry = tellingFirst(reading, widgetIds);
  let isMixed = false;
  for (const [at, widgetId] of toTry.entries()) {
    if (at >= mostTries && (isMixed || known.areGiven || known.refused.has(widgetId))) continue;
    const own = await ownOf(reading, widgetId);
    if (own !== null && own !== 'refused') return await compareOne(reading, widgetId, own);
    if (own === 'refused') known.refused.add(widgetId);
    else isMixed = true;
  }
  return { standing: isMixed || known.areGiven ? 'unknown' : 'uncompared', fields: [] };
}

/** Null: it is absent, cannot be compared, or cannot be read now. */
async function ownOf(reading: Reading, widgetId: WidgetId): Promise<JsonObject | 'refused' | null> {
  try {
    const own = await reading.getOwn(widgetId);
    return own !== 'absent' && 'body' in own ? own.body : null;
  } catch (error) {
    if (!(error instanceof ApiError) || isAccountWide(error)) throw error;
    return isRefusalOfOne(error) ? 'refused' : null;
  }
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

/**
 * Names the fields, of those that a write sends, that the list tells otherwise; a field that it leaves out is
 * no null.
 */
function toldOtherwise(listed: JsonObject, own: JsonObject): string[] {
  return [...bodySchemas.keys()].filter(
    (name) => !sameValue(ownValue(listed, name), ownValue(own, name)),
  );
}
