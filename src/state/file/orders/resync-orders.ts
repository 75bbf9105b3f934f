// Orders of people that all that is live be looked at, each a file that the process which holds the state takes away.
// Their names end otherwise than those of orders to forget.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatResyncOrder, parseResyncTime } from '../../format/order-format.ts';
import { orderValidMs } from '../../state-store.ts';
import { readStateFile } from '../state-file.ts';
import { leaveOrder, orderNames, ordersDirectory, removeOrder } from './order-files.ts';

const ending = '.resync';

const orderIn = (directory: string, id: string) =>
  join(ordersDirectory(directory), `${id}${ending}`);

/** Resolves with its id. Throws `StateError`. */
export async function writeResyncOrder(directory: string, time: Date): Promise<string> {
  const id = randomUUID();
  await leaveOrder(directory, orderIn(directory, id), formatResyncOrder(time));
  return id;
}

/** Whether there was one that counts at `now`; all go. Throws `StateError`. */
export async function takeResyncOrders(directory: string, now: Date): Promise<boolean> {
  let isAsked = false;
  for (const name of orderNames(directory, ending)) {
    const path = join(ordersDirectory(directory), name);
    const text = await readStateFile(path, 'the order');
    const time = text === null ? null : parseResyncTime(text);
    const isValid = time !== null && Math.abs(now.getTime() - time.getTime()) <= orderValidMs;
    // Whoever takes it away has it: here, or who left it.
    if ((await removeOrder(path)) && isValid) isAsked = true;
  }
  return isAsked;
}

export function isResyncOpen(directory: string, id: string): boolean {
  return existsSync(orderIn(directory, id));
}

/** False where it is taken, or gone. Throws `StateError`. */
export function withdrawResyncOrder(directory: string, id: string): Promise<boolean> {
  return removeOrder(orderIn(directory, id));
}
