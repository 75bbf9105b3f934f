// stdout and stderr of this process, and what is said of one that cannot be written: a full disk, a
// reader that has left, a terminal that was closed. None of them keeps a command from its work.
import { fstatSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { codeOf, messageOf } from '../errors.ts';
import { type LogStream, logStreamTo } from '../log.ts';
import type { TextStream } from './outputs.ts';

type Descriptor = 1 | 2;

const both = [
  [process.stdout, 1],
  [process.stderr, 2],
] as const;

export interface ProcessOutputs {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly logStreamTo: (descriptor: Descriptor) => LogStream;
  /** Resolves when everything written so far has left, or cannot any more. */
  flush(): Promise<void>;
  /** Whether something could not be said. */
  hasLost(): boolean;
}

/** `onLogGone`: the daemon's log has nobody left who could read it. */
export function openProcessOutputs(onLogGone: () => void): ProcessOutputs {
  const lost = new Set<Descriptor>();
  let isLogWaiting = false;
  const open = (stream: NodeJS.WriteStream, descriptor: Descriptor): TextStream => {
    const lose = (error: unknown) => {
      if (lost.has(descriptor)) return;
      lost.add(descriptor);
      if (descriptor === 1) stderr.write(lossLine('stdout', error, workGoesOn));
    };
    stream.on('error', lose);
    const write = isFile(descriptor)
      ? (text: string) => writeWhole(descriptor, text)
      : (text: string) => stream.write(text);
    const writeOrLose = (text: string) => {
      // What came behind a gap would only be half a line or half a document.
      if (lost.has(descriptor)) return;
      try {
        write(text);
      } catch (error) {
        lose(error);
      }
    };
    return { write: writeOrLose, isTTY: stream.isTTY === true, columns: stream.columns };
  };
  const stderr = open(process.stderr, 2);
  const stdout = open(process.stdout, 1);

  /** The daemon's log waits for a disk to have room again; what nobody reads any more ends it. */
  const missLog = (error: Error | null) => {
    if (error === null || lost.has(1)) {
      isLogWaiting = false;
      return;
    }
    const isGone = isNobodyThere(error);
    if (isGone) lost.add(1);
    if (!isLogWaiting) {
      stderr.write(
        lossLine('the log', error, isGone ? 'stopping' : 'the run goes on, its lines wait'),
      );
    }
    isLogWaiting = true;
    if (isGone) onLogGone();
  };

  return {
    stdout,
    stderr,
    logStreamTo: (descriptor) =>
      logStreamTo(descriptor, (error) => {
        if (descriptor === 1) missLog(error);
        else if (error !== null) lost.add(descriptor);
      }),
    async flush() {
      // In this order, since the end of one may have to be said on the other.
      for (const [stream, descriptor] of both) {
        if (isFile(descriptor)) continue;
        await new Promise<void>((resolve) => stream.write('', () => resolve()));
        await setImmediate();
      }
    },
    hasLost: () => lost.size > 0 || isLogWaiting,
  };
}

const workGoesOn = 'what was begun is finished all the same';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  EFBIG: 'the file may not grow',
  EPIPE: 'its reader has left',
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
