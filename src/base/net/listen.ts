// Ports of loopback: taken, and freed in the end.
import type { AddressInfo, Server } from 'node:net';
import { codeOf, UsageError } from '../errors.ts';

/** No other machine reaches it. */
export const loopback = '127.0.0.1';

/** Resolves with the port; 0 takes any free one. Throws `UsageError` where it cannot be listened on. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(error, port));
    server.once('error', fail);
    server.listen(port, loopback, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: Error, port: number): Error {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UsageError(
        `Port ${port} on ${loopback} is in use. Stop what listens there, or choose another port (0 takes any free one).`,
      );
    case 'EACCES':
      return new UsageError(
        `Port ${port} on ${loopback} may not be used by this user. Choose one above 1023.`,
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
