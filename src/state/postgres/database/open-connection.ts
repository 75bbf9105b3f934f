// One connection, encrypted as PGSSLMODE wants it.
import pg, { type Client, type ClientConfig } from 'pg';
import { codeOf } from '../../../base/errors.ts';

export interface Way extends ClientConfig {
  /** A server that has no TLS, or does not want it of this user, is come to without: `prefer`. */
  readonly isPlainEnough: boolean;
}

/** The server's own watch over a connection: where a process's machine is gone, it ends after a few seconds. */
export const watch = `
  set tcp_keepalives_idle = 1;
  set tcp_keepalives_interval = 1;
  set tcp_keepalives_count = 2`;

/** Rejects as the client library does. */
export async function openConnection({ isPlainEnough, ...config }: Way): Promise<Client> {
  try {
    return await connect(config);
  } catch (error) {
    if (!isPlainEnough || config.ssl === false || !isAboutTls(error)) throw error;
    return await connect({ ...config, ssl: false });
  }
}

async function connect(config: ClientConfig): Promise<Client> {
  const client = new pg.Client(config);
  // One that is ended while nothing is asked refuses what is asked next.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

/** Said by the client library where the server has none, by TLS itself, and by rules of the server for it. */
function isAboutTls(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  const hasNone = error instanceof Error && error.message === noTls;
  return hasNone || code === '28000' || code === 'EPROTO' || /^ERR_(SSL|TLS)_/.test(code);
}

/** As the client library says it. */
export const noTls = 'The server does not support SSL connections';
