// The key in force, and its rotation without a restart. Never shows a key, not even a wrong one:
// what was put in its place may be another secret.
import type { BigIntStats } from 'node:fs';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { codeOf, messageOf, UsageError } from '../base/errors.ts';
import { registerSecret } from '../base/secrets.ts';
import { printable } from '../base/text.ts';
import { describeLoosePermissions, type KeyFileFacts } from './key-permissions.ts';

/** `setting`: what names it, where it is not the variable of a process with one account. */
export type KeySource =
  | { readonly kind: 'value'; readonly value: string; readonly setting?: string }
  | { readonly kind: 'file'; readonly path: string; readonly setting?: string };

/**
 * `changed`: another key is in force from now on. `mended`: the file holds the key in force again. A problem: the
 * earlier key stays in force.
 */
export type KeyRefresh = 'same' | 'changed' | 'mended' | { readonly problem: string };

export type KeyListener = (found: Exclude<KeyRefresh, 'same'>) => void;

export interface ApiKey {
  /** Where it comes from, where a person did not say it by the variables of one account: `key_file of harbor (keys/harbor)`. */
  readonly setting: string | null;
  /** The key in force. */
  text(): string;
  /** Looks at the file again where there is one; each problem is returned once per state of the file. */
  refresh(): KeyRefresh;
  /**
   * Tells the listener of every refresh that did not end in `same`, no matter which part asked for it: the
   * client refreshes before each request, and what it finds concerns the loop too. Returns the way out.
   */
  onRefresh(listener: KeyListener): () => void;
}

const keyAdvice =
  'A key begins with in-, is one word of plain ASCII, and is made on the Settings page of the dashboard.';
const fileAdvice = 'Name a file that holds the key and that this user may read.';

/** Longer than any key: larger files are not read. */
const maxFileBytes = 16 * 1024;

export interface KeyDeps {
  /** Told of each mode of the file, once, that lets others at the key. */
  readonly onLoose: (warning: string) => void;
  /** The user this process runs as; null on a system without. */
  readonly ownUid: number | null;
}

const noListener: KeyDeps = { onLoose: () => {}, ownUid: process.getuid?.() ?? null };

/** Throws `UsageError` when there is no usable key to begin with. */
export function openApiKey(source: KeySource, deps: Partial<KeyDeps> = {}): ApiKey {
  switch (source.kind) {
    case 'value':
      return fixedKey(
        checkKey(source.value, source.setting ?? 'INSIGHTO_API_KEY'),
        source.setting ?? null,
      );
    case 'file':
      return fileKey(source, { ...noListener, ...deps });
  }
}

function fixedKey(checked: CheckedKey, setting: string | null): ApiKey {
  if ('problem' in checked) throw new UsageError(`${checked.problem}. ${checked.advice}`);
  registerSecret(checked.key);
  return { setting, text: () => checked.key, refresh: () => 'same', onRefresh: () => () => {} };
}

