// Errors of the database, in words that say what to do. None of them holds a password or a record.
import { codeOf, messageOf, StateError, UsageError } from '../../../base/errors.ts';
import { noTls } from './open-connection.ts';

/** `what` names what could not be done: `cannot write the state record of …`. */
export function storeFailure(what: string, error: unknown): StateError | UsageError {
  if (error instanceof StateError || error instanceof UsageError) return error;
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const message = messageOf(first);
  const advice = message === noTls ? noTlsAdvice : adviceFor(codeOf(first) ?? '');
  return new StateError(`${what}: ${advice} (${message})`, { cause: error });
}

const noTlsAdvice = 'the server has no TLS; set it up there, or let PGSSLMODE be prefer';

/**
 * Codes of the system, and of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function adviceFor(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'no PostgreSQL answers there; start it, or mend PGHOST and PGPORT';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host of PostgreSQL is not known; mend PGHOST';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'CERT_HAS_EXPIRED':
      return 'the server cannot prove who it is; mend PGSSLROOTCERT, or the name in PGHOST';
    case '28000':
    case '28P01':
      return 'PostgreSQL does not let this user in; mend PGUSER, and PGPASSWORD or PGPASSFILE';
    case '3D000':
      return 'there is no such database; make it, or mend PGDATABASE';
    case '3F000':
    case '42P01':
    case '42703':
      return 'the store was not made in this database; make it with: widget-sync store init';
    case '23503':
      return 'nothing was ever kept for this account: it begins with the first run or apply';
    case '42501':
      return 'this user of PostgreSQL may not do that; see "The database" in docs/scale.md';
    case '25P03':
      return 'this process stood still amid it, and PostgreSQL has given it up; nothing of it was done';
    case '55P03':
      return 'somebody else keeps what it needs locked; try it again';
    case '25006':
      return 'this server is a standby, or read-only; let PGHOST lead to the primary';
    case '53100':
      return 'no space is left on the disk of PostgreSQL; free some';
    case '53300':
      return 'PostgreSQL takes no more connections; raise max_connections, or give a pooler with --pooler';
    case '57P01':
    case '57P02':
    case '57P03':
      return 'PostgreSQL is being stopped or started; it is tried again';
    default:
      return 'PostgreSQL did not do it; mend the cause, and it is done once it is tried again';
  }
}
