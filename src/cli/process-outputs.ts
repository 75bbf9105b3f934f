// stdout and stderr of this process, and what is said of one that cannot be written: a full disk, a
// reader that has left, a terminal that was closed. None of them keeps a command from its work.
import { fstatSync, writeSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { codeOf, messageOf } from '../base/errors.ts';
import { type DescriptorStream, type LogStream, logStreamTo } from '../base/log.ts';
import type { TextStream } from './output-streams.ts';

type Descriptor = 1 | 2;

const streams = { 1: process.stdout, 2: process.stderr } as const;

export interface ProcessOutputs {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly logStreamTo: (descriptor: Descriptor) => LogStream;
  /**
   * Resolves when everything written so far has left, or cannot any more: readers may take their time,
   * but once the process is told to stop only `flushDeadlineMs`.
   */
  flush(stop: AbortSignal): Promise<void>;
  /** Whether something could not be said. */
  hasLost(): boolean;
}

/** `onLogGone`: no reader of the daemon's log is left. */
export function openProcessOutputs(onLogGone: () => void): ProcessOutputs {
  const lost = new Set<Descriptor>();
  const stderr = openStream(2, lost, () => {});
  const sayLoss = (what: string, error: unknown, then: string) =>
    stderr.write(lossLine(what, error, then));
  const stdout = openStream(1, lost, (error) => sayLoss('stdout', error, workGoesOn));
  const logs = new Map<Descriptor, DescriptorStream>();
  let isLogWaiting = false;

  /** The daemon's log waits for a disk to have room again; a log without readers ends it. */
  const watchLog = (error: Error | null) => {
    const isSaid = isLogWaiting;
    isLogWaiting = error !== null;
    if (error === null || lost.has(1)) return;
    const isGone = isNobodyThere(error);
    if (!isSaid) sayLoss('the log', error, isGone ? 'stopping' : 'the run goes on, its lines wait');
    if (!isGone) return;
    lost.add(1);
    onLogGone();
  };

  return {
    stdout,
    stderr,
    logStreamTo: (descriptor) => {
      const log = logStreamTo(descriptor, (error) => {
        if (descriptor === 1) watchLog(error);
        else if (error !== null && codeOf(error) !== 'EAGAIN') lost.add(descriptor);
      });
      logs.set(descriptor, log);
      return log;
    },
    flush: async (stop) => {
      const late = deadlineAfter(stop);
      for (const [descriptor, log] of logs) {
        await whileStalled(log, late);
        if (!log.isStalled()) continue;
        if (descriptor === 1 && !isLogWaiting) sayLoss('the log', stalled, workGoesOn);
        lost.add(descriptor);
      }
      await Promise.race([flushStreams(), late]);
    },
    hasLost: () => lost.size > 0 || isLogWaiting,
  };
}

/** `onLoss` is called once, and nothing more is written from then on. */
function openStream(
  descriptor: Descriptor,
  lost: Set<Descriptor>,
  onLoss: (error: unknown) => void,
): TextStream {
  const stream = streams[descriptor];
  const lose = (error: unknown) => {
    if (lost.has(descriptor)) return;
    lost.add(descriptor);
    onLoss(error);
  };
  stream.on('error', lose);
  const isWrittenHere = isFile(descriptor);
  return {
    write(text) {
      // Text behind a gap would only be half a line or half a document.
      if (lost.has(descriptor)) return;
      try {
        if (isWrittenHere) writeWhole(descriptor, text);
        else stream.write(text);
      } catch (error) {
        lose(error);
      }
    },
    isTTY: stream.isTTY === true,
    columns: stream.columns,
  };
}

/** For what a reader has not taken when the process is told to stop. */
const flushDeadlineMs = 2_000;
const lookAgainMs = 20;

async function deadlineAfter(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) {
    await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  }
  await setTimeout(flushDeadlineMs);
}

async function whileStalled(log: DescriptorStream, late: Promise<void>): Promise<void> {
  let isLate = false;
  void late.then(() => {
    isLate = true;
  });
  while (!isLate && log.isStalled()) await setTimeout(lookAgainMs);
}

async function flushStreams(): Promise<void> {
  // In this order, since the loss of the one is said on the other.
  for (const descriptor of [1, 2] as const) {
    if (isFile(descriptor)) continue;
    await new Promise<void>((resolve) => streams[descriptor].write('', () => resolve()));
    await setImmediate();
  }
}

const stalled = Object.assign(new Error('it takes nothing'), { code: 'EAGAIN' });
const workGoesOn = 'what was begun is finished all the same';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  EFBIG: 'the file may not grow',
  EPIPE: 'its reader has left',
  EAGAIN: 'its reader takes nothing',
  EIO: 'its terminal or disk is gone',
};

function lossLine(what: string, error: unknown, then: string): string {
  const code = codeOf(error);
  const reason = code === null ? messageOf(error) : `${reasons[code] ?? 'it failed'}, ${code}`;
  return `widget-sync: ${what} cannot be written (${reason}): ${then}\n`;
}

function isNobodyThere(error: Error): boolean {
  return ['EPIPE', 'EIO', 'ENXIO', 'EBADF'].includes(codeOf(error) ?? '');
}

function isFile(descriptor: Descriptor): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
}

/** Node's own stream takes it for written when a disk took the first half of a text. */
function writeWhole(descriptor: Descriptor, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written);
  }
}
