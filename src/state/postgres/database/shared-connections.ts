// Connections that statements share, so many at most. Who comes while all of them are busy waits for a turn,
// however long that takes: to be busy is no failure. Where PostgreSQL answers nobody any more, all who wait
// are told with the one who found it.
import type { Socket } from 'node:net';
import pg, { type Client } from 'pg';
import { StateError } from '../../../base/errors.ts';

export interface SharingOptions {
  /** Rejects where there is no connection to be had. */
  readonly open: () => Promise<Client>;
  readonly most: number;
}

/** One that nobody uses for so long is closed. */
const idleMs = 10_000;

interface Waiting {
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
}

export class SharedConnections {
  readonly #options: SharingOptions;
  /** Those that nobody uses, the one that was used last at the end. */
  readonly #idle = new Map<Client, NodeJS.Timeout>();
  readonly #waiting: Waiting[] = [];
  #busy = 0;
  /** How many uses have ended well. */
  #done = 0;
  #closing: { readonly closed: Promise<void>; readonly end: () => void } | null = null;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  /** One whose use fails is used by nobody else. Rejects as `act` and `open` do. */
  async use<Done>(act: (client: Client) => Promise<Done>): Promise<Done> {
    await this.#turn();
    const doneBefore = this.#done;
    let client: Client | null = null;
    try {
      client = this.#takeIdle() ?? (await this.#open());
      const done = await act(client);
      this.#done += 1;
      this.#keep(client);
      return done;
    } catch (error) {
      if (client !== null) discard(client);
      if (isSilence(error) && this.#done === doneBefore) {
        for (const { fail } of this.#waiting.splice(0)) fail(error);
      }
      throw error;
    } finally {
      this.#next();
    }
  }

  /** Once all that was begun has ended. */
  async close(): Promise<void> {
    if (this.#closing === null) {
      let end = () => {};
      const closed = new Promise<void>((resolve) => {
        end = resolve;
      });
      this.#closing = { closed, end };
      for (const client of this.#idle.keys()) this.#drop(client);
      if (this.#busy === 0) end();
    }
    await this.#closing.closed;
  }

  #turn(): Promise<void> {
    if (this.#closing !== null) throw new StateError('the connections to PostgreSQL are closed');
    if (this.#busy < this.#options.most) {
      this.#busy += 1;
      return Promise.resolve();
    }
    return new Promise((go, fail) => this.#waiting.push({ go, fail }));
  }

  /** Hands the turn on. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) return next.go();
    this.#busy -= 1;
    if (this.#busy === 0) this.#closing?.end();
  }

  #takeIdle(): Client | null {
    const client = [...this.#idle.keys()].at(-1);
    if (client === undefined) return null;
    clearTimeout(this.#idle.get(client));
    this.#idle.delete(client);
    socketOf(client).ref();
    return client;
  }

  async #open(): Promise<Client> {
    const client = await this.#options.open();
    client.once('end', () => this.#drop(client));
    return client;
  }

  #keep(client: Client): void {
    if (this.#closing !== null && this.#waiting.length === 0) return discard(client);
    const timer = setTimeout(() => this.#drop(client), idleMs).unref();
    this.#idle.set(client, timer);
    // Who only looks ends without waiting for a connection that nobody uses.
    socketOf(client).unref();
  }

  #drop(client: Client): void {
    clearTimeout(this.#idle.get(client));
    if (this.#idle.delete(client)) discard(client);
  }
}

/** Whether no server has said this: it may be gone for all. */
function isSilence(error: unknown): boolean {
  const first = error instanceof StateError ? error.cause : error;
  return first !== undefined && !(first instanceof pg.DatabaseError);
}

function socketOf({ connection }: Client): Socket {
  return connection.stream as Socket;
}

function discard(client: Client): void {
  client.end().catch(() => undefined);
}
