// `notify --test`: a sample to each target of the file, and what came back. Sends nothing else.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openPoster } from '../../api/post.ts';
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { version } from '../../base/version.ts';
import { readNotifyFile } from '../../observe/notify/read-notify-file.ts';
import { sampleMessage, sendSample } from '../../observe/notify/sample.ts';
import { type ExitCode, exitCode, type ProcessContext } from '../process-context.ts';
import { postTimeoutMs } from '../wiring/notify-run.ts';
import { checkProcess } from '../wiring/secrets-check.ts';

export interface NotifyRequest {
  /** Null where none was named. */
  readonly file: string | null;
  readonly isTest: boolean;
}

export async function notifyTest(
  { file, isTest }: NotifyRequest,
  { env, clock, stdout, stderr, stop }: ProcessContext,
): Promise<ExitCode> {
  if (!isTest) {
    throw new UsageError('notify sends nothing by itself: notify --test sends a sample');
  }
  if (file === null) {
    throw new UsageError(
      'there is nobody to send it to: give --notify <file>, or set WIDGET_SYNC_NOTIFY',
    );
  }
  checkProcess({ env });
  const targets = readNotifyFile(file, (says) => stderr.write(`${printable(says)}\n`));
  const poster = openPoster({ env, clock, version, timeoutMs: postTimeoutMs });
  const message = sampleMessage({ id: randomUUID(), time: clock.now(), host: hostname() });
  try {
    const results = await Promise.all(
      targets.map(async (target) => {
        const result = await sendSample(message, target, poster, stop);
        const what = result.isTaken ? 'sent' : 'failed';
        stdout.write(`${printable(`${target.name} (${target.to}): ${what}, ${result.says}`)}\n`);
        return result.isTaken;
      }),
    );
    return results.every((isTaken) => isTaken) ? exitCode.ok : exitCode.failed;
  } finally {
    await poster.close();
  }
}
