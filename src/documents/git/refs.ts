// Git's names for commits, read from its own files: gitrepository-layout(5).
import { join } from 'node:path';
import { type GitDirectory, readText } from './git-directory.ts';

const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** A name that refers to names is followed so far. */
const mostSteps = 5;

/** The id that a whole name, such as `HEAD` or `refs/heads/main`, stands for; null for none. */
export function readRef(git: GitDirectory, name: string): string | null {
  let asked = name;
  for (let step = 0; step <= mostSteps; step += 1) {
    if (!isRefName(asked)) return null;
    const value = looseRef(git, asked) ?? packedRef(git, asked);
    const target = /^ref: (.+)$/.exec(value ?? '')?.[1];
    if (target === undefined) return value !== null && hash.test(value) ? value : null;
    asked = target;
  }
  return null;
}

/** Whether the names are kept in a form that is not read here: gitformat-reftable(5). */
export function hasReftable({ common }: GitDirectory): boolean {
  return readText(join(common, 'HEAD')) === 'ref: refs/heads/.invalid';
}

/** What git tries for a name that a person gives, in git's own order: gitrevisions(7). */
export function refsNamed(name: string): string[] {
  const isOwn = /^[A-Z_]+$/.test(name) || name.startsWith('refs/');
  const places = ['refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'];
  const below = [...places.map((place) => place + name), `refs/remotes/${name}/HEAD`];
  return isOwn ? [name, ...below] : below;
}

/** By git-check-ref-format(1): such a name leads to no place but one below git's directory. */
function isRefName(name: string): boolean {
  if (name.length > longestName || forbidden.test(name)) return false;
  const parts = name.split('/');
  const isFine = (part: string) =>
    part !== '' &&
    !part.startsWith('.') &&
    !part.endsWith('.lock') &&
    Buffer.byteLength(part) <= longestPart;
  return parts.every(isFine) && (parts.length > 1 ? parts[0] === 'refs' : /^[A-Z_]+$/.test(name));
}

const forbidden = /[\p{Cc} ~^:?*[\\]|\.\.|@\{/u;

/** A path may be four times as long; no part of it is longer than a file system takes (in bytes). */
const longestName = 1000;
const longestPart = 255;

/** HEAD and a few others are of this working copy alone. */
function looseRef({ own, common }: GitDirectory, name: string): string | null {
  return readText(join(own, name)) ?? readText(join(common, name));
}

function packedRef({ common }: GitDirectory, name: string): string | null {
  const packed = readText(join(common, 'packed-refs')) ?? '';
  const line = packed.split('\n').find((one) => one.endsWith(` ${name}`));
  return line?.split(' ')[0] ?? null;
}
