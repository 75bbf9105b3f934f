// Every kind of file that nobody should commit, beside one good widget: what cannot be opened, what
// leads away, names and contents made to hurt. One table, for the room that reads and for the command.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { widgetId } from './sandbox.ts';

/** Rings, moves, colours, erases, links (OSC 8), sets the clipboard (OSC 52), turns the text around. */
export const evil =
  '\u0007a\rb\b\u001b[2J\u001b]8;;http://x.example\u0007c\u001b]52;c;aGk=\u001b\\' +
  '\u0000\u007f\u0085\u009b31m\u009d0;t\u009c\u202ed\u202c\u2066e\u2069\n';

/** What a terminal would obey, or show in another order; tabs and line ends are not among it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const obeyed = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** The lines of an output that are not harmless, written so that they are, each with what is in it. */
export function harmIn(output: string): string[] {
  return output.split('\n').flatMap((line) => {
    const found = new Set(line.match(obeyed) ?? []);
    const codes = [...found].map((one) => `U+${one.charCodeAt(0).toString(16)}`);
    return found.size === 0 ? [] : [`${codes.join(' ')} in ${encodeURI(line).slice(0, 200)}`];
  });
}

/** Good but for a field that nobody knows: so it is shown. */
export const wrong = (n: number) =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\n${JSON.stringify(evil)}: 1\n`;

export interface HostileFile {
  readonly kind: string;
  /** As the tree names it. */
  readonly path: string;
  /** What is said of it; null where it is passed over. */
  readonly code: string | null;
  make(dir: string): void;
}

type Row = [kind: string, path: string, code: string | null, make: (path: string) => unknown];

const linkTo = (target: string) => (path: string) => symlinkSync(target, path);
const saying = (content: string) => (path: string) => writeFileSync(path, content);
const sparse = (size: number) => (path: string) => {
  writeFileSync(path, '');
  truncateSync(path, size);
};

/** Under a name of its own, which the tree cannot tell. */
function asBytes(bytes: readonly number[], make: (path: Buffer) => unknown) {
  return (path: string) =>
    make(Buffer.concat([Buffer.from(`${dirname(path)}/`), Buffer.from(bytes)]));
}

function listen(path: string): void {
  const server = createServer().listen(path);
  onTestFinished(() => {
    server.close();
  });
}

const rows: Row[] = [
  ['a pipe', 'pipe.yaml', 'unreadable-file', (path) => execFileSync('mkfifo', [path])],
  [
    'a pipe in a folder',
    'in/pipe.yml',
    'unreadable-file',
    (path) => execFileSync('mkfifo', [path]),
  ],
  ['a pipe of another name', 'pipe.txt', null, (path) => execFileSync('mkfifo', [path])],
  ['a socket', 'socket.yaml', 'unreadable-file', listen],
  ['a link to a device', 'zero.yaml', 'link-outside', linkTo('/dev/zero')],
  ['a link to a terminal', 'tty.yaml', 'link-outside', linkTo('/dev/tty')],
  ['a link to a secret', 'passwd.yaml', 'link-outside', linkTo('/etc/passwd')],
  ['a link to a folder of others', 'etc', 'skipped-link', linkTo('/etc')],
  ['a link to a folder of others as a file', 'etc.yaml', 'link-outside', linkTo('/etc')],
  ['a link into the process', 'self.yaml', 'link-outside', linkTo('/proc/self/environ')],
  ['a link to nowhere', 'nowhere.yaml', 'unreadable-file', linkTo('gone/gone.yaml')],
  ['a link to itself', 'loop.yaml', 'unreadable-file', linkTo('loop.yaml')],
  ['a link to the folder above', 'in/up', 'skipped-link', linkTo('..')],
  ['a link to the pipe', 'to-pipe.yaml', 'unreadable-file', linkTo('pipe.yaml')],
  ['a gibibyte', 'gibibyte.yaml', 'file-too-large', sparse(2 ** 30)],
  ['a tebibyte', 'tebibyte.yaml', 'file-too-large', sparse(2 ** 40)],
  ['a byte more than is read', 'byte.yaml', 'file-too-large', sparse(2 ** 20 + 1)],
  ['a mebibyte of nothing', 'zeros.yaml', 'yaml-syntax', sparse(2 ** 20)],
  ['an empty file', 'empty.yaml', 'missing-field', saying('')],
  ['a folder named like a file', 'folder.yaml/x.yaml', 'missing-field', saying('')],
  ['a name of two lines', 'two\nlines.yaml', 'unknown-field', saying(wrong(51))],
  [
    'a name that a terminal obeys',
    'x\u001b[2J\u009b1m\u202e.yaml',
    'unknown-field',
    saying(wrong(52)),
  ],
  ['a folder that a terminal obeys', '\u001b]0;x\u0007/x.yaml', 'unknown-field', saying(wrong(53))],
  ['the longest name', `${'n'.repeat(250)}.yaml`, 'unknown-field', saying(wrong(54))],
  ['a name like an option', '--json.yaml', 'unknown-field', saying(wrong(55))],
  ['a name of every object', 'constructor.yaml', 'unknown-field', saying(wrong(56))],
  ['the name of a fragment', '__proto__.yaml', null, saying(wrong(57))],
  [
    'a name that is not UTF-8',
    '\ufffd.yaml',
    'unreadable-file',
    asBytes([0xff, ...Buffer.from('.yaml')], (path) => writeFileSync(path, '')),
  ],
  [
    'a folder whose name is not UTF-8',
    'in/\ufffd',
    'unreadable-file',
    asBytes([0xfe], (path) => mkdirSync(path)),
  ],
];

export const hostileFiles: readonly HostileFile[] = rows.map(([kind, path, code, make]) => ({
  kind,
  path,
  code,
  make(dir) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    make(join(dir, path));
  },
}));
