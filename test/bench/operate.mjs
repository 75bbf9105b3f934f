// What being watched costs: two daemons among the same files, one of them with a page that 50 people have
// open, a scrape each second and three dead targets of notifications. They are edited in turn.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../build/base/clock.js';
import { sandboxKey, startSandbox } from '../../build/sandbox/start-sandbox.js';

const entry = new URL('../../dist/main.js', import.meta.url).pathname;
const pages = 50;

/** `widgets`: id and fields of each, `makeFiles(directory)` writes them, `edit(directory, n)` changes one. */
export async function measureWatched({ root, widgets, makeFiles, edit, rounds, print }) {
  const targets = await deadTargets();
  const plain = await startDaemon(join(root, 'plain'), { widgets, makeFiles, flags: [] });
  const notify = writeTargets(join(root, 'targets'), targets.addresses);
  const watched = await startDaemon(join(root, 'watched'), {
    ...{ widgets, makeFiles },
    flags: ['--serve', '0', '--notify', notify],
  });
  const audience = watch(watched.address());
  const waits = { plain: [], watched: [] };
  const passes = { plain: [], watched: [] };
  for (let n = 0; n < rounds; n += 1) {
    for (const [name, daemon] of n % 2 === 0
      ? [
          ['plain', plain],
          ['watched', watched],
        ]
      : [
          ['watched', watched],
          ['plain', plain],
        ]) {
      await systemClock.sleep(300);
      const { putMs, passMs } = await daemon.edit(() => edit(daemon.directory, n));
      waits[name].push(putMs);
      passes[name].push(passMs);
    }
  }
  const [first, last] = [plain, watched].map((daemon) => daemon.memoryMb());
  const { scrapes, swaps } = audience.stop();
  await plain.stop();
  await watched.stop();
  await targets.close();
  const [a, b] = [median(waits.watched), median(waits.plain)];
  const [c, d] = [median(passes.watched), median(passes.plain)];
  print(
    `watched (${pages} pages that swapped ${swaps} times, ${scrapes} scrapes, 3 dead targets) among ${widgets.length} widgets: edit to request ${a.toFixed(0)} ms, ratio ${(a / b).toFixed(3)}; pass ${c.toFixed(0)} ms, ratio ${(c / d).toFixed(3)}; memory ${last.toFixed(0)} MB beside ${first.toFixed(0)}`,
  );
}

/** Whether memory stays: after the first passes, and after many more of the same, with a scrape each second. */
export async function measureMemory({ root, widgets, makeFiles, passes, print }) {
  const flags = ['--serve', '0', '--rescan', '10ms'];
  const daemon = await startDaemon(join(root, 'many'), { widgets, makeFiles, flags });
  const made = async () => {
    const text = await (await fetch(new URL('/metrics', daemon.address()))).text();
    const counts = text.matchAll(/^widget_sync_passes_total\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, n]) => sum + Number(n), 0);
  };
  const until = async (wanted) => {
    while ((await made()) < wanted) await systemClock.sleep(1000);
    return daemon.memoryMb();
  };
  const early = await until(passes / 10);
  const late = await until(passes);
  print(
    `${passes} passes over ${widgets.length} widgets, served: ${late.toFixed(0)} MB, ratio to a tenth of them ${(late / early).toFixed(2)}`,
  );
  await daemon.stop();
}

async function startDaemon(root, { widgets, makeFiles, flags }) {
  const directory = join(root, 'widgets');
  mkdirSync(directory, { recursive: true });
  makeFiles(directory);
  const sandbox = await startSandbox({ widgets });
  let arrived = () => {};
  sandbox.observe((request) => request.method === 'PUT' && arrived());
  const words = ['run', directory, '--state', join(root, 'state'), '--api-url', sandbox.url];
  const usual = ['--rate', '1000/s', '--resync', 'off', '--rescan', '1h', '--log-level', 'debug'];
  const env = { PATH: process.env.PATH, INSIGHTO_API_KEY: sandboxKey, NO_PROXY: '*' };
  const child = spawn(process.execPath, [entry, ...words, ...usual, ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let looked = () => {};
  let address = null;
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    if (line.msg === 'looked') looked(line);
    if (line.msg === 'serving') address = line.url;
  });
  await new Promise((resolve) => {
    looked = resolve;
  });
  return {
    directory,
    address: () => address,
    /** Milliseconds until the request of the edit arrives, and of the pass that made it. */
    async edit(act) {
      const put = new Promise((resolve) => {
        arrived = resolve;
      });
      const pass = new Promise((resolve) => {
        looked = resolve;
      });
      const startedMs = performance.now();
      act();
      await put;
      const putMs = performance.now() - startedMs;
      const { duration_ms: passMs } = await pass;
      return { putMs, passMs };
    },
    memoryMb() {
      const [, pagesInMemory] = readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ');
      return (Number(pagesInMemory) * 4096) / 2 ** 20;
    },
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      await sandbox.close();
    },
  };
}

