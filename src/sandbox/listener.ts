// The port of a sandbox: taken, given up for a while, taken again, and freed in the end.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { codeOf, UsageError } from '../base/errors.ts';

export const host = '127.0.0.1';

export interface Listener {
  readonly port: number;
  /** Cuts every connection and refuses new ones for so long; does nothing while that is so already. */
  refuseFor(forMs: number): void;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

/** Throws `UsageError` when it cannot listen on `wantedPort`; 0 takes any free one. */
export async function openListener(server: Server, wantedPort: number): Promise<Listener> {
  const port = await listen(server, wantedPort);
  const closing = new AbortController();
  let outage: Promise<void> | null = null;

  const comeBack = async (forMs: number) => {
    await systemClock.sleep(forMs, closing.signal);
    while (!closing.signal.aborted) {
      const isBack = await listen(server, port).then(
        () => true,
        () => false,
      );
      if (isBack) return;
      // Somebody else took the port meanwhile: to its client the sandbox is still away.
      await systemClock.sleep(100, closing.signal);
    }
  };

  return {
    port,
    refuseFor(forMs) {
      if (outage !== null) return;
      outage = closeServer(server)
        .then(() => comeBack(forMs))
        .finally(() => {
          outage = null;
        });
    },
    async close() {
      closing.abort();
      // Else it could begin to listen again after it was closed.
      await outage;
      await closeServer(server);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(error, port));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: Error, port: number): Error {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UsageError(
        `Port ${port} on ${host} is in use. Stop what listens there, or choose another port (0 takes any free one).`,
      );
    case 'EACCES':
      return new UsageError(
        `Port ${port} on ${host} may not be used by this user. Choose one above 1023.`,
      );
    default:
      return error;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The callback's only error says that the server is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
