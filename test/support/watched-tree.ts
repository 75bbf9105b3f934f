// A tree of widget files, a sandbox that holds the same widgets, and the built command between them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { bodyFields } from '../../src/model/widget.ts';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import {
  type Finished,
  type LogLine,
  makeCheckout,
  type Running,
  runCommand,
  type Started,
  startCommand,
  temporaryDirectory,
  writeFile,
} from './command.ts';
import { runIn } from './program.ts';
import { waitFor, widgetId } from './sandbox.ts';
import { startHere } from './start-here.ts';

/** Generous: what a test waits for comes at once on a machine at rest. */
export const patienceMs = 25_000;

/** `auto` is the default of the command. */
export type Live = 'auto' | 'off';

export const bothModes: readonly Live[] = ['off', 'auto'];

export interface Put {
  readonly widgetId: string | null;
  readonly body: Json;
}

type CommandName = 'apply' | 'plan' | 'status';

export interface Tree {
  /** Where commands run; state is kept below it. */
  readonly root: string;
  /** The watched directory. */
  readonly dir: string;
  readonly sandbox: Sandbox;
  write(path: string, content: string): void;
  /** What the sandbox was asked to write, in order of arrival, from its `since`-th request on. */
  puts(since?: number): Put[];
  /**
   * The write that gives the n-th widget this name. Without live state its body is what the file
   * declares; otherwise it also says again whatever else was set before.
   */
  putOf(n: number, displayName?: string): Put;
  /** As `putOf`, of a file that declares these fields. */
  putOfFields(n: number, fields: JsonObject): Put;
  /** How many requests were reads, from the `since`-th request on. */
  reads(since?: number): number;
  /** Resolves once the sandbox holds this name for the n-th widget. */
  serverShows(n: number, displayName: string): Promise<void>;
  /** Starts the daemon; resolves after its first pass, when no edit can be missed any more. */
  watch(...flags: string[]): Promise<Daemon & Started>;
  /** As `watchHere`, but at once: there may be nothing to look at. */
  beginHere(...flags: string[]): Daemon;
  /** As `watch`, without a process of its own. */
  watchHere(...flags: string[]): Promise<Daemon>;
  command(name: CommandName, ...flags: string[]): Promise<Finished>;
  /** As `command`, without a process of its own. */
  quickly(name: CommandName, ...flags: string[]): Promise<Finished>;
}

export interface Daemon extends Running {
  lines(msg: string): LogLine[];
  /** Resolves once so many lines of the log have this message. */
  said(msg: string, count: number): Promise<void>;
  /** SIGTERM, and the end. */
  stop(): Promise<Finished>;
}

export interface TreeOptions {
  /** Widgets 0 to n - 1 exist on the server and each has its file. */
  readonly widgets: number;
  /** Where the files are, or are to be written. Default: a temporary directory. */
  readonly dir?: string;
  /** How the commands treat live state. Default: auto. */
  readonly live?: Live;
  readonly onRequest?: FaultHook;
}

/** Set by hand, and declared by no file. */
const setByHand: JsonObject = {
  name: 'Named by hand',
  bubble_text: 'Hello',
  bubble_color: '#ABCDEF',
  action_buttons: [{ label: 'Call us', url: 'tel:+4930123456' }],
  style_params: { radius: 4 },
};

const markerNumber = 0xffff;
const markerFile = 'zz-marker.yaml';
/** The debug level also has the passes that found nothing new. */
const daemonFlags = ['--rate', '500/s', '--resync', 'off', '--log-level', 'debug'];

