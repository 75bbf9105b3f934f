// One account held by one command for as long as it runs, by a session of its own.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { systemBootMs, systemClock } from '../../../base/clock.ts';
import type { TenureLostError } from '../../../base/errors.ts';
import { momentOf } from '../../../replicas/furthest-clock.ts';
import { keepSession } from '../../../replicas/keep-session.ts';
import { SessionTenure, SessionTerm, sessionRules } from '../../../replicas/session-tenure.ts';
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

const clock = { ...systemClock, bootMs: systemBootMs };

/** Throws `StateTakenError` where another process holds it, and `StateError`. */
export async function takeLease(database: Database, request: LeaseRequest): Promise<Lease> {
  const { account, command, version } = request;
  const { beatMs, holdMs } = sessionRules;
  const replicas = new PostgresReplicas(database, command);
  const term = new SessionTerm(clock, holdMs, momentOf(clock));
  const session = await replicas.begin({ replica: randomUUID(), host: hostname(), version });
  try {
    const [answer] = await session.claim([account]);
    if (answer?.kind === 'claimed') {
      const tenure = new SessionTenure(answer.token, term);
      void keepSession({ session, term, clock, beatMs }).then((why) => tenure.end(why));
      return {
        tenure,
        refused: (why) => tenure.refused(why),
        async release() {
          tenure.end('it was let go');
          term.end();
          await session.end();
        },
      };
    }
    const holder = await findHolder(database, account);
    const known = holder === null || holder.pid === null ? null : holder;
    throw new StateTakenError(`the account ${account}`, known, adviceForAccount(account));
  } catch (error) {
    await session.end();
    throw error;
  }
}
