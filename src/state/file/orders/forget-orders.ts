// Orders of people to the process that holds the state, each a file that it answers by replacing it. Whatever
// is damaged orders nothing, and goes.
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../base/errors.ts';
import type { WidgetId } from '../../../model/widget.ts';
import {
  formatForgetAnswer,
  formatForgetOrder,
  parseForgetAnswer,
  parseForgetOrder,
} from '../../format/order-format.ts';
import { type ForgetAnswer, type ForgetOrder, orderValidMs } from '../../state-store.ts';
import { stateFailure } from '../state-failure.ts';
import { readStateFile, removeStateFile, replaceStateFile } from '../state-file.ts';
import { leaveOrder, orderNames, ordersDirectory, removeOrder } from './order-files.ts';

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
  const [path] = orderIn(directory, id);
  await leaveOrder(directory, path, formatForgetOrder({ widgetIds, time }));
  return id;
}

/** Those that count at `now` and have no answer, oldest first; the others go. Throws `StateError`. */
export async function readForgetOrders(directory: string, now: Date): Promise<ForgetOrder[]> {
  const found: ForgetOrder[] = [];
  for (const name of orderNames(directory, '.json')) {
    const path = join(ordersDirectory(directory), name);
    const text = await readStateFile(path, 'the order');
    if (text === null) continue;
    const order = parseForgetOrder(
      text,
      name.slice(0, -(name.endsWith(taken) ? taken : '.json').length),
    );
    const ageMs = order === null ? null : now.getTime() - order.time.getTime();
    if (order === null || ageMs === null || Math.abs(ageMs) > orderValidMs) {
      await removeStateFile(path, 'the order');
    } else if (parseForgetAnswer(text) === null) found.push(order);
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
  answer: ForgetAnswer,
): Promise<void> {
  const text = await readStateFile(...takenIn(directory, id));
  const order = text === null ? null : parseForgetOrder(text, id);
  if (order === null) return;
  await replaceStateFile(...takenIn(directory, id), formatForgetAnswer(order, answer));
}

/** The answer goes once it is read; null: none yet. Throws `StateError`. */
export async function takeForgetAnswer(
  directory: string,
  id: string,
): Promise<ForgetAnswer | null> {
  const text = await readStateFile(...takenIn(directory, id));
  const answer = text === null ? null : parseForgetAnswer(text);
  if (answer !== null) await removeStateFile(...takenIn(directory, id));
  return answer;
}

/** False where it is taken, or gone. Throws `StateError`. */
export function withdrawForgetOrder(directory: string, id: string): Promise<boolean> {
  const [path] = orderIn(directory, id);
  return removeOrder(path);
}