function fileKey(source: KeySource & { kind: 'file' }, deps: KeyDeps): ApiKey {
  const { path } = source;
  const name = nameOf(source);
  const listeners = new Set<KeyListener>();
  let key = '';
  let state = '';
  let isUsable = true;
  const warn = warnOnce(name, deps);

  const look = (): 'same' | 'changed' | 'mended' | Refused => {
    const seen = readKeyFile(path, name, state);
    if (seen === 'same') return 'same';
    state = seen.state;
    const wasUsable = isUsable;
    isUsable = !('problem' in seen.found);
    if ('problem' in seen.found) return seen.found;
    if (seen.opened !== undefined) warn(seen.opened);
    if (seen.found.key === key) return wasUsable ? 'same' : 'mended';
    key = seen.found.key;
    registerSecret(key);
    return 'changed';
  };

  const first = look();
  if (typeof first === 'object') throw new UsageError(`${first.problem}. ${first.advice}`);
  return {
    setting: source.setting === undefined ? null : name,
    text: () => key,
    refresh() {
      const found = look();
      if (found === 'same') return found;
      const told = typeof found === 'string' ? found : keptInForce(found);
      for (const listener of listeners) listener(told);
      return told;
    },
    onRefresh(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function warnOnce(name: string, { onLoose, ownUid }: KeyDeps) {
  const warned = new Set<string>();
  return (facts: KeyFileFacts): void => {
    const loose = describeLoosePermissions(facts, ownUid);
    if (loose === null || warned.has(loose)) return;
    warned.add(loose);
    onLoose(`${name} ${loose}`);
  };
}

function keptInForce({ problem, advice }: Refused): { readonly problem: string } {
  return { problem: `${problem}; the key read before stays in force. ${advice}` };
}

type CheckedKey = { readonly key: string } | Refused;

/** Why there is no key to take, and what to do. */
interface Refused {
  readonly problem: string;
  readonly advice: string;
}

interface SeenFile {
  /** Equal states need no second reading, and no second report. */
  readonly state: string;
  readonly found: CheckedKey;
  /** The facts of the file that was opened; absent where none could be. */
  readonly opened?: KeyFileFacts;
}

/** `same` when the file is in the state that is known. */
function readKeyFile(path: string, name: string, known: string): SeenFile | 'same' {
  let state = '';
  try {
    // stat follows links: a Kubernetes secret is renewed by swapping a link to its directory.
    const stats = statSync(path, { bigint: true });
    state = stateOf(stats);
    if (state === known) return 'same';
    // A named pipe would block the process until someone writes to it.
    if (!stats.isFile()) return { state, found: unusable(`${name} is not a regular file`) };
    return readOpened(path, name);
  } catch (error) {
    // The code is part of the state: unreadable stays unreadable, silently, but is tried again.
    const reason = codeOf(error) ?? messageOf(error);
    state = `${state} ${reason}`;
    return state === known ? 'same' : { state, found: unusable(describe(name, reason)) };
  }
}

function readOpened(path: string, name: string): SeenFile {
  const file = openSync(path, 'r');
  try {
    // Asked before reading: a write in between leaves a state that the next look finds outdated.
    const stats = fstatSync(file, { bigint: true });
    const state = stateOf(stats);
    const opened = { mode: Number(stats.mode), ownerUid: Number(stats.uid) };
    if (stats.size > maxFileBytes) {
      return { state, found: noKey(`${name} is too large to be a key`), opened };
    }
    return { state, found: checkKey(readFileSync(file, 'utf8'), name), opened };
  } finally {
    closeSync(file);
  }
}

function nameOf({ path, setting = 'INSIGHTO_API_KEY_FILE' }: KeySource & { kind: 'file' }): string {
  return `${setting} (${printable(path)})`;
}

function stateOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

function describe(name: string, reason: string): string {
  switch (reason) {
    case 'ENOENT':
      return `${name} does not exist`;
    case 'EACCES':
      return `${name} may not be read by this user`;
    default:
      return `${name} cannot be read (${reason})`;
  }
}

/** The file could not be read, so that nothing is said of a key. */
function unusable(problem: string): Refused {
  return { problem, advice: fileAdvice };
}

function noKey(problem: string): Refused {
  return { problem, advice: keyAdvice };
}

function checkKey(text: string, name: string): CheckedKey {
  const key = text.trim();
  if (key === '') return noKey(`${name} is empty`);
  if (!key.startsWith('in-')) return noKey(`${name} ${whyNoKey(key)}`);
  if (!/^in-[\x21-\x7e]+$/.test(key)) {
    return noKey(`${name} holds more than one word, or characters that no key has`);
  }
  return { key };
}

/** Keys that were not taken as they are, but with what stood around them. */
function whyNoKey(text: string): string {
  const [first = ''] = text;
  // `docker run --env-file` and systemd's credentials keep quotes; shells and Compose take them off.
  if (`"'`.includes(first)) return 'has quotes around it: take them off';
  if (text.includes('\0')) return 'is not UTF-8 (UTF-16, perhaps): save it as UTF-8';
  if (/^\w+=/.test(text)) return 'holds a setting, not a key: leave only what stands behind the =';
  return 'does not begin with in-';
}
