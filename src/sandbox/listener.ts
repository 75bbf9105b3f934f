// The port of a sandbox: taken, given up for a while, taken again, and freed in the end.
import type { Server } from 'node:http';
import { systemClock } from '../base/clock.ts';
import { closeServer, listenOnLoopback } from '../base/net/listen.ts';

export interface Listener {
  readonly port: number;
  /** Cuts every connection and refuses new ones for so long; does nothing while that is so already. */
  refuseFor(forMs: number): void;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

/** Throws `UsageError` when it cannot listen on `wantedPort`; 0 takes any free one. */
export async function openListener(server: Server, wantedPort: number): Promise<Listener> {
  const port = await listenOnLoopback(server, wantedPort);
  const closing = new AbortController();
  let outage: Promise<void> | null = null;

  const comeBack = async (forMs: number) => {
    await systemClock.sleep(forMs, closing.signal);
    while (!closing.signal.aborted) {
      const isBack = await listenOnLoopback(server, port).then(
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
