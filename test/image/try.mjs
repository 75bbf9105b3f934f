// The image that build.sh has built, run as Docker and Kubernetes would: its own root, read-only, as its user, without a
// capability, node as process 1. Needs root. Prints what was tried and measured; ends with 1 where something is not so.
//
//   test/image/try.mjs <folder that build.sh was given>
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = resolve(process.argv[2] ?? '.');
const root = join(folder, 'root');
const checkout = join(import.meta.dirname, '../..');
const { config } = JSON.parse(readFileSync(join(folder, 'image.json'), 'utf8')).Docker;
const [user, group] = config.User.split(':').map(Number);
/** That of git-sync, which Kubernetes gives the volumes. */
const sharedGroup = 65533;

const world = join(folder, 'world');
rmSync(world, { recursive: true, force: true });
for (const name of ['repo', 'state', 'key']) mkdirSync(join(world, name), { recursive: true });
cpSync(join(checkout, 'widgets'), join(world, 'repo/widgets'), { recursive: true });
cpSync(join(checkout, 'schemas'), join(world, 'repo/schemas'), { recursive: true });
for (const words of ['init -q -b main', 'add .', 'commit -qm Widgets']) {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  const { status } = spawnSync('git', ['-C', join(world, 'repo'), ...who, ...words.split(' ')]);
  assert.equal(status, 0);
}
writeFileSync(join(world, 'key/key'), 'in-0123456789\n');
const volumes = { '/repo': 'repo', '/state': 'state', '/etc/widget-sync': 'key' };
for (const place of Object.keys(volumes)) mkdirSync(join(root, place), { recursive: true });

/** As a new volume of Docker has it, and a volume of Kubernetes with an `fsGroup`. */
const owners = {
  docker() {
    own('state', user, group, 0o700);
    own('key/key', user, group, 0o600);
  },
  kubernetes() {
    own('state', 0, sharedGroup, 0o2775);
    own('key/key', 0, sharedGroup, 0o440);
  },
};

function own(name, uid, gid, mode) {
  if (name === 'state') {
    rmSync(join(world, name), { recursive: true, force: true });
    mkdirSync(join(world, name));
  }
  chownSync(join(world, name), uid, gid);
  chmodSync(join(world, name), mode);
}

/** `entry`: what is started in place of the image's own entry point. */
function start(words, { env = {}, entry = config.Entrypoint } = {}) {
  const mounts = Object.entries(volumes).map(([place, name]) => {
    const mode = name === 'state' ? 'rw' : 'ro';
    return `mount --bind -o ${mode} ${join(world, name)} ${root}${place}`;
  });
  const script = [
    'set -e',
    `mount --bind ${root} ${root}`,
    `mount --bind -o ro /dev ${root}/dev`,
    `mount -t proc proc ${root}/proc`,
    ...mounts,
    ...Object.keys(volumes)
      .filter((place) => place !== '/state')
      .map((place) => `mount -o remount,bind,ro ${root}${place}`),
    `mount -o remount,bind,ro ${root}`,
    `exec chroot ${root} /usr/bin/setpriv --reuid=${user} --regid=${group} --groups=${sharedGroup} --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`,
  ];
  const started = performance.now();
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      script.join('\n'),
      'sh',
      ...entry,
      ...words,
    ],
    {
      cwd: '/',
      env: {
        ...Object.fromEntries(config.Env.map((one) => one.split(/=(.*)/s).slice(0, 2))),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  // What is tried may fail before it is stopped; --kill-child ends what runs within.
  process.once('exit', () => child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (chunk) => {
      printed[name] += chunk;
    });
  }
  const finished = new Promise((settle) => {
    child.on('close', (code) => settle({ code, ms: performance.now() - started, ...printed }));
  });
  return {
    printed,
    finished,
    /** Of node, as this machine counts. */
    pid: () =>
      Number(
        readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0],
      ),
    async until(wanted) {
      for (let n = 0; n < 600; n += 1) {
        const found = wanted.exec(printed.stdout + printed.stderr);
        if (found !== null) return found;
        await sleep(50);
      }
      throw new Error(`never said ${wanted}: ${printed.stdout}${printed.stderr}`);
    },
  };
}

