// One cut of a network around a PUT that is given up, by the built client, in a network of its own: `unshare -n`
// starts it. Prints what the server received, in order. Beside it goes a control, whose socket is closed and not
// reset: that one has to arrive late, or the cut was none.
import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';

const { road, cutMs, giveUpMs, cert, key } = JSON.parse(process.argv[2]);
const root = join(import.meta.dirname, '../..');
const load = (path) => import(join(root, 'build', path));
const { createWidgetApi } = await load('api/client.js');
const { openApiKey } = await load('api/api-key.js');
const { openSockets } = await load('api/sockets/http-pool.js');
const { systemClock } = await load('base/clock.js');

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const widgetId = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
const serverMac = '02:00:00:00:00:02';
const origin = `${road}://10.77.0.2:8080`;
const ip = (line) => execFileSync('ip', line.split(' '), { stdio: 'inherit' });

const script = join(import.meta.dirname, 'cut-server.mjs');
const server = spawn('unshare', ['-n', process.execPath, script, road, cert, key], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const received = [];
const heard = new EventEmitter();
server.on('message', (message) => {
  if ('received' in message) received.push(message.received);
  heard.emit(message.done ?? message.received);
});
const tell = async (order) => {
  const done = once(heard, order);
  server.send(order);
  await done;
};

ip('link set lo up');
// The server is in its network as soon as it can be told anything.
await once(server, 'spawn');
await untilUnshared(server.pid);
ip(`link add c0 type veth peer name s0 address ${serverMac} netns ${server.pid}`);
ip('address add 10.77.0.1/24 dev c0');
ip('link set c0 up');
// Without it the kernel may forget during the cut where the server is, and then packets wait for up to three
// seconds until it has asked again: these would arrive whatever became of their connection.
ip(`neighbour replace 10.77.0.2 lladdr ${serverMac} dev c0 nud permanent`);
await tell('start');

const sockets = openSockets(giveUpMs);
const api = (timeoutMs) =>
  createWidgetApi({
    ...{ baseUrl: origin, timeoutMs, sockets, clock: systemClock, proxy: null, version: '1' },
    key: openApiKey({ kind: 'value', value: 'in-0123456789abcdef0123456789' }),
  });
const put = (name, timeoutMs) =>
  api(timeoutMs).putWidget(widgetId, { widget_type: 'chat', name }, new AbortController().signal);

const closing = new Agent();
const control = (name, signal) =>
  closing.request({
    ...{ origin, path: `/${widgetId}`, method: 'PUT', signal },
    body: JSON.stringify({ name }),
  });

await untilAnswered('first');
await (await control('control')).body.dump();

await tell('cut');
const mended = sleep(cutMs);
const older = put('older', giveUpMs).then(
  () => 'answered',
  () => 'given up',
);
const late = control('late control', AbortSignal.timeout(giveUpMs)).catch(() => 'given up');
const ends = await Promise.all([older, late]);
await mended;
const arrival = once(heard, 'late control', { signal: AbortSignal.timeout(30_000) });
arrival.catch(() => {});
await tell('mend');
await untilAnswered('newer');
if (!received.includes('late control')) await arrival.catch(() => {});
// The kernel would have tried the other one at about the same moments.
await sleep(3000);
process.stdout.write(`${JSON.stringify({ ends, received })}\n`);
server.disconnect();
await sockets.close();
await closing.destroy();

async function untilAnswered(name) {
  for (;;) {
    const end = await put(name, 3000).then(
      () => 'answered',
      () => 'again',
    );
    if (end === 'answered') return;
  }
}

async function untilUnshared(pid) {
  const own = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' });
  while (execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' }) === own) {
    await sleep(20);
  }
}
