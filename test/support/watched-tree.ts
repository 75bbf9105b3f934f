// A tree of widget files, a sandbox that holds the same widgets, and the built command between them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/json.ts';
import type { FaultHook } from '../../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import {
  type Finished,
  type LogLine,
  runCommand,
  type Started,
  startCommand,
  temporaryDirectory,
  writeFile,
} from './command.ts';
import { waitFor, widgetId } from './sandbox.ts';

/** Generous: what a test waits for comes at once on a machine at rest. */
export const patienceMs = 25_000;

export interface Put {
  readonly widgetId: string | null;
  readonly body: unknown;
}

export interface Tree {
  /** Where commands run; state is kept below it. */
  readonly root: string;
  /** The watched directory. */
  readonly dir: string;
  readonly sandbox: Sandbox;
  write(path: string, content: string): void;
  /** What the sandbox was asked to write, in order of arrival, from its `since`-th request on. */
  puts(since?: number): Put[];
  /** Resolves once the sandbox holds this name for the n-th widget. */
  serverShows(n: number, displayName: string): Promise<void>;
  /** Starts the daemon; resolves after its first pass, when no edit can be missed any more. */
  watch(...flags: string[]): Promise<Daemon>;
  command(name: 'apply' | 'plan', ...flags: string[]): Promise<Finished>;
}

export interface Daemon extends Started {
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
  readonly onRequest?: FaultHook;
}

const markerNumber = 0xffff;
const markerFile = 'zz-marker.yaml';
const fast = ['--rate', '500/s', '--resync', 'off'];

export async function startTree({ widgets, dir, onRequest }: TreeOptions): Promise<Tree> {
  const root = temporaryDirectory();
  const watched = dir ?? join(root, 'widgets');
  mkdirSync(watched, { recursive: true });
  const sandbox = await startSandbox({
    widgets: [...numbers(widgets), markerNumber].map((n) => ({
      widgetId: widgetId(n),
      fields: {},
    })),
    ...(onRequest !== undefined && { onRequest }),
  });
  onTestFinished(() => sandbox.close());
  if (dir === undefined) writeWidgets(watched, widgets);
  const options = { cwd: root, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' } };
  const target = ['--api-url', sandbox.url];
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
    serverShows: (n, displayName) =>
      waitFor(sandbox, () => shown(sandbox, n)?.['display_name'] === displayName, patienceMs),
    async watch(...flags) {
      // The later of two equal flags wins.
      const started = startCommand(['run', watched, ...target, ...fast, ...flags], options);
      await started.waitForLog((line) => line.msg === 'looked', patienceMs);
      return asDaemon(started);
    },
    command(name, ...flags) {
      const writing = name === 'apply' ? ['--rate', '500/s'] : [];
      return runCommand([name, watched, ...target, ...writing, ...flags], options);
    },
  };
}

function asDaemon(started: Started): Daemon {
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

export function putOf(n: number, displayName?: string): Put {
  return { widgetId: widgetId(n), body: fieldsOf(n, displayName) };
}

/** Puts in an order of their own: which of several widgets goes first is nobody's promise. */
export function sorted(puts: readonly Put[]): Put[] {
  return [...puts].sort((a, b) => (String(a.widgetId) < String(b.widgetId) ? -1 : 1));
}

export function writeWidgets(dir: string, count: number): void {
  for (const n of numbers(count)) writeFile(dir, fileName(n), widgetFile(n));
}

export interface Scene {
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** What the sandbox does with the requests to come. */
  readonly faults: { next: FaultHook };
  /** Requests that the first pass caused. */
  readonly settled: number;
}

/** A daemon that has applied so many widgets. */
export async function startScene(widgets: number, ...flags: string[]): Promise<Scene> {
  const faults: Scene['faults'] = { next: () => undefined };
  const tree = await startTree({ widgets, onRequest: (request) => faults.next(request) });
  const daemon = await tree.watch(...flags);
  await daemon.said('applied', widgets);
  return { tree, daemon, faults, settled: tree.sandbox.requests.length };
}

/** Writes the n-th file and waits until the daemon has looked at it. */
export async function writeAndWait(scene: Scene, n: number, displayName: string): Promise<void> {
  const earlier = scene.daemon.lines('looked').length;
  scene.tree.write(fileName(n), named(n, displayName));
  await scene.daemon.said('looked', earlier + 1);
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
  expect(puts.filter((put) => put.widgetId === markerId)).toEqual([putOf(markerNumber, name)]);
  return puts.filter((put) => put.widgetId !== markerId);
}

/** Something that others wait for until the test opens it. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

export function createLatch(): Latch {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
