// The snapshot that `plan --snapshot` names, from a file or an address, as far as it may be believed.
import { open } from 'node:fs/promises';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Snapshot } from '../../model/snapshot/snapshot.ts';
import { durationText } from '../../render/time.ts';
import type { ProcessContext } from '../process-context.ts';
import { largestSnapshot, parseSnapshot } from './parse-snapshot.ts';

export interface SnapshotAsked {
  /** A path, or an address: https, or http of this machine. */
  readonly from: string;
  /** An older one is refused; null: none is too old. */
  readonly maxAgeMs: number | null;
}

/** Throws `UsageError`: one sentence for each way in which it may be wrong. */
export async function loadSnapshot(
  { from, maxAgeMs }: SnapshotAsked,
  timeoutMs: number,
  context: Pick<ProcessContext, 'env' | 'clock' | 'stop'>,
): Promise<Snapshot> {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(from);
  const text = isAddress ? await fetchText(from, timeoutMs, context) : await readText(from);
  const name = isAddress ? withoutQuery(from) : from;
  const parsed = parseSnapshot(text, context.clock.now());
  if ('refusal' in parsed) {
    throw new UsageError(`--snapshot: ${printable(name)} ${printable(parsed.refusal)}`);
  }
  const { snapshot } = parsed;
  const ageMs = ageOf(snapshot, context);
  if (maxAgeMs !== null && ageMs > maxAgeMs) {
    const age = durationText(Math.round(ageMs / 1000));
    throw new UsageError(
      `--snapshot: ${printable(name)} is ${age} old, and --max-age allows ${durationText(Math.round(maxAgeMs / 1000))}: take it anew`,
    );
  }
  return snapshot;
}

export function ageOf(
  { time }: Pick<Snapshot, 'time'>,
  { clock }: Pick<ProcessContext, 'clock'>,
): number {
  return Math.max(0, clock.now().getTime() - time.getTime());
}

async function fetchText(
  from: string,
  timeoutMs: number,
  { env, clock, stop }: Pick<ProcessContext, 'env' | 'clock' | 'stop'>,
): Promise<string> {
  const { getText, publicAddress } = await import('../../api/public/get-text.ts');
  const address = publicAddress(from);
  if (address === null) {
    throw new UsageError(
      '--snapshot: expected a file, or an https address without a password (http is for this machine alone)',
    );
  }
  try {
    return await getText(address, { env, clock, timeoutMs, stop });
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(`--snapshot: ${printable(error.message)}`);
    throw error;
  }
}

/** Reads no more than may be: it may be any file. */
async function readText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(largestSnapshot + 1);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > largestSnapshot) {
        throw new UsageError(`--snapshot: ${printable(path)} is larger than 16 MiB, which none is`);
      }
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new UsageError(`--snapshot: ${printable(path)} is no snapshot: it is no UTF-8 text`);
    }
    if (codeOf(error) === null) throw error;
    throw new UsageError(
      `--snapshot: ${printable(path)} cannot be read: ${printable(messageOf(error))}`,
    );
  }
}

function withoutQuery(address: string): string {
  return address.split(/[?#]/, 1)[0] ?? address;
}
