// The log: JSON lines for machines, one readable line each for people. Whatever is written passes
// the filter that hides the key, and is on its way to the kernel before the call returns.
import { createRequire } from 'node:module';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { prettyFactory } from 'pino-pretty';
import { codeOf } from './errors.ts';
import type { LogLevel } from './log-levels.ts';
import { hideSecrets } from './secrets.ts';
import { StalledReader } from './stalled-reader.ts';
import { printable, withoutHidden } from './text.ts';

export type Log = Logger;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly colour: boolean;
}

/** The stream that the lines of a log go to. */
export type LogStream = DestinationStream;

/** One whose lines may wait for a reader. */
export interface DescriptorStream extends LogStream {
  readonly isStalled: () => boolean;
}

/**
 * A file descriptor: 1 for the daemon, 2 where stdout carries results. `onTrouble` is told each time a
 * line could not be written, and with null once all that waited has been.
 */
export function logStreamTo(
  descriptor: 1 | 2,
  onTrouble: (error: Error | null) => void,
): DescriptorStream {
  // The default destination buffers, and loses what it holds when the process is killed.
  const destination = pino.destination({
    dest: descriptor,
    sync: true,
    maxLength: longestBacklog,
    // By default it would sleep until the reader takes something, and the process with it.
    retryEAGAIN: () => false,
  });
  const reader = new StalledReader({ tryAgain: () => destination.write(''), onTrouble });
  // A full disk under the log must not end the daemon. What waits goes out with the next line that can.
  let hasDropped = false;
  destination.on('error', (error) => {
    if (codeOf(error) === 'EAGAIN') reader.stalled(error);
    else onTrouble(error);
  });
  destination.on('drop', () => {
    hasDropped = true;
  });
  destination.on('write', () => {
    reader.moved();
    if (!hasDropped) onTrouble(null);
  });
  return {
    write: (line) => destination.write(line),
    isStalled: () => reader.isStalled,
  };
}

/** Bytes of lines that wait for a disk to have room again, or a reader to read; the rest is lost. */
const longestBacklog = 1024 * 1024;

/** Errors belong under `err`, everything else into fields; the message stays the same words each time. */
export function createLog(destination: LogStream, { level, format, colour }: LogOptions): Log {
  const stream = format === 'json' ? destination : prettyStream(destination, colour);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => withoutHidden(hideSecrets(line)) },
    },
    stream,
  );
}

const require = createRequire(import.meta.url);

function prettyStream(destination: LogStream, colour: boolean): LogStream {
  // With the first line only: most one-shot commands print none, and loading it takes as long as reading
  // a thousand widget files.
  let prettify: ReturnType<typeof prettyFactory> | null = null;
  return {
    write(line) {
      prettify ??= loadPretty(colour);
      destination.write(prettify(line));
    },
  };
}

function loadPretty(colour: boolean): ReturnType<typeof prettyFactory> {
  const pretty: { prettyFactory: typeof prettyFactory } = require('pino-pretty');
  return pretty.prettyFactory({
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    hideObject: true,
    messageFormat: (line, messageKey) => printable(String(line[messageKey])) + describeFields(line),
  });
}

const notFields = new Set(['time', 'level', 'msg']);

/** The fields of a line as `name=value`, the stack of an error below them. */
function describeFields(line: Record<string, unknown>): string {
  const parts = Object.entries(line)
    .filter(([name, value]) => !notFields.has(name) && name !== 'err' && value !== null)
    .map(([name, value]) => ` ${name}=${fieldText(value)}`);
  const stack = (line['err'] as { stack?: string } | undefined)?.stack;
  return (
    parts.join('') + (stack === undefined ? '' : `\n${stack.split('\n').map(printable).join('\n')}`)
  );
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.map(fieldText).join(',');
  if (typeof value !== 'string') return printable(JSON.stringify(value) ?? String(value));
  return /^[^\s"=]+$/.test(value) ? printable(value) : printable(JSON.stringify(value));
}
