// Orders of people to the process that holds the state, each a file that it answers by replacing it. Whatever
// is damaged orders nothing, and goes.
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../../base/atomic-file.ts';
import { codeOf } from '../../../base/errors.ts';
import { isJsonObject, type Json, parseJson } from '../../../base/json/json.ts';
import { parseWidgetId, type WidgetId } from '../../../model/widget.ts';
import {
  type ForgetAnswer,
  type ForgetOrder,
  type ForgetRefusal,
  orderValidMs,
} from '../../state-store.ts';
import { stateFailure } from '../state-failure.ts';
import { readStateFile, removeStateFile, replaceStateFile } from '../state-file.ts';

export const ordersDirectory = (directory: string) => join(directory, 'orders');

const orderIn = (directory: string, id: string) =>
  [join(ordersDirectory(directory), `${id}.json`), 'the order'] as const;

/** Resolves with its id. Throws `StateError`. */
export async function writeForgetOrder(
  directory: string,
  widgetIds: readonly WidgetId[],
  time: Date,
): Promise<string> {
  const id = randomUUID();
  try {
    await makeDirectory(ordersDirectory(directory));
  } catch (error) {
    throw stateFailure(`cannot make ${ordersDirectory(directory)}`, error);
  }
  const order = { order: 'forget', widget_ids: widgetIds, time: time.toISOString() };
  await replaceStateFile(...orderIn(directory, id), `${JSON.stringify(order)}\n`);
  return id;
}

/** Those that count at `now` and have no answer, oldest first; the others go. Throws `StateError`. */
export async function readForgetOrders(directory: string, now: Date): Promise<ForgetOrder[]> {
  const found: ForgetOrder[] = [];
  for (const id of await orderIds(directory)) {
    const text = await readStateFile(...orderIn(directory, id));
    if (text === null) continue;
    const order = parseOrder(text, id);
    const ageMs = order === null ? null : now.getTime() - order.time.getTime();
    if (order === null || ageMs === null || Math.abs(ageMs) > orderValidMs) {
      await removeStateFile(...orderIn(directory, id));
    } else if (parseAnswer(text) === null) found.push(order);
  }
  return found.sort((a, b) => a.time.getTime() - b.time.getTime());
}

/** Throws `StateError`. An order that was taken back meanwhile is answered all the same, and goes later. */
export async function writeForgetAnswer(
  directory: string,
  id: string,
  { forgotten, refused }: ForgetAnswer,
): Promise<void> {
  const text = await readStateFile(...orderIn(directory, id));
  const order = text === null ? null : parseOrder(text, id);
  if (order === null) return;
  const answered = {
    order: 'forget',
    widget_ids: order.widgetIds,
    time: order.time.toISOString(),
    forgotten,
    refused: refused.map(({ widgetId, why }) => ({ widget_id: widgetId, why })),
  };
  await replaceStateFile(...orderIn(directory, id), `${JSON.stringify(answered)}\n`);
}

/** Null: none yet. Throws `StateError`. */
export async function readForgetAnswer(
  directory: string,
  id: string,
): Promise<ForgetAnswer | null> {
  const text = await readStateFile(...orderIn(directory, id));
  return text === null ? null : parseAnswer(text);
}

/** Throws `StateError`; that there is none is fine. */
export async function removeForgetOrder(directory: string, id: string): Promise<void> {
  await removeStateFile(...orderIn(directory, id));
}

async function orderIds(directory: string): Promise<string[]> {
  try {
    const names = await readdir(ordersDirectory(directory));
    return names
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => name.slice(0, -'.json'.length));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw stateFailure(`cannot read ${ordersDirectory(directory)}`, error);
  }
}

function parseOrder(text: string, id: string): ForgetOrder | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['order'] !== 'forget') return null;
  const widgetIds = idsOf(stored['widget_ids']);
  const time = new Date(typeof stored['time'] === 'string' ? stored['time'] : Number.NaN);
  return widgetIds === null || Number.isNaN(time.getTime()) ? null : { id, widgetIds, time };
}

function parseAnswer(text: string): ForgetAnswer | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const forgotten = idsOf(stored['forgotten']);
  const refused = stored['refused'];
  if (forgotten === null || !Array.isArray(refused)) return null;
  return { forgotten, refused: refused.flatMap(refusalOf) };
}

function refusalOf(stored: Json): ForgetRefusal[] {
  if (!isJsonObject(stored)) return [];
  const widgetId = parseWidgetId(stored['widget_id']);
  const { why } = stored;
  return widgetId === null || typeof why !== 'string' ? [] : [{ widgetId, why }];
}

function idsOf(stored: Json | undefined): WidgetId[] | null {
  if (!Array.isArray(stored)) return null;
  const ids = stored.flatMap((one) => parseWidgetId(one) ?? []);
  return ids.length === stored.length ? ids : null;
}
