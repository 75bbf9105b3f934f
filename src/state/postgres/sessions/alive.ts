// Which sessions are alive: those whose lock is held, and nothing else tells.
import { lockClass } from '../database/schema.ts';

/**
 * A select of `number` and `pid`: the locks of living sessions, whose rows were there before their locks
 * were seen.
 */
export const aliveSessions = `
  select l.objid::int as number, l.pid from pg_locks l
  where l.locktype = 'advisory' and l.classid = ${lockClass} and l.objsubid = 2
    and l.mode = 'ExclusiveLock' and l.granted
    and l.database = (select oid from pg_database where datname = current_database())`;

/**
 * Whether nobody has the lock of the session, of this very moment, as a lock that others may take beside
 * this one tells: it is free again with the end of the statement. A session's own lock is free to itself.
 */
export const isGone = (number: string) =>
  `pg_try_advisory_xact_lock_shared(${lockClass}, ${number})`;
