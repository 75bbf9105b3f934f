// What stands between a command and https://api.example.test on a real network: a proxy that opens
// tunnels, and a server that speaks TLS in front of the sandbox.
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';

export const tlsHost = 'api.example.test';

/** Self-signed for `tlsHost`, valid until 2126; guards nothing. */
export const tlsCertificate = `-----BEGIN CERTIFICATE-----
MIIBqjCCAVCgAwIBAgIUQ+4rGJbOVxb6pyJrVXZmbsoYGjQwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQYXBpLmV4YW1wbGUudGVzdDAgFw0yNjExMjIxMTM3MjdaGA8y
MTI2MTAyOTExMzcyN1owGzEZMBcGA1UEAwwQYXBpLmV4YW1wbGUudGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABKZTONaT7tmBEgyoQq7cXaTuet+XmGii38zb
3suCXfGbn2aJgGe3ehj5raK2TWgaaJObAuLhC9g+YU+c6EhMMqyjcDBuMB0GA1Ud
DgQWBBRiGwzxZnQYkBCp6uulgY9WEvWhCDAfBgNVHSMEGDAWgBRiGwzxZnQYkBCp
6uulgY9WEvWhCDAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEGFwaS5leGFt
cGxlLnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIhALeTHuBSHlJW1Qo3qIqHiVhzogcn
Br1+WrnPIo1ApeBiAiB5CfY4B+gjfUMFDGAIKUS5QiMORHoE2Uz8cu6NmZto0Q==
-----END CERTIFICATE-----
`;

export const tlsKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgesDT2yGIRRf2p8rU
GR6pyUI/kUQS+MUYbzp83sGShcyhRANCAASmUzjWk+7ZgRIMqEKu3F2k7nrfl5ho
ot/M297Lgl3xm59miYBnt3oY+a2itk1oGmiTmwLi4QvYPmFPnOhITDKs
-----END PRIVATE KEY-----
`;

/** Listens with TLS and passes everything on to a port on loopback. Gives its own port. */
export function startTlsFront(toPort: number): Promise<number> {
  const server = createTlsServer({ cert: tlsCertificate, key: tlsKey }, (socket) =>
    join(socket, connect(toPort, '127.0.0.1')),
  );
  return listen(server);
}

export interface Proxy {
  readonly port: number;
  /** Every tunnel that was asked for. */
  readonly tunnels: { readonly line: string; readonly authorization: string | undefined }[];
  /** From now on nobody listens. */
  close(): void;
}

/**
 * A CONNECT proxy whose every tunnel leads to one port on loopback, whatever was asked for, and
 * takes `delayMs` to open.
 */
export async function startProxy(toPort: number, delayMs = 0): Promise<Proxy> {
  const tunnels: { line: string; authorization: string | undefined }[] = [];
  const server: HttpServer = createServer();
  const sockets = new Set<Socket>();
  server.on('connect', async (request, socket: Socket) => {
    const authorization = request.headers['proxy-authorization'];
    tunnels.push({ line: `${request.method} ${request.url}`, authorization });
    sockets.add(socket);
    await systemClock.sleep(delayMs);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(socket, connect(toPort, '127.0.0.1'));
  });
  const port = await listen(server);
  return {
    port,
    tunnels,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Passes bytes both ways; the end of one is the end of the other. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

function listen(server: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
