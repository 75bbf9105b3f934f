// Many accounts in one process: how soon all are looked at, what they cost while nothing happens, how soon an
// edit is at its API beside the others, and whether one in trouble changes that.
import { execFileSync, fork, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../build/base/clock.js';

const entry = new URL('../../dist/main.js', import.meta.url).pathname;
const apis = new URL('./many-sandboxes.mjs', import.meta.url).pathname;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Of a process that has all of it recorded, as after a restart. */
export async function measureAccounts({ root, accounts, widgets, print }) {
  const fleet = await plant(join(root, `${accounts}`), { accounts, widgets });
  await fleet.record();
  const daemon = await fleet.start();
  const shape = `${accounts} accounts of ${widgets} widgets in one process`;
  print(
    `${shape} (load ${load()}): up in ${seconds(daemon.upMs)} s (${seconds(daemon.upCpuMs)} s of CPU)`,
  );
  await daemon.read;
  await systemClock.sleep(8000);
  const before = daemon.memoryMb();
  const idle = await daemon.idlePercent(32_000);
  const waits = await fleet.edits(20);
  const stopMs = await daemon.stop();
  const alone = await plant(join(root, `alone-${accounts}`), { accounts: 1, widgets });
  await alone.record();
  const one = await alone.start();
  await systemClock.sleep(3000);
  const least = one.memoryMb();
  const waitsAlone = await alone.edits(20);
  await one.stop();
  const [edit, editAlone] = [median(waits), median(waitsAlone)];
  print(
    `${shape} (load ${load()}): idle ${idle.toFixed(1)} % of a core, ${((before - least) / accounts).toFixed(2)} MB an account, edit to request ${edit.toFixed(0)} ms, alone ${editAlone.toFixed(0)} ms, stopped in ${seconds(stopMs)} s`,
  );
  await fleet.close();
  await alone.close();
}

/** How the times of the others change where one account is in trouble: ratios to a fleet without it. */
export async function measureTrouble({ root, print }) {
  const shape = { accounts: 20, widgets: 20 };
  for (const trouble of ['hang', 'limit', 'refuse']) {
    const waits = { calm: [], troubled: [] };
    const fleets = {
      calm: await plant(join(root, `calm-${trouble}`), shape),
      troubled: await plant(join(root, trouble), { ...shape, trouble }),
    };
    for (const fleet of Object.values(fleets)) fleet.daemon = await fleet.start();
    await systemClock.sleep(3000);
    for (let round = 0; round < 30; round += 1) {
      for (const [name, fleet] of Object.entries(fleets)) {
        waits[name].push(...(await fleet.edits(1, round)));
      }
    }
    for (const fleet of Object.values(fleets)) {
      await fleet.daemon.stop();
      await fleet.close();
    }
    const [a, b] = [median(waits.troubled), median(waits.calm)];
    print(
      `one account of 20 in trouble (${trouble}): edits of the others ${a.toFixed(0)} ms, without it ${b.toFixed(0)} ms, ratio ${(a / b).toFixed(3)}`,
    );
  }
}

function widgetText(n, name) {
  const hex = n.toString(16);
  const id = `${hex.padStart(8, '0')}-0000-4000-8000-${hex.padStart(12, '0')}`;
  return `widget_id: ${id}\nwidget_type: chat\ndisplay_name: ${name}\nheader_color: "#1f2937"\n`;
}

/** The first account alone, with its places said. */
function oneEntry(url) {
  const place = 'directory: clients/account-0/widgets, key_file: keys/account-0';
  return `  account-0: {${place}, api_url: "${url}"}`;
}

/** The accounts of one repository, their keys, and their APIs in a process of their own. */
export async function plant(root, { accounts, widgets, trouble = '' }) {
  const server = fork(apis, [String(accounts), String(widgets), trouble]);
  let onWrite = () => {};
  server.on('message', (message) => {
    if ('atMs' in message) onWrite(message);
  });
  const { urls } = await new Promise((resolve) => {
    server.once('message', resolve);
  });
  const nameOf = (n) => `account-${n}`;
  const file = (n, widget) => join(root, 'clients', nameOf(n), 'widgets', `w${widget}.yaml`);
  mkdirSync(join(root, 'keys'), { recursive: true });
  for (let n = 0; n < accounts; n += 1) {
    mkdirSync(join(file(n, 0), '..'), { recursive: true });
    for (let one = 0; one < widgets; one += 1) {
      writeFileSync(file(n, one), widgetText(one, `Widget ${one}`));
    }
    writeFileSync(join(root, 'keys', nameOf(n)), `in-key-of-${nameOf(n)}-0123456789\n`, {
      mode: 0o600,
    });
  }
  const lines = urls.map((url, n) => `  ${nameOf(n)}: {api_url: "${url}"}`);
  const each = 'each: {directory: "clients/{name}/widgets", key_file: "keys/{name}"}';
  const defaults = 'defaults: {rate: 1000/s, timeout: 60s}';
  writeFileSync(
    join(root, 'accounts.yaml'),
    [defaults, each, 'accounts:', ...lines, ''].join('\n'),
  );
  commitAll(root);
  // Files younger than a second are read again.
  await systemClock.sleep(1200);
  return {
    start: () => startDaemon(root, trouble === '' ? accounts : accounts - 1),
    /** As a replica, with what is kept in PostgreSQL. */
    startWith: (env) => startDaemon(root, accounts, { words: ['--store', 'postgres'], env }),
    stateOf: (n) => join(root, 'state', nameOf(n)),
    nameOf,
    /** Writes all files anew. */
    editAll() {
      for (let n = 0; n < accounts; n += 1) {
        for (let one = 0; one < widgets; one += 1) {
          writeFileSync(file(n, one), widgetText(one, `Anew ${one}`));
        }
      }
    },
    /** Calls back with the moment of each write, by `performance`, from now on. */
    onWrite(listener) {
      onWrite = ({ atMs }) => listener(atMs - performance.timeOrigin);
    },
    /**
     * Leaves the state of each account as if all of it had been applied: one is, and the others are its copies, since
     * their files are.
     */
    async record() {
      const whole = readFileSync(join(root, 'accounts.yaml'), 'utf8');
      writeFileSync(
        join(root, 'accounts.yaml'),
        [defaults, 'accounts:', oneEntry(urls[0]), ''].join('\n'),
      );
      const one = await startDaemon(root, 1);
      // What it has found is recorded a moment later.
      await systemClock.sleep(2000);
      await one.stop();
      const stateOf = (n) => join(root, 'state', nameOf(n));
      for (let n = 1; n < accounts; n += 1) {
        cpSync(stateOf(0), stateOf(n), { recursive: true });
        for (const entry of readdirSync(stateOf(n), { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue;
          const path = join(entry.parentPath, entry.name);
          const text = readFileSync(path, 'utf8');
          writeFileSync(
            path,
            text.replaceAll(urls[0], urls[n]).replaceAll(`${nameOf(0)}/`, `${nameOf(n)}/`),
          );
        }
      }
      writeFileSync(join(root, 'accounts.yaml'), whole);
    },
    /** Milliseconds from an edit to its request, each in another account than the first. */
    async edits(count, from = 0) {
      const waits = [];
      for (let n = from; n < from + count; n += 1) {
        const account = accounts === 1 ? 0 : 1 + ((n * 37) % (accounts - 1));
        const written = new Promise((resolve) => {
          onWrite = (message) => message.account === account && resolve(message.atMs);
        });
        const startedMs = performance.timeOrigin + performance.now();
        writeFileSync(file(account, 0), widgetText(0, `Edit ${n}`));
        waits.push((await written) - startedMs);
        await systemClock.sleep(400);
      }
      return waits;
    },
    async close() {
      server.disconnect();
    },
  };
}

function commitAll(root) {
  writeFileSync(join(root, '.gitignore'), 'keys/\nstate/\n');
  const git = (...words) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.test', ...words], {
      cwd: root,
    });
  git('init', '-q');
  git('add', '.');
  git('-c', 'gc.auto=0', 'commit', '-qm', 'All widgets');
}

/** Resolves once so many accounts have been looked at. */
async function startDaemon(root, accounts, kept = { words: ['--state', join(root, 'state')] }) {
  const words = ['--accounts', join(root, 'accounts.yaml'), ...kept.words];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [entry, 'run', ...words], {
    env: { PATH: process.env.PATH, NO_PROXY: '*', ...kept.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const looked = new Set();
  const readAll = new Set();
  const warnings = new Map();
  let onRead = () => {};
  const read = new Promise((resolve) => {
    onRead = resolve;
  });
  await new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const { msg, level, account, live } = JSON.parse(text);
      if (level !== 'info' && level !== 'debug') warnings.set(msg, (warnings.get(msg) ?? 0) + 1);
      if (msg !== 'looked') return;
      looked.add(account);
      if (live === 'read') readAll.add(account);
      if (looked.size >= accounts) resolve();
      if (readAll.size >= accounts) onRead();
    });
  });
  const cpuMs = () => {
    const [, rest] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    // In ticks of 10 ms, of the process and of the kernel for it.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  return {
    upMs: performance.now() - startedMs,
    upCpuMs: cpuMs(),
    cpuMs,
    /** How often each was logged that is not to be. */
    warnings,
    /** Resolves once all that is live has been read too. */
    read,
    async idlePercent(ms) {
      const [beforeMs, sinceMs] = [cpuMs(), performance.now()];
      await systemClock.sleep(ms);
      return ((cpuMs() - beforeMs) * 100) / (performance.now() - sinceMs);
    },
    memoryMb: () =>
      (Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20,
    async stop() {
      const sinceMs = performance.now();
      child.kill('SIGTERM');
      await new Promise((resolve) => {
        child.once('exit', resolve);
      });
      return performance.now() - sinceMs;
    },
  };
}

function load() {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
}

function seconds(ms) {
  return (ms / 1000).toFixed(1);
}
