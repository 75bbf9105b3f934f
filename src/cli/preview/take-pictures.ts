// PNG beside each SVG, by a Chromium that is there: nothing else draws Arabic, Chinese and emoji as people
// see them. It gets a profile of its own, no network, and none of this process's environment.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
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

/** The path of a Chromium: the one that is named, or the first that is found. Throws `UsageError`. */
export function findBrowser(named: string | null, env: NodeJS.ProcessEnv): string {
  if (named !== null) {
    if (isExecutable(named)) return resolve(named);
    throw new UsageError(`--browser ${printable(named)}: there is no program that can be started`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
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
    return true;
  } catch {
    return false;
  }
}

/** More would only wait for the same processors. */
const atOnce = 2;
const longestMs = 60_000;

/** Writes `before.png` beside `before.svg`, at double size. Throws `UsageError` where the browser fails. */
export async function takePictures(paths: readonly string[], browser: string): Promise<void> {
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

async function takePicture(svg: string, browser: string, profile: string): Promise<void> {
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
  const { PATH = '', HOME = profile } = process.env;
  try {
    await run(browser, words, { timeout: longestMs, env: { PATH, HOME, LANG: 'C.UTF-8' } });
    await stat(png);
  } catch (error) {
    const [why = ''] = messageOf(error).split('\n').slice(-1);
    throw new UsageError(
      `--png: ${printable(browser)} made no picture (${printable(why.slice(0, 200))}); name another browser with --browser <path>, or leave --png away`,
    );
  }
}

async function sizeOf(svg: string): Promise<{ readonly width: number; readonly height: number }> {
  const [, width = '400', height = '650'] =
    /<svg[^>]* width="(\d+)"[^>]* height="(\d+)"/.exec(await readFile(svg, 'utf8')) ?? [];
  return { width: Number(width), height: Number(height) };
}
