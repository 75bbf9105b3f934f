// Orders of people to the process that holds the state, each a file that it answers by replacing it. Whatever
// is damaged orders nothing, and goes.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
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

/** A name of its own: one rename decides whether an order is taken or taken back. */
const takenIn = (directory: string, id: string) =>
  [join(ordersDirectory(directory), `${id}${taken}`), 'the order'] as const;

const taken = '.taken.json';

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
  for (const name of orderNames(directory)) {
    const path = join(ordersDirectory(directory), name);
    const text = await readStateFile(path, 'the order');
    if (text === null) continue;
    const order = parseOrder(text, name.slice(0, -(name.endsWith(taken) ? taken : '.json').length));
    const ageMs = order === null ? null : now.getTime() - order.time.getTime();
    if (order === null || ageMs === null || Math.abs(ageMs) > orderValidMs) {
      await removeStateFile(path, 'the order');
    } else if (parseAnswer(text) === null) found.push(order);
  }
  return found.sort((a, b) => a.time.getTime() - b.time.getTime());
}

/** Whether it is to be carried out: it was not taken back. Throws `StateError`. */
export async function takeForgetOrder(directory: string, id: string): Promise<boolean> {
  const [path] = orderIn(directory, id);
  const [to] = takenIn(directory, id);
  try {
    await rename(path, to);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw stateFailure(`cannot take the order ${path}`, error);
    // One that an earlier process took, and did not live to answer.
    return (await readStateFile(...takenIn(directory, id))) !== null;
  }
}

/** Of an order that was taken. Throws `StateError`. */
export async function writeForgetAnswer(
  directory: string,
  id: string,
  { forgotten, refused }: ForgetAnswer,
): Promise<void> {
  const text = await readStateFile(...takenIn(directory, id));
  const order = text === null ? null : parseOrder(text, id);
  if (order === null) return;
  const answered = {
    order: 'forget',
    widget_ids: order.widgetIds,
    time: order.time.toISOString(),
    forgotten,
    refused: refused.map(({ widgetId, why }) => ({ widget_id: widgetId, why })),
  };
  await replaceStateFile(...takenIn(directory, id), `${JSON.stringify(answered)}\n`);
}

/** The answer goes once it is read; null: none yet. Throws `StateError`. */
export async function takeForgetAnswer(
  directory: string,
  id: string,
): Promise<ForgetAnswer | null> {
  const text = await readStateFile(...takenIn(directory, id));
  const answer = text === null ? null : parseAnswer(text);
  if (answer !== null) await removeStateFile(...takenIn(directory, id));
  return answer;
}

/** False where it is taken, or gone. Throws `StateError`. */
export async function withdrawForgetOrder(directory: string, id: string): Promise<boolean> {
  const [path] = orderIn(directory, id);
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw stateFailure(`cannot take back the order ${path}`, error);
  }
}

function orderNames(directory: string): string[] {
  try {
    // At once: it is asked each second for each account, and hardly any has ever had an order.
    const orders = ordersDirectory(directory);
    if (!existsSync(orders)) return [];
    const names = readdirSync(orders);
    return names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
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
