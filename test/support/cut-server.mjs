// A server in a network of its own, whose link goes down and up again when it is told to.
import { execFileSync } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

const [, , road, cert, key] = process.argv;
const ip = (line) => execFileSync('ip', line.split(' '), { stdio: 'inherit' });
const create = road === 'https' ? createHttpsServer : createHttpServer;

const server = create({ cert, key }, async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const { name } = JSON.parse(body);
  process.send({ received: name });
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ success: true, data: { id: '3c90c3cc-0d44-4b50-8888-8dd25736052a', name } }),
  );
});

// A connection that is idle as seen from here would be closed during the cut, and nothing arrive on it.
server.keepAliveTimeout = 0;

const orders = {
  start() {
    ip('address add 10.77.0.2/24 dev s0');
    ip('link set s0 up');
    server.listen(8080, '10.77.0.2', () => process.send({ done: 'start' }));
  },
  cut() {
    ip('link set s0 down');
    process.send({ done: 'cut' });
  },
  mend() {
    ip('link set s0 up');
    process.send({ done: 'mend' });
  },
};

process.on('message', (order) => orders[order]());
process.on('disconnect', () => process.exit());
