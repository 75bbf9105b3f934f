// The daemon where the machine gives it less or other than usual: another user, mounts of its own, few
// inotify watches. Not every machine allows it: then there is a reason to skip a test for.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CommandOptions, entry, type Started, startCommand } from './command.ts';
import { asDaemon, type Daemon, type Tree } from './watched-tree.ts';

const run = promisify(execFile);

export interface Confinement extends Pick<CommandOptions, 'through' | 'user'> {
  readonly flags?: readonly string[];
}

/** As `tree.watch`, but resolves at once: there may be nothing to look at. */
export function startConfined(tree: Tree, confinement: Confinement = {}): Daemon & Started {
  const { flags = [], ...options } = confinement;
  const usual = ['--rate', '500/s', '--resync', 'off', '--log-level', 'debug'];
  const started = startCommand(
    ['run', tree.dir, '--api-url', tree.sandbox.url, ...usual, ...flags],
    { cwd: tree.root, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' }, ...options },
  );
  return asDaemon(started);
}

/** As root of a user namespace: what is mounted and limited in it is nobody else's. */
const apart = ['unshare', '--user', '--map-root-user', '--mount'];

/** Runs a line of shell first, which sees `values` as $1, $2 and so on. */
export function after(script: string, ...values: readonly string[]): readonly string[] {
  const hidden = values.length === 0 ? '' : `shift ${values.length}; `;
  return [...apart, 'sh', '-c', `set -e; ${script}; ${hidden}exec "$@"`, 'sh', ...values];
}

export type InotifyLimit = 'max_inotify_watches' | 'max_inotify_instances';

export function limited(limit: InotifyLimit, most: number): readonly string[] {
  return after(`echo ${most} > /proc/sys/user/${limit}`);
}

/** Null where the shell line can be run first. */
export function whyNotAfter(script: string): string | null {
  const [file = '', ...args] = [...after(script), 'true'];
  try {
    execFileSync(file, args, { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `this machine does not let "${script}" be run in a namespace of its own: ${error}`;
  }
}

/** Runs a line of shell where the daemon sees the files. */
export async function besides(daemon: Started, script: string, ...values: string[]): Promise<void> {
  const target = `${daemon.child.pid}`;
  const within = ['--target', target, '--user', '--mount', '--preserve-credentials'];
  await run('nsenter', [...within, 'sh', '-c', `set -e; ${script}`, 'sh', ...values]);
}

/** The path by which others reach what the daemon sees at `path`. */
export function seenBy(daemon: Started, path: string): string {
  return join('/proc', `${daemon.child.pid}`, 'root', path);
}

/** Somebody whom permissions stop: not root. */
export interface Commoner {
  /** Undefined for the user that runs the tests. */
  readonly user: CommandOptions['user'];
  /** Lets that user work below the tree's root. */
  admit(tree: Tree): void;
}

const nobody = { uid: 65_534, gid: 65_534 };

/** A text says why there is none. */
export function findCommoner(): Commoner | string {
  if (process.getuid === undefined) return 'there are no users here';
  if (process.getuid() !== 0) return { user: undefined, admit: () => {} };
  try {
    const readEntry = `require('node:fs').accessSync(${JSON.stringify(entry)})`;
    execFileSync(process.execPath, ['-e', readEntry], { ...nobody, stdio: 'pipe', cwd: '/' });
  } catch (error) {
    return `another user may not read the built command: ${error}`;
  }
  return { user: nobody, admit: (tree) => giveTo(nobody, tree.root) };
}

function giveTo({ uid, gid }: { uid: number; gid: number }, root: string): void {
  chmodSync(root, 0o755);
  for (const path of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(root, path), uid, gid);
  }
}
