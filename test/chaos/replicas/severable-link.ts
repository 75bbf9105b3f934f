// A link between a process and a server that can be severed: then nothing passes and nobody is told, as where a
// cable was pulled.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface SeverableLink {
  readonly port: number;
  readonly isSevered: boolean;
  sever(): void;
  /** What was open meanwhile is reset, and what comes next passes again. */
  join(): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function openLink(toPort: number): Promise<SeverableLink> {
  const sockets = new Set<Socket>();
  let isSevered = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    // Either end may be reset; the other one is then closed, too.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (isSevered) socket.pause();
  };
  const server = createServer((near) => {
    keep(near);
    if (isSevered) return;
    const far = connect(toPort, host);
    keep(far);
    // Nor does either end hear meanwhile that the other one is gone.
    near.on('close', () => isSevered || far.destroy());
    far.on('close', () => isSevered || near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: portOf(server),
    get isSevered() {
      return isSevered;
    },
    sever() {
      isSevered = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    join() {
      if (!isSevered) return;
      isSevered = false;
      reset();
    },
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}