/** People who have the page open, and a scrape each second. */
function watch(address) {
  const open = Array.from({ length: pages }, () => openPage(address));
  let scrapes = 0;
  const timer = setInterval(() => {
    get(new URL('/metrics', address), (response) => {
      response.resume();
      scrapes += 1;
    });
  }, 1000);
  return {
    stop() {
      clearInterval(timer);
      for (const page of open) page.close();
      return { scrapes, swaps: open.reduce((sum, { swaps }) => sum + swaps(), 0) };
    },
  };
}

/** Does what the page's script does: it asks for the page when it is told of a newer one, one at a time. */
function openPage(address) {
  const agent = new Agent({ keepAlive: true });
  let newest = null;
  let shown = null;
  let isSwapping = false;
  let swaps = 0;
  const swap = async () => {
    if (isSwapping) return;
    isSwapping = true;
    try {
      while (shown !== newest) {
        const wanted = newest;
        const [, version = null] =
          /data-version="([^"]+)"/.exec(await textOf(address, agent)) ?? [];
        if (version === null) return;
        shown = version;
        swaps += 1;
        // A page that is made meanwhile is told of by the next event.
        if (newest === wanted) newest = version;
      }
    } finally {
      isSwapping = false;
    }
  };
  let isOpen = true;
  const failed = (error) => {
    // The server is gone in the end.
    if (!isOpen) return;
    process.stderr.write(`a page that is open: ${error.message}\n`);
    process.exitCode = 1;
  };
  const events = get(new URL('/events', address), (response) => {
    let rest = '';
    response.setEncoding('utf8').on('error', failed);
    response.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      const told = lines.filter((line) => line.startsWith('data: ')).at(-1);
      if (told === undefined) return;
      newest = told.slice('data: '.length);
      swap().catch(failed);
    });
  }).on('error', failed);
  return {
    swaps: () => swaps,
    close() {
      isOpen = false;
      events.destroy();
      agent.destroy();
    },
  };
}

/** As a browser: where a connection that was kept has just been closed by the server, it asks again. */
function textOf(address, agent) {
  return new Promise((resolve, reject) => {
    const request = get(address, { agent }, async (response) => {
      let text = '';
      try {
        for await (const part of response.setEncoding('utf8')) text += part;
        resolve(text);
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', (error) => {
      if (request.reusedSocket) resolve(textOf(address, agent));
      else reject(error);
    });
  });
}

/** One that never answers, one that always fails, and one that breaks off. */
async function deadTargets() {
  const servers = [
    createServer(() => {}),
    createServer((_, response) => response.writeHead(500).end()),
    createServer((request) => request.socket.destroy()),
  ];
  const addresses = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) => {
          server.listen(0, '127.0.0.1', () =>
            resolve(`http://127.0.0.1:${server.address().port}/`),
          );
        }),
    ),
  );
  return {
    addresses,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function writeTargets(folder, addresses) {
  mkdirSync(folder, { recursive: true });
  const targets = addresses.map((address, n) => {
    const file = join(folder, `url-${n}`);
    writeFileSync(file, address, { mode: 0o600 });
    return `  - { to: slack, url_file: ${file}, events: [widgets.applied] }`;
  });
  const path = join(folder, 'notify.yaml');
  writeFileSync(path, ['targets:', ...targets, ''].join('\n'));
  return path;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
