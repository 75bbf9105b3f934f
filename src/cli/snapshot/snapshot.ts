// `snapshot`: reads the account as `plan` does, and writes what may be published of it.
import { dirname } from 'node:path';
import { replaceOutput } from '../../base/atomic-file.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import type { SnapshotValues } from '../../model/snapshot/snapshot.ts';
import { formatSnapshot, formatSnapshotWidget } from '../../plan/snapshot/format-snapshot.ts';
import { takeSnapshot } from '../../plan/snapshot/take-snapshot.ts';
import { lookOnce } from '../../sync/loop/look-once.ts';
import type { Sight } from '../../sync/loop/run-pass.ts';
import { showProblems } from '../commands/one-pass.ts';
import { openLog } from '../logging.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { openForReading, type ReadingParts } from '../wiring/wire.ts';

export interface SnapshotRequest extends Request {
  readonly values: SnapshotValues;
  /** Null: it is printed. */
  readonly output: string | null;
}

export async function snapshot(
  request: SnapshotRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const { values, output } = request;
  const read = { ...request, settings: { ...request.settings, live: 'auto' as const } };
  const log = openLog(read.settings, context, 'json');
  const parts = await openForReading(read, log, context);
  try {
    parts.events.subscribe(showProblems(parts.directory, context));
    const text = await textOf(parts, values, context);
    if (output === null) context.stdout.write(text);
    else await writeTo(output, text);
    return parts.events.hasBug ? exitCode.failed : exitCode.ok;
  } finally {
    await parts.close();
  }
}

async function textOf(
  { directory, state, live, events }: ReadingParts,
  values: SnapshotValues,
  { clock, stop, account }: ProcessContext,
): Promise<string> {
  const time = clock.now();
  const onLoaded = (tree: Sight['tree']) => events.emit({ kind: 'files-loaded', tree });
  const seen = await lookOnce(onLoaded, stop, { directory, state, live, clock, onWait: () => {} });
  if (seen === null) throw new UsageError('stopped before the snapshot was taken');
  if (seen.live.isBlind) {
    throw new UsageError(
      'a snapshot is of what is live, and this key may not read the account: use one that may',
    );
  }
  const { documents: desired, held, isEdited, revision } = seen.tree;
  const views = { desired, held, applied: state.records, live: seen.live };
  const widgets = takeSnapshot({ ...views, ...(isEdited && { isEdited }) }, values);
  const lines = Array.from(widgets, formatSnapshotWidget);
  const whose = account === undefined ? {} : { account: account.name };
  return formatSnapshot({ time, version, revision, ...whose, values }, lines);
}

async function writeTo(path: string, text: string): Promise<void> {
  try {
    await replaceOutput(path, text);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? `there is no ${dirname(path)}` : messageOf(error);
    throw new UsageError(`--output: ${printable(path)} cannot be written: ${printable(why)}`);
  }
}
