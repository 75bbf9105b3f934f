// Ports of this machine: taken, and freed in the end.
import type { AddressInfo, Server } from 'node:net';
import { codeOf, UsageError } from '../errors.ts';

/** No other machine reaches it. */
export const loopback = '127.0.0.1';

export interface ListenAddress {
  /** An address of this machine; `0.0.0.0` or `::` for all of them. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Resolves with the port; 0 takes any free one. Throws `UsageError` where it cannot be listened on. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return listenAt(server, { host: loopback, port });
}

/** As `listenOnLoopback`, at any address. */
export function listenAt(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(error, { host, port }));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: Error, { host, port }: ListenAddress): Error {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UsageError(
        `Port ${port} on ${host} is in use. Stop what listens there, or choose another port (0 takes any free one).`,
      );
    case 'EACCES':
      return new UsageError(
        `Port ${port} on ${host} may not be used by this user. Choose one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new UsageError(
        `This machine has no address ${host}. Choose one of its own, 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses.`,
      );
    default:
      return error;
  }
}

/** Cuts every connection at once. May be called again. */
export function closeServer(server: Server & { closeAllConnections(): void }): Promise<void> {
  return new Promise((resolve) => {
    // The callback's only error says that the server is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
