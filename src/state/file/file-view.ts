// The state directory for who only looks at it, beside the process that holds it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StateError } from '../../base/errors.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { printable } from '../../base/text.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { apiUrlOf } from '../format/api-url-of.ts';
import { Applied, withoutConfirmed } from '../record-index.ts';
import type { AppliedState, FoundStatus, StateOptions, StateView } from '../state-store.ts';
import { isStatusOfAnother, parseStatus } from '../status-format.ts';
import { readAllowedChanges, writeApproval } from './decisions.ts';
import { findHolder } from './lock.ts';
import { refuseMoved } from './move/move-marks.ts';
import { takeForgetAnswer, withdrawForgetOrder, writeForgetOrder } from './orders/forget-orders.ts';
import { isResyncOpen, withdrawResyncOrder, writeResyncOrder } from './orders/resync-orders.ts';
import { readHistory } from './read-history.ts';
import {
  listRecords,
  type ReadOptions,
  readRecords,
  readRecordsOf,
  recordsDirectory,
  searchRecords,
} from './read-records.ts';
import { stateFailure } from './state-failure.ts';
import { readStateFile } from './state-file.ts';
import { readLearntLimit } from './usage/learnt-limit.ts';
import { readEarlierRequests } from './usage/rate-usage.ts';

/** Opens nothing yet: each answer is read when it is asked for. */
export function lookAtState(options: StateOptions): StateView {
  const { directory, apiUrl, clock } = options;
  let read: Promise<AppliedState> | null = null;
  const applied = () => {
    read ??= readState(options);
    return read;
  };
  return {
    requireState: () => requireStateDirectory(directory),
    apiUrls: () => readApiUrls(directory),
    applied,
    search: (text) => searchRecords(options, text),
    recordsOf: (widgetIds) => readRecordsOf(widgetIds, options),
    recordedIds: () => readRecordedIds(directory),
    history: (request) => readHistory(directory, request),
    status: () => readStatus(directory, apiUrl),
    holder: () => findHolder({ directory, platform: process.platform }),
    async allowedChanges() {
      return withoutConfirmed(await readAllowedChanges(options), await applied());
    },
    earlierRequestsMs: (rate) => readEarlierRequests({ directory, rate, clock }),
    learntLimit: () => readLearntLimit(options),
    approve: (checksum) => writeApproval(directory, { checksum, time: clock.now() }),
    orderForget: (widgetIds) => writeForgetOrder(directory, widgetIds, clock.now()),
    forgetAnswer: (id) => takeForgetAnswer(directory, id),
    withdrawForget: (id) => withdrawForgetOrder(directory, id),
    orderResync: () => writeResyncOrder(directory, clock.now()),
    isResyncTaken: async (id) => !isResyncOpen(directory, id),
    withdrawResync: (id) => withdrawResyncOrder(directory, id),
  };
}

/** Takes no lock, creates nothing, writes nothing. */
export async function readState(options: ReadOptions): Promise<AppliedState> {
  await refuseMoved(options.directory);
  return new Applied(await readRecords(options), options);
}

async function requireStateDirectory(directory: string): Promise<void> {
  try {
    await stat(directory);
    await refuseMoved(directory);
  } catch (error) {
    if (error instanceof StateError) throw error;
    if (codeOf(error) !== 'ENOENT') {
      throw stateFailure(`cannot read the state directory ${directory}`, error);
    }
    throw new StateError(
      `there is no state directory ${printable(directory)}: nothing was applied yet, or --state names another`,
    );
  }
}

async function readRecordedIds(directory: string): Promise<WidgetId[]> {
  const records = await listRecords(directory);
  return records.flatMap(({ name }) => parseWidgetId(name.slice(0, -'.json'.length)) ?? []);
}

export const statusFile = (directory: string) =>
  [join(directory, 'status.json'), 'the status'] as const;

/** Throws `StateError` where the file is there and cannot be read. */
export async function readStatus(directory: string, apiUrl: string): Promise<FoundStatus> {
  const [path, what] = statusFile(directory);
  const text = await readStateFile(path, what);
  if (text === null) return { status: null, damaged: null };
  const status = parseStatus(text, apiUrl);
  const isDamaged = status === null && !isStatusOfAnother(text, apiUrl);
  return { status, damaged: isDamaged ? path : null };
}

/** The file store's `StateView.apiUrls`. */
export async function* readApiUrls(directory: string): AsyncGenerator<string> {
  const [status] = statusFile(directory);
  const ofLastPass = await apiUrlIn(status);
  if (ofLastPass !== null) yield ofLastPass;
  for (const entry of await listRecords(directory)) {
    const path = join(recordsDirectory(directory), entry.name);
    const apiUrl = entry.isFile() ? await apiUrlIn(path) : null;
    if (apiUrl !== null) yield apiUrl;
  }
}

/** Null where the file does not tell. What cannot be read is reported by those who need more of it. */
async function apiUrlIn(path: string): Promise<string | null> {
  try {
    return apiUrlOf(await readRegular(path));
  } catch (error) {
    if (codeOf(error) !== null) return null;
    throw error;
  }
}
