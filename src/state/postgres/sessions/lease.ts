// One account held by one command for as long as it runs, by a session of its own.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../base/clock.ts';
import { TenureLostError } from '../../../base/errors.ts';
import type { ReplicaSession } from '../../../replicas/replica-store.ts';
import { adviceForAccount, StateTakenError } from '../../holder.ts';
import type { Tenure } from '../../tenure.ts';
import type { Database } from '../database/database.ts';
import { findHolder } from './holder-of.ts';
import { PostgresReplicas } from './postgres-replicas.ts';

/** The right to write an account, with what whoever uses it has to say. */
export interface Lease {
  readonly tenure: Tenure;
  /** A write was refused. */
  refused(why: TenureLostError): void;
  /** Lets the account go. Never rejects. */
  release(): Promise<void>;
}

export interface LeaseRequest {
  readonly account: string;
  /** As which others are told of this process. */
  readonly command: string;
  readonly version: string;
}

const beatMs = 1000;
/** Shorter than the silence after which PostgreSQL ends the session. */
const holdMs = 3000;

/** Throws `StateTakenError` where another process holds it, and `StateError`. */
export async function takeLease(database: Database, request: LeaseRequest): Promise<Lease> {
  const { account, command, version } = request;
  const replicas = new PostgresReplicas(database, command);
  const beganMs = systemClock.monotonicMs();
  const session = await replicas.begin({ replica: randomUUID(), host: hostname(), version });
  try {
    const [answer] = await session.claim([account]);
    if (answer?.kind === 'claimed') return new SessionLease(session, answer.token, beganMs);
    const holder = await findHolder(database, account);
    const known = holder === null || holder.pid === null ? null : holder;
    throw new StateTakenError(`the account ${account}`, known, adviceForAccount(account));
  } catch (error) {
    await session.end();
    throw error;
  }
}

class SessionLease implements Lease {
  readonly tenure: Tenure;
  readonly #session: ReplicaSession;
  readonly #over = new AbortController();
  #beatMs: number;

  constructor(session: ReplicaSession, token: string, beganMs: number) {
    this.#session = session;
    this.#beatMs = beganMs;
    this.tenure = { token, isMine: () => this.#isMine(), ended: this.#over.signal };
    session.ended.addEventListener('abort', () => this.#end('its session on PostgreSQL is over'));
    void this.#beat();
  }

  refused(why: TenureLostError): void {
    this.#over.abort(why);
  }

  async release(): Promise<void> {
    this.#end('it was let go');
    await this.#session.end();
  }

  #isMine(): boolean {
    if (systemClock.monotonicMs() - this.#beatMs >= holdMs) {
      this.#end('PostgreSQL did not answer in time');
    }
    return !this.#over.signal.aborted;
  }

  async #beat(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const sentMs = systemClock.monotonicMs();
      try {
        await this.#session.beat();
      } catch (error) {
        this.#end(`PostgreSQL did not answer (${String(error)})`);
        return;
      }
      if (!this.#isMine()) return;
      this.#beatMs = sentMs;
      await sleep(beatMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #end(why: string): void {
    this.#over.abort(new TenureLostError(why));
  }
}
