// A daemon on a real working copy, whose every version of every file is known.
import { join } from 'node:path';
import { expect } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/base/json/json.ts';
import { writeFile } from './command.ts';
import { waitFor, widgetId } from './sandbox.ts';
import { type Files, startUpstream, type Upstream } from './upstream.ts';
import {
  expectInStep,
  recordVersions,
  serverHolds,
  type Version,
  type Versions,
} from './versions.ts';
import {
  type Daemon,
  fileName,
  numbers,
  patienceMs,
  startTree,
  type Tree,
} from './watched-tree.ts';

export interface WorkingCopy {
  readonly upstream: Upstream;
  readonly tree: Tree;
  readonly daemon: Daemon;
  readonly versions: Versions;
  /** Requests that the first pass caused. */
  readonly settled: number;
  /** These widgets' files, each with a name of this kind. */
  files(kind: string, widgets: readonly number[]): Files;
  /** Writes those files. */
  write(dir: string, kind: string, widgets: readonly number[]): void;
  /** The names of this kind that these widgets are given, where their files are in force. */
  namesOf(kind: string, widgets: readonly number[]): string[];
  /**
   * Lets the daemon look at the tree as it is now and send what it has to. Gives the name in each
   * write since the `since`-th request, sorted; all were contents that a file of that widget had.
   */
  namesSent(since: number): Promise<string[]>;
}

export interface WorkingCopyOptions {
  /** Widgets 0 to n - 1 have their file on main. */
  readonly widgets: number;
  /** Every so many-th file is in force, the others are suspended: git's work without ours. Default: 1. */
  readonly oneIn?: number;
  /** Prepares branches. Runs before the daemon looks at the tree. */
  readonly prepare?: (copy: Pick<WorkingCopy, 'upstream' | 'files'>) => Promise<void>;
  /** The folder that the daemon watches. Default: that of the working copy. */
  readonly dirOf?: (upstream: Upstream) => string;
}

const flags = ['--rate', '100000/s', '--concurrency', '16', '--log-level', 'info'];

export async function startWorkingCopy(options: WorkingCopyOptions): Promise<WorkingCopy> {
  const { widgets, oneIn = 1, prepare, dirOf = ({ dir }) => dir } = options;
  const versions = recordVersions();
  const files: WorkingCopy['files'] = (kind, wanted) => {
    const entries = wanted.map((n) => {
      const fields = n % oneIn === 0 ? light(n, kind) : suspended(n, kind);
      return [fileName(n), versions.file(n, fields, textOf(n, fields))] as const;
    });
    return Object.fromEntries(entries);
  };
  const write: WorkingCopy['write'] = (dir, kind, wanted) => {
    for (const [name, text] of Object.entries(files(kind, wanted))) writeFile(dir, name, text);
  };
  const upstream = await startUpstream(files('main', numbers(widgets)));
  await prepare?.({ upstream, files });
  // One widget more: its file is never committed, and shows that the daemon has looked.
  const dir = dirOf(upstream);
  const tree = await startTree({ widgets: widgets + 1, dir, live: 'off' });
  // Git has a process of its own: the daemon needs none.
  const daemon = await tree.watchHere(...flags);
  await serverHolds(tree.sandbox, versions.declaredIn(tree.dir));
  const settled = tree.sandbox.requests.length;
  let looks = 0;

  async function look(): Promise<void> {
    looks += 1;
    const fields = light(widgets, `Look ${looks}`);
    tree.write('look.yaml', versions.file(widgets, fields));
    await tree.serverShows(widgets, String(fields['display_name']));
  }

  return {
    upstream,
    tree,
    daemon,
    versions,
    settled,
    files,
    write,
    namesOf: (kind, wanted) =>
      wanted
        .filter((n) => n % oneIn === 0)
        .map((n) => nameOf(n, kind))
        .sort(),
    async namesSent(since) {
      await look();
      // What was on its way when the daemon looked may still have to be taken back.
      await serverHolds(tree.sandbox, versions.declaredIn(tree.dir));
      await look();
      expectInStep(tree, versions);
      const puts = tree.puts(since);
      expect(versions.strangers(puts)).toEqual([]);
      const ofGit = puts.filter(({ widgetId: id }) => id !== widgetId(widgets));
      return ofGit
        .map(({ body }) => (isJsonObject(body) ? String(body['display_name']) : ''))
        .sort();
    },
  };
}

/** Little: thousands of them are written, committed, parsed and sent. */
function light(n: number, kind: string): JsonObject {
  return { widget_type: 'chat', display_name: nameOf(n, kind) };
}

function suspended(n: number, kind: string): JsonObject {
  return { ...light(n, kind), sync: { suspend: true } };
}

/** Not by the YAML library, which takes seconds for thousands of them. */
function textOf(n: number, { display_name: name, sync }: JsonObject): string {
  const head = `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;
  return sync === undefined ? head : `${head}sync:\n  suspend: true\n`;
}

function nameOf(n: number, kind: string): string {
  return `${kind} ${n}`;
}

/** Resolves once the server holds what every file of the tree says at this moment. */
export async function arrived({ tree, versions }: WorkingCopy): Promise<void> {
  const wanted: readonly Version[] = versions.declaredIn(tree.dir);
  await serverHolds(tree.sandbox, wanted);
  // The last answers are on their way.
  const isOver = () => tree.sandbox.requests.every(({ endedAtMs }) => endedAtMs !== null);
  await waitFor(tree.sandbox, isOver, patienceMs);
}

/** Where git keeps the lock of a working tree's index. */
export async function indexLock({ gitHere }: Upstream, worktree: string): Promise<string> {
  return join(await gitHere('-C', worktree, 'rev-parse', '--absolute-git-dir'), 'index.lock');
}
