// A read in another spelling than writes were confirmed in, as of an API that normalises what it shows.
import { isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { bodyFields } from '../../model/widget.ts';

/** The answer to a read with each text that a write can set trimmed and in lower case. */
export function respelledAnswer(body: Buffer): Buffer {
  const envelope: Json = JSON.parse(body.toString());
  const data = isJsonObject(envelope) ? envelope['data'] : undefined;
  if (!isJsonObject(envelope) || !isJsonObject(data)) return body;
  const { items } = data;
  const shown = Array.isArray(items)
    ? { ...data, items: items.map(respelledItem) }
    : respelled(data);
  return Buffer.from(JSON.stringify({ ...envelope, data: shown }));
}

function respelledItem(item: Json): Json {
  return isJsonObject(item) ? respelled(item) : item;
}

function respelled(widget: JsonObject): JsonObject {
  const set = Object.entries(widget).filter(([name]) => bodyFields.includes(name));
  return { ...widget, ...Object.fromEntries(set.map(([name, value]) => [name, plain(value)])) };
}

function plain(value: Json): Json {
  if (typeof value === 'string') return value.trim().toLowerCase();
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
