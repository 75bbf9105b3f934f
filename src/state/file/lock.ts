// One writer per state directory: the holder answers on a local socket who it is, and the
// kernel lets go of it with the process, however that ends. No lock file, so none can be stale.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { hideOnDisk } from '../../base/secrets.ts';
import { type Holder, StateTakenError, type UnknownHolder, unknownHolder } from '../holder.ts';

export interface LockOptions {
  readonly directory: string;
  /** The command that takes the lock, for the message to the next one: `run`, `apply`. */
  readonly command: string;
  /** For the message where another process has it; absent: that of a command that takes --state. */
  readonly advice?: string | undefined;
  readonly since: Date;
  readonly platform: NodeJS.Platform;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock, or throws a `StateTakenError` that names its holder.
 *
 * It sees only what shares the socket's name: not another host on a network volume, nor a container
 * with a network namespace of its own (Linux) or temporary directory of its own (macOS) that mounts
 * the same volume. A directory that is moved away and made again is another directory.
 */
export async function takeLock(options: LockOptions): Promise<Lock> {
  const address = await lockAddress(options);
  const holder = describeSelf(options);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const server = await listen(address, hideOnDisk(`${JSON.stringify(holder)}\n`));
    if (server !== null) return { release: () => close(server) };
    const answer = await askHolder(address);
    if (answer.kind === 'held') throw taken(options, answer.holder);
    // There is no listener: the holder left meanwhile, or, where the address is a file, was killed. Two who
    // clear that file within the same milliseconds could both go on; Linux and Windows have no file.
    if (isSocketFile(options.platform)) await rm(address, { force: true });
  }
  throw taken(options, null);
}

function taken({ directory, advice }: LockOptions, holder: Holder | null): StateTakenError {
  return new StateTakenError(`the state directory ${directory}`, holder, advice);
}

/** Who has the lock; null where it is free, as far as this host and network namespace can see. */
export async function findHolder(
  place: Pick<LockOptions, 'directory' | 'platform'>,
): Promise<Holder | UnknownHolder | null> {
  const answer = await askHolder(await lockAddress(place));
  return answer.kind === 'nobody' ? null : (answer.holder ?? unknownHolder);
}

/** By device and inode, so that every path to the directory, links included, is one lock. */
async function lockAddress({
  directory,
  platform,
}: Pick<LockOptions, 'directory' | 'platform'>): Promise<string> {
  const { dev, ino } = statSync(directory, { bigint: true });
  const identity = createHash('sha256').update(`${dev}:${ino}`).digest('hex');
  // macOS allows a socket's path 103 bytes, of which its temporary directory takes about 50.
  const name = `widget-sync-${identity.slice(0, 24)}`;
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return isSocketFile(platform) ? join(tmpdir(), `${name}.sock`) : `\0${name}`;
}

/** Only Linux has socket names outside the file system. */
function isSocketFile(platform: NodeJS.Platform): boolean {
  return platform !== 'linux' && platform !== 'android' && platform !== 'win32';
}

function describeSelf({ command, since }: LockOptions): Holder {
  return { pid: process.pid, host: hostname(), command, since: since.toISOString() };
}

/** The listening server, or null when the address is taken. */
function listen(address: string, answer: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => tell(socket, answer));
    server.unref();
    server.once('error', (error) =>
      codeOf(error) === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => {
      // The bound name is the lock: a connection that cannot be accepted costs only an explanation.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

function tell(socket: Socket, answer: string): void {
  // Who asks may be gone already. It must neither crash the holder nor keep it from leaving.
  socket.on('error', () => socket.destroy());
  socket.unref();
  socket.end(answer, () => socket.destroy());
}

type Answer =
  | { readonly kind: 'held'; readonly holder: Holder | null }
  | { readonly kind: 'nobody' };

const answerTimeoutMs = 1_000;
const longestAnswer = 4_096;

function askHolder(address: string): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    socket.setEncoding('utf8');
    // A stopped process (SIGSTOP, a debugger) holds the lock too but cannot answer.
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestAnswer) socket.destroy();
    });
    socket.on('error', (error) => {
      if (isNobody(error)) resolve({ kind: 'nobody' });
    });
    socket.on('close', () => resolve({ kind: 'held', holder: parseHolder(text) }));
  });
}

function isNobody(error: Error): boolean {
  return ['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '');
}

/** Null for anything but the answer of a widget-sync: the name may be taken by another program. */
function parseHolder(text: string): Holder | null {
  try {
    const { pid, host, command, since } = JSON.parse(text);
    return typeof pid === 'number' &&
      [host, command, since].every((part) => typeof part === 'string')
      ? { pid, host, command, since }
      : null;
  } catch {
    return null;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
