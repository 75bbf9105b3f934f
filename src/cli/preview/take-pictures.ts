// PNG beside each SVG, by a Chromium that is there: nothing else draws Arabic, Chinese and emoji as people
// see them. It gets a profile of its own, no network, and none of this process's environment.
import { type ExecFileException, execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';

const run = promisify(execFile);

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A Chromium, and all that it gets of this process's environment. */
export interface Browser {
  readonly program: string;
  readonly path: string;
  /** Absent: its profile. */
  readonly home?: string | undefined;
}

/** The one that is named, or the first that is found. Throws `UsageError`. */
export function findBrowser(named: string | null, env: NodeJS.ProcessEnv): Browser {
  return { program: findProgram(named, env), path: env['PATH'] ?? '', home: env['HOME'] };
}

function findProgram(named: string | null, env: NodeJS.ProcessEnv): string {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  if (named !== null) {
    // As a shell does: a bare name is a program of PATH.
    const paths = named.includes('/') ? [named] : folders.map((folder) => join(folder, named));
    const program = paths.find(isExecutable);
    if (program !== undefined) return resolve(program);
    throw new UsageError(
      `--browser ${printable(named)}: there is no such program that can be started${named.includes('/') ? '' : ' in the folders of PATH'}`,
    );
  }
  const found = [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    ...places,
  ].find(isExecutable);
  if (found !== undefined) return found;
  throw new UsageError(
    `--png needs a Chromium, and none is here: looked for ${names.join(', ')} in the folders of PATH; ` +
      'install one (on Debian: apt-get install chromium), or name its program with --browser <path>',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** More would only wait for the same processors. */
const atOnce = 2;
const longestMs = 60_000;

/** Writes `before.png` beside `before.svg`, at double size. Throws `UsageError` where the browser fails. */
export async function takePictures(paths: readonly string[], browser: Browser): Promise<void> {
  const waiting = [...paths];
  const takeAll = async () => {
    const profile = await mkdtemp(join(tmpdir(), 'widget-sync-browser-'));
    try {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        await takePicture(path, browser, profile);
      }
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, takeAll));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function takePicture(
  svg: string,
  { program, path, home }: Browser,
  profile: string,
): Promise<void> {
  const png = svg.replace(/\.svg$/, '.png');
  const { width, height } = await sizeOf(svg);
  const words = [
    '--headless',
    '--disable-gpu',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--hide-scrollbars',
    '--force-device-scale-factor=2',
    `--user-data-dir=${profile}`,
    `--window-size=${width},${height}`,
    `--screenshot=${resolve(png)}`,
    // It refuses to isolate what it shows where it is started by root; it shows our own picture alone.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    pathToFileURL(resolve(svg)).href,
  ];
  try {
    await run(program, words, {
      timeout: longestMs,
      env: { PATH: path, HOME: home ?? profile, LANG: 'C.UTF-8' },
    });
    await stat(png);
  } catch (error) {
    throw new UsageError(
      `--png: ${printable(program)} made no picture: it ${printable(howItEnded(error))}; name another browser with --browser <path>, or leave --png away`,
    );
  }
}

/** By the error of `execFile`, or of looking for the picture. */
function howItEnded(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  const { code, signal, killed, stderr } = error as ExecFileException;
  if (killed === true) return `took longer than ${longestMs / 1000} s`;
  if (typeof signal === 'string') return `was ended by ${signal}`;
  // It did end well; the picture was looked for then.
  if (stderr === undefined && code === 'ENOENT') return 'ended with 0 and wrote no file';
  if (typeof code !== 'number') return `could not be started (${messageOf(error)})`;
  const said = (stderr ?? '').trim().split('\n').at(-1)?.trim() ?? '';
  return said === ''
    ? `ended with ${code} and said nothing`
    : `ended with ${code} and said last: ${said.slice(0, 200)}`;
}

async function sizeOf(svg: string): Promise<{ readonly width: number; readonly height: number }> {
  const [, width = '400', height = '650'] =
    /<svg[^>]* width="(\d+)"[^>]* height="(\d+)"/.exec(await readFile(svg, 'utf8')) ?? [];
  return { width: Number(width), height: Number(height) };
}
