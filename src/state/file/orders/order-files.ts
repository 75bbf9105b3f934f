// Where orders of people lie, and what holds of each kind of them: a file that nobody else names so.
import { existsSync, readdirSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../../base/atomic-file.ts';
import { codeOf } from '../../../base/errors.ts';
import { stateFailure } from '../state-failure.ts';
import { replaceStateFile } from '../state-file.ts';

export const ordersDirectory = (directory: string) => join(directory, 'orders');

/** `path`: below the folder of orders, which is made where there is none. Throws `StateError`. */
export async function leaveOrder(directory: string, path: string, text: string): Promise<void> {
  const orders = ordersDirectory(directory);
  try {
    await makeDirectory(orders);
  } catch (error) {
    throw stateFailure(`cannot make ${orders}`, error);
  }
  await replaceStateFile(path, 'the order', text);
}

/** False where it is taken, or gone. Throws `StateError`. */
export async function removeOrder(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw stateFailure(`cannot take back the order ${path}`, error);
  }
}

/** The names that end so, but for files that are being written. Throws `StateError`. */
export function orderNames(directory: string, ending: string): string[] {
  const orders = ordersDirectory(directory);
  try {
    // At once: it is asked each second for each account, and hardly any has ever had an order.
    if (!existsSync(orders)) return [];
    return readdirSync(orders).filter((name) => name.endsWith(ending) && !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw stateFailure(`cannot read ${orders}`, error);
  }
}