export async function startTree(options: TreeOptions): Promise<Tree> {
  const { widgets, dir, live = 'auto', onRequest } = options;
  const root = temporaryDirectory();
  const watched = dir ?? join(root, 'widgets');
  mkdirSync(watched, { recursive: true });
  const sandbox = await startSandbox({
    widgets: [...numbers(widgets), markerNumber].map((n) => ({
      widgetId: widgetId(n),
      fields: setByHand,
    })),
    // Where live state is read, it may not matter what a server does with fields that a body omits.
    put: live === 'auto' ? 'replace' : 'merge',
    ...(onRequest !== undefined && { onRequest }),
  });
  onTestFinished(() => sandbox.close());
  if (dir === undefined) {
    makeCheckout(root);
    writeWidgets(watched, widgets);
  }
  const place = { cwd: root, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' } };
  const target = ['--api-url', sandbox.url, ...(live === 'off' ? ['--live', 'off'] : [])];
  const wordsOf = (name: CommandName, flags: string[]) => {
    if (name === 'status') return [name, '--api-url', sandbox.url, ...flags];
    const rate = name === 'apply' ? ['--rate', '500/s'] : [];
    return [name, watched, ...target, ...rate, ...flags];
  };
  const before = settable(sandbox.widget(widgetId(markerNumber)));
  const putOfFields = (n: number, fields: JsonObject): Put => ({
    widgetId: widgetId(n),
    body: live === 'auto' ? { ...before, ...fields } : fields,
  });
  const begin = (flags: readonly string[]) => {
    const state = ['--state', join(root, '.widget-sync')];
    return startHere(['run', watched, ...target, ...daemonFlags, ...state, ...flags], place.env);
  };
  return {
    root,
    dir: watched,
    sandbox,
    write: (path, content) => writeFile(watched, path, content),
    puts: (since = 0) =>
      sandbox.requests
        .slice(since)
        .filter(({ method }) => method === 'PUT')
        .map(({ widgetId: id, body }) => ({ widgetId: id, body })),
    putOf: (n, displayName) => putOfFields(n, fieldsOf(n, displayName)),
    putOfFields,
    reads: (since = 0) =>
      sandbox.requests.slice(since).filter(({ method }) => method === 'GET').length,
    serverShows: (n, displayName) =>
      waitFor(sandbox, () => shown(sandbox, n)?.['display_name'] === displayName, patienceMs),
    watch(...flags) {
      // The later of two equal flags wins.
      return hasLooked(startCommand(['run', watched, ...target, ...daemonFlags, ...flags], place));
    },
    beginHere: (...flags) => asDaemon(begin(flags)),
    watchHere: (...flags) => hasLooked(begin(flags)),
    command: (name, ...flags) => runCommand(wordsOf(name, flags), place),
    quickly: (name, ...flags) => runIn(place, wordsOf(name, flags)),
  };
}

/** Its first pass is over: no edit can be missed any more. */
async function hasLooked<Kind extends Running>(started: Kind): Promise<Daemon & Kind> {
  await started.waitForLog((line) => line.msg === 'looked', patienceMs);
  return asDaemon(started);
}

/** What a daemon's log says, and its end. */
export function asDaemon<Kind extends Running>(started: Kind): Daemon & Kind {
  const lines = (msg: string) => started.log().filter((line) => line.msg === msg);
  return {
    ...started,
    lines,
    async said(msg, count) {
      await started.waitForLog(() => lines(msg).length >= count, patienceMs);
    },
    stop() {
      started.signal('SIGTERM');
      return started.finished;
    },
  };
}

/** The n-th widget as the server holds it. */
export function shown(sandbox: Sandbox, n: number): JsonObject | null {
  return sandbox.widget(widgetId(n));
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

export function fileName(n: number): string {
  return `widget-${String(n).padStart(2, '0')}.yaml`;
}

/** What the n-th widget's file declares. */
export function fieldsOf(n: number, displayName = `Widget ${n}`): JsonObject {
  return {
    widget_type: 'chat',
    display_name: displayName,
    description: null,
    header_color: '#1f2937',
    remove_branding: false,
    user_opening_messages: ['Where is my order?', 'yes'],
    attributes: { shop: { number: n, open: true } },
  };
}

export function widgetFile(n: number, fields: JsonObject = fieldsOf(n)): string {
  return stringify({ widget_id: widgetId(n), ...fields });
}

export function named(n: number, displayName: string): string {
  return widgetFile(n, fieldsOf(n, displayName));
}

/** What nobody may have changed: the fields that were set by hand, as the n-th widget has them now. */
export function byHand(sandbox: Sandbox, n: number): JsonObject {
  const names = Object.keys(setByHand);
  const now = Object.entries(shown(sandbox, n) ?? {});
  return Object.fromEntries(now.filter(([name]) => names.includes(name)));
}

export function expectHandWorkKept(sandbox: Sandbox, count: number): void {
  for (const n of numbers(count)) expect(byHand(sandbox, n)).toEqual(setByHand);
}

function settable(widget: JsonObject | null): JsonObject {
  const fields = Object.entries(widget ?? {}).filter(([name]) => bodyFields.includes(name));
  return Object.fromEntries(fields);
}

/** Puts in an order of their own: which of several widgets goes first is nobody's promise. */
export function sorted(puts: readonly Put[]): Put[] {
  return [...puts].sort((a, b) => (String(a.widgetId) < String(b.widgetId) ? -1 : 1));
}

/** The files of widgets 0 to n - 1, by their names. */
export function widgetFiles(count: number): Record<string, string> {
  return Object.fromEntries(numbers(count).map((n) => [fileName(n), widgetFile(n)]));
}

export function writeWidgets(dir: string, count: number): void {
  for (const [name, text] of Object.entries(widgetFiles(count))) writeFile(dir, name, text);
}

export interface Scene {
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** What the sandbox does with the writes and with the reads to come. */
  readonly faults: { writes: FaultHook; reads: FaultHook };
  /** Requests that the first pass caused. */
  readonly settled: number;
}

export interface SceneOptions extends Pick<TreeOptions, 'widgets' | 'live'> {
  readonly flags?: readonly string[];
  /** Whether the daemon has a process of its own. */
  readonly runs: 'apart' | 'here';
}

/** A daemon that has applied so many widgets. */
export async function startScene({ flags = [], runs, ...options }: SceneOptions): Promise<Scene> {
  const faults: Scene['faults'] = { writes: () => undefined, reads: () => undefined };
  const onRequest: FaultHook = (request) =>
    request.method === 'PUT' ? faults.writes(request) : faults.reads(request);
  const tree = await startTree({ ...options, onRequest });
  const daemon = await (runs === 'apart' ? tree.watch(...flags) : tree.watchHere(...flags));
  await daemon.said('applied', options.widgets);
  return { tree, daemon, faults, settled: tree.sandbox.requests.length };
}

/** Writes the n-th file and waits until the daemon has looked at it. */
export async function writeAndWait(scene: Scene, n: number, displayName: string): Promise<void> {
  scene.tree.write(fileName(n), named(n, displayName));
  const writtenAtMs = Date.now();
  const hasSeen = (line: LogLine) => line.msg === 'looked' && beganAtMs(line) > writtenAtMs;
  await scene.daemon.waitForLog(hasSeen, patienceMs);
}

/** The line comes a moment after the pass. */
const lineLagMs = 10;

function beganAtMs({ time, duration_ms: durationMs }: LogLine): number {
  return new Date(String(time)).getTime() - Number(durationMs) - lineLagMs;
}

/**
 * Shows that nothing is on its way: an edit of one more file goes out, and the pass that saw it found
 * nothing else to send. Gives all that was sent since, without the marker's own request.
 */
export async function putsBeforeMarker(tree: Tree, daemon: Daemon, since: number): Promise<Put[]> {
  const name = `marker ${tree.sandbox.requests.length}`;
  const markerId = widgetId(markerNumber);
  const isMarker = (line: LogLine) => line.msg === 'applied' && line['widget_id'] === markerId;
  const earlier = daemon.log().filter(isMarker).length;
  tree.write(markerFile, named(markerNumber, name));
  await daemon.waitForLog(() => daemon.log().filter(isMarker).length > earlier, patienceMs);
  const log = daemon.log();
  const looks = log.slice(0, log.findLastIndex(isMarker)).filter(({ msg }) => msg === 'looked');
  expect(looks.findLast((line) => Number(line['update']) > 0)).toMatchObject({ update: 1 });
  const puts = tree.puts(since);
  expect(puts.filter((put) => put.widgetId === markerId)).toEqual([tree.putOf(markerNumber, name)]);
  return puts.filter((put) => put.widgetId !== markerId);
}
