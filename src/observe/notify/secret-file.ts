// A file that holds one secret, read again whenever it has changed. What is wrong is said without the secret;
// a file that can no longer be used leaves in force what was read before.
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { describeLoosePermissions } from '../../api/key-permissions.ts';
import { codeOf } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';

/** The secret, or what is wrong with the text and what to do. */
export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

export interface SecretFile<Value> {
  /** The secret in force; looks at the file first. */
  read(): Value;
}

/** Hears each problem once for as long as it is the same. */
export type OnSecretTrouble = (says: string) => void;

/** Longer than any address or secret: larger files are not read. */
const maxFileBytes = 16 * 1024;

/** What is wrong with the file as it is now, else the way to read it from now on. */
export function openSecretFile<Value>(
  path: string,
  parse: (text: string) => Parsed<Value>,
  onTrouble: OnSecretTrouble,
): SecretFile<Value> | { readonly problem: string } {
  const first = readSecret(path, '');
  const parsed = first.found === 'same' ? { problem: 'it is empty' } : parsedBy(parse, first.found);
  if ('problem' in parsed) return parsed;
  let { value } = parsed;
  let { state } = first;
  warnOfOthers(path, first, onTrouble);
  return {
    read() {
      const seen = readSecret(path, state);
      state = seen.state;
      if (seen.found === 'same') return value;
      const now = parsedBy(parse, seen.found);
      if ('value' in now) value = now.value;
      else onTrouble(`${printable(path)}: ${now.problem}; what was read before stays in force`);
      return value;
    },
  };
}

interface Seen {
  /** Equal states need no second reading, and no second report. */
  readonly state: string;
  readonly found: 'same' | { readonly text: string } | { readonly problem: string };
  readonly loose?: string | null;
}

function readSecret(path: string, known: string): Seen {
  try {
    // stat follows links: a Kubernetes secret is renewed by swapping a link to its directory.
    const stats = statSync(path, { bigint: true });
    const state = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
    if (state === known) return { state, found: 'same' };
    // A named pipe would block the process until someone writes to it.
    if (!stats.isFile()) return { state, found: { problem: 'it is not a regular file' } };
    if (stats.size > maxFileBytes) {
      return { state, found: { problem: 'it is larger than 16 KiB: leave only the secret in it' } };
    }
    return { state, ...readOpened(path) };
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    return code === known
      ? { state: code, found: 'same' }
      : { state: code, found: { problem: whyUnreadable(code) } };
  }
}

function readOpened(path: string): Pick<Seen, 'found' | 'loose'> {
  const file = openSync(path, 'r');
  try {
    const { mode, uid: ownerUid } = fstatSync(file);
    const loose = describeLoosePermissions({ mode, ownerUid }, process.getuid?.() ?? null);
    return { found: { text: readFileSync(file, 'utf8') }, loose };
  } finally {
    closeSync(file);
  }
}

function whyUnreadable(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'it may not be read by this user';
    default:
      return `it cannot be read (${code})`;
  }
}

function parsedBy<Value>(
  parse: (text: string) => Parsed<Value>,
  found: { readonly text: string } | { readonly problem: string },
): Parsed<Value> {
  if ('problem' in found) return found;
  const text = found.text.trim();
  return text === '' ? { problem: 'it is empty' } : parse(text);
}

function warnOfOthers(path: string, { loose }: Seen, onTrouble: OnSecretTrouble): void {
  if (typeof loose === 'string') onTrouble(`${printable(path)} ${loose}`);
}
