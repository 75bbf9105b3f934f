// Orders of people that all that is live be looked at, each a file that the process which holds the state takes away.
// Their names end otherwise than those of orders to forget.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../../base/atomic-file.ts';
import { codeOf } from '../../../base/errors.ts';
import { formatResyncOrder, parseResyncTime } from '../../format/order-format.ts';
import { orderValidMs } from '../../state-store.ts';
import { stateFailure } from '../state-failure.ts';
import { readStateFile, replaceStateFile } from '../state-file.ts';
import { ordersDirectory } from './forget-orders.ts';

const ending = '.resync';

const orderIn = (directory: string, id: string) =>
  join(ordersDirectory(directory), `${id}${ending}`);

/** Resolves with its id. Throws `StateError`. */
export async function writeResyncOrder(directory: string, time: Date): Promise<string> {
  const id = randomUUID();
  try {
    await makeDirectory(ordersDirectory(directory));
  } catch (error) {
    throw stateFailure(`cannot make ${ordersDirectory(directory)}`, error);
  }
  await replaceStateFile(orderIn(directory, id), 'the order', formatResyncOrder(time));
  return id;
}

/** Whether there was one that counts at `now`; all go. Throws `StateError`. */
export async function takeResyncOrders(directory: string, now: Date): Promise<boolean> {
  let isAsked = false;
  for (const id of openOrders(directory)) {
    const text = await readStateFile(orderIn(directory, id), 'the order');
    const time = text === null ? null : parseResyncTime(text);
    const isValid = time !== null && Math.abs(now.getTime() - time.getTime()) <= orderValidMs;
    // Whoever takes it away has it: here, or who left it.
    if ((await withdrawResyncOrder(directory, id)) && isValid) isAsked = true;
  }
  return isAsked;
}

export function isResyncOpen(directory: string, id: string): boolean {
  return existsSync(orderIn(directory, id));
}

/** False where it is taken, or gone. Throws `StateError`. */
export async function withdrawResyncOrder(directory: string, id: string): Promise<boolean> {
  const path = orderIn(directory, id);
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw stateFailure(`cannot take back the order ${path}`, error);
  }
}

function openOrders(directory: string): string[] {
  const orders = ordersDirectory(directory);
  try {
    // At once: it is asked each second for each account, and hardly any has ever had an order.
    if (!existsSync(orders)) return [];
    const names = readdirSync(orders).filter((name) => name.endsWith(ending));
    return names.map((name) => name.slice(0, -ending.length));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw stateFailure(`cannot read ${orders}`, error);
  }
}
