// One account held by one command for as long as it runs, by a session of its own.
import { randomUUID } from 'node:crypto';
import { hostname, uptime } from 'node:os';
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
  /**
   * Where a session is ended though its process is well and cannot learn of it, that process may for so long
   * let leave what its page names: its own clock alone stops it. Absent: 0.
   */
  readonly mayLeaveMs?: number;
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
  const began = now();
  const session = await replicas.begin({ replica: randomUUID(), host: hostname(), version });
  try {
    const [answer] = await session.claim([account]);
    if (answer?.kind === 'claimed') return new SessionLease(session, answer.token, began);
    const holder = await findHolder(database, account);
    const known = holder === null || holder.pid === null ? null : holder;
    throw new StateTakenError(`the account ${account}`, known, adviceForAccount(account));
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** On clocks of which one may stand still while a machine sleeps, and another may be set back. */
type Moment = readonly [monotonicMs: number, bootMs: number, wallMs: number];

function now(): Moment {
  return [systemClock.monotonicMs(), uptime() * 1000, systemClock.now().getTime()];
}

/** On the one that has moved furthest. */
function passedMs(from: Moment): number {
  const to = now();
  return Math.max(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
}

class SessionLease implements Lease {
  readonly tenure: Tenure;
  readonly #session: ReplicaSession;
  readonly #over = new AbortController();
  /** Before the last beat that succeeded was sent. */
  #heard: Moment;

  constructor(session: ReplicaSession, token: string, began: Moment) {
    this.#session = session;
    this.#heard = began;
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
    if (passedMs(this.#heard) >= holdMs) this.#end('PostgreSQL did not answer in time');
    return !this.#over.signal.aborted;
  }

  async #beat(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const sent = now();
      try {
        await this.#session.beat();
      } catch (error) {
        this.#end(`PostgreSQL did not answer (${String(error)})`);
        return;
      }
      if (!this.#isMine()) return;
      this.#heard = sent;
      await sleep(beatMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #end(why: string): void {
    this.#over.abort(new TenureLostError(why));
  }
}