process.setMaxListeners(0);
const run = (words, options) => start(words, options).finished;
const say = (text) => process.stdout.write(`${text}\n`);
const memoryOf = (pid) => {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return `${Math.round(Number(kilobytes) / 1024)} MB resident`;
};

assert.equal(config.Healthcheck, undefined);
for (const name of ['source', 'revision', 'version', 'licenses', 'base.name']) {
  assert.notEqual(config.Labels[`org.opencontainers.image.${name}`], '', name);
}
const bill = JSON.parse(readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8'));
say(`ok  labels; bill of materials of ${bill.components.length} packages`);

owners.docker();
const version = await run(['--version'], { entry: ['widget-sync'] });
assert.deepEqual([version.code, version.stderr], [0, '']);
say(`ok  widget-sync --version on PATH: ${version.stdout.trim()}, ${Math.round(version.ms)} ms`);
const found = await run(
  ['-c', 'command -v npm npx yarn corepack; node --version; id; touch /app/x'],
  { entry: ['sh'] },
);
assert.match(found.stdout, /^v\d+[^\n]*\nuid=1000 gid=1000 groups=1000,65533\n$/);
assert.match(found.stderr, /Read-only file system/);
say(`ok  no npm; read-only; Node ${found.stdout.split('\n')[0]}`);

const sandbox = start(['sandbox', '--port', '0', '--seed', '/repo/widgets']);
const [url] = await sandbox.until(/http:\/\/127\.0\.0\.1:\d+/);
const env = { WIDGET_SYNC_API_URL: url, INSIGHTO_API_KEY_FILE: '/etc/widget-sync/key' };

for (const [name, makeOwned] of Object.entries(owners)) {
  makeOwned();
  const applied = await run(['apply', '/repo/widgets'], { env });
  assert.equal(applied.code, 0, applied.stderr);
  const planned = await run(['plan', '/repo/widgets', '--detailed-exitcode'], {
    env: { ...env, FORCE_COLOR: '3' },
  });
  assert.equal(planned.code, 0, planned.stdout);
  say(`ok  apply, plan with the volumes of ${name}: ${Math.round(applied.ms)} ms`);
  for (const served of [{}, { WIDGET_SYNC_SERVE: '0.0.0.0:18081' }]) {
    const daemon = start(['run', '/repo/widgets', '--log-format', 'pretty'], {
      env: { ...env, ...served },
    });
    await daemon.until(/looked/);
    const pid = daemon.pid();
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /NSpid:\s+\d+\s+1\n/);
    const well = await run(['health'], { env: served });
    assert.equal(well.code, 0, well.stderr + well.stdout);
    const memory = memoryOf(pid);
    process.kill(pid, 'SIGSTOP');
    const stoppedAt = performance.now();
    let ill = await run(['health'], { env: served });
    while (ill.code === 0 && performance.now() - stoppedAt < 120_000) {
      await sleep(2000);
      ill = await run(['health'], { env: served });
    }
    assert.equal(ill.code, 1);
    const redS = Math.round((performance.now() - stoppedAt) / 1000);
    process.kill(pid, 'SIGCONT');
    await sleep(500);
    const asked = performance.now();
    process.kill(pid, 'SIGTERM');
    const { code } = await daemon.finished;
    assert.equal(code, 0);
    say(
      `ok  run as process 1 (${served.WIDGET_SYNC_SERVE ? 'served' : 'not served'}): ${memory}; red ${redS} s after SIGSTOP ` +
        `(${(ill.stdout + ill.stderr).trim()}); SIGTERM to exit 0 in ${Math.round(performance.now() - asked)} ms`,
    );
  }
}

const store = await run(['store', 'init'], {
  env: { PGHOST: '127.0.0.1', PGPORT: '9', PGUSER: 'replica' },
});
assert.equal(store.code, 1);
assert.match(store.stderr, /no PostgreSQL answers/);
const drawn = await run(['render', '/repo/widgets/ava.yaml']);
assert.equal(drawn.code, 0, drawn.stderr);
say('ok  store init finds pg, render finds culori, the pretty log finds pino-pretty');

process.kill(sandbox.pid(), 'SIGTERM');
await sandbox.finished;
