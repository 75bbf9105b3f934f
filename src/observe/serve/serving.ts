// A server beside a daemon: it listens before the daemon begins, so that a port in use is noticed first, and
// shows the daemon once there is one. Whatever becomes of it later, the daemon goes on.
import { sharedController } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { ListenAddress } from '../../base/net/listen.ts';
import { Timers } from '../../base/timers.ts';
import type { Listener } from '../../sync/events.ts';
import { OpenPages } from '../web/open-pages.ts';
import { startWebServer, type WebServer } from '../web/web-server.ts';
import { OperatorSource } from './operator-source.ts';
import { Readiness } from './readiness.ts';
import { type Served, serveApp } from './serve-app.ts';
import type { ServeDeps } from './serve-deps.ts';
import { WordOfChanges } from './word-of-changes.ts';

export interface ServingOptions {
  readonly address: ListenAddress;
  /** Names by which browsers may ask, beside those of loopback. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  /** The server itself has failed. */
  readonly onTrouble: (error: unknown) => void;
}

export interface Serving {
  /** The port that it listens at. */
  readonly port: number;
  /** Shows this daemon from now on; what is returned hears of all that happens there. */
  show(deps: ServeDeps): Listener;
  /** Cuts every connection at once. May be called again. */
  close(): Promise<void>;
}

/** Throws `UsageError` when it cannot listen at the address. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { address, hosts, clock, onTrouble } = options;
  let served: Served | null = null;
  const app = serveApp({ hosts, served: () => served });
  const server: WebServer = await startWebServer(app.fetch, { address, onTrouble });
  const pages = new OpenPages(clock);
  const stopping = sharedController();
  const timers = new Timers(clock, stopping.signal);
  void pages.ended.catch(onTrouble);
  return {
    port: server.port,
    show(deps) {
      const source = new OperatorSource(deps);
      const readiness = new Readiness();
      const word = new WordOfChanges({ clock, timers, pages, news: () => [source.edition] });
      served = { deps, source, readiness, pages };
      return (event) => {
        readiness.hear(event);
        source.hear(event);
        if (event.kind === 'status-changed') word.changed();
      };
    },
    async close() {
      stopping.abort();
      pages.stop();
      await server.close();
    },
  };
}
