// Sockets whose requests can be taken back. A socket that is merely closed leaves what was written to the
// kernel, which goes on delivering it for minutes; one that is reset takes back all that has not arrived.
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

const open = new Set<Socket>();

// Who is told a second time to stop leaves at once, whatever is in flight.
process.on('exit', () => {
  for (const socket of open) socket.resetAndDestroy();
});

/** The sockets of one client; undici closes them. */
export class ResettableSockets {
  #isGivingUp = false;

  /** Does what undici's own connector does; `timeoutMs` bounds each of its steps. */
  connector(timeoutMs: number): buildConnector.connector {
    const toServer = buildConnector({ timeout: timeoutMs });
    const toTls = buildConnector({ timeout: timeoutMs });
    return (to, callback) => {
      // TLS sockets cannot be reset, and one that undici makes hides the socket below it.
      const plain = { ...to, protocol: 'http:', port: to.port || defaultPort(to.protocol) };
      toServer(plain, (...[error, socket]: Parameters<buildConnector.Callback>) => {
        if (error !== null) return callback(error, null);
        this.#adopt(socket);
        if (to.protocol === 'https:') toTls({ ...to, httpSocket: socket }, callback);
        else callback(null, socket);
      });
    };
  }

  /** Aborts a request and resets the connection that it is on, if it has left. */
  giveUp(request: AbortController): void {
    // undici closes that connection at once, and with it the one below TLS or a tunnel.
    this.#isGivingUp = true;
    try {
      request.abort();
    } finally {
      this.#isGivingUp = false;
    }
  }

  #adopt(socket: Socket): void {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const close = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      if (!this.#isGivingUp || socket.destroyed) return close(error);
      // Calls `destroy` again, of which undici is not to hear without its reason.
      socket.destroy = () => close(error);
      return socket.resetAndDestroy();
    };
  }
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80';
}
