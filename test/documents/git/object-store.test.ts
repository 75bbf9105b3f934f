// Git's objects as git itself gives them, in every way that it stores them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ObjectStore } from '../../../src/documents/git/objects/object-store.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

function storeOf(gitDirectory: string): ObjectStore {
  const store = new ObjectStore(gitDirectory);
  onTestFinished(() => store.close());
  return store;
}

interface Expected {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Every object as git itself gives it. */
function saidByGit(root: string): Map<string, Expected> {
  const ids = git(root, 'cat-file', '--batch-all-objects', '--batch-check')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  const options = { cwd: root, input: `${ids.join('\n')}\n`, maxBuffer: 2 ** 30 };
  const output = execFileSync('git', ['cat-file', '--batch'], options);
  const said = new Map<string, Expected>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at);
    const [id = '', type = '', size = ''] = output.toString('latin1', at, end).split(' ');
    said.set(id, { type, bytes: output.subarray(end + 1, end + 1 + Number(size)) });
    at = end + Number(size) + 2;
  }
  return said;
}

function expectAllOf(root: string, store: ObjectStore): void {
  const said = saidByGit(root);
  expect(said.size).toBeGreaterThan(5);
  const different = [...said].filter(([id, { type, bytes }]) => {
    const object = store.read(id);
    return object?.type !== type || !object.bytes.equals(bytes);
  });
  expect(different.map(([id]) => id)).toEqual([]);
  expect(store.trouble).toBeNull();
}

const pack = (root: string, ...options: string[]) =>
  git(root, 'repack', '-q', '-a', '-d', '-f', ...options);

/** A file that grows by a line with each commit, beside others, so that git keeps long chains of deltas. */
function history(...initOptions: string[]): string {
  return copyOf(`a history ${initOptions}`, () => {
    const root = repository(...initOptions);
    const line = (n: number) => `${n} ${(n * 7919).toString(36)} ${(n * 104_729).toString(36)}\n`;
    const start = Array.from({ length: 300 }, (_, n) => line(n)).join('');
    const stream: string[] = [];
    for (let n = 0; n < 120; n += 1) {
      const content = start + Array.from({ length: n }, (_, at) => line(1000 + at)).join('');
      const from = n === 0 ? 'from refs/heads/main^0\n' : '';
      stream.push(
        `commit refs/heads/main\ncommitter A <a@example.org> ${1_790_000_000 + n} +0000\n`,
        `data 4\nLine\n${from}M 100644 inline widgets/grows.yaml\n`,
        `data ${content.length}\n${content}\nM 100644 inline widgets/${n % 7}/w${n}.yaml\n`,
        `data ${line(n).length}\n${line(n)}\n`,
      );
    }
    execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input: stream.join('') });
    git(root, 'tag', '-a', '-m', 'A tag', 'v1');
    return root;
  });
}

/** The same in one pack, of chains as long as git makes them. */
function packedHistory(): string {
  return copyOf('a packed history', () => {
    const root = history();
    pack(root, '--depth=250', '--window=250');
    return root;
  });
}

/** The longest chain of deltas in the only pack. */
function longestChain(root: string): number {
  const folder = join(root, '.git/objects/pack');
  const name = readdirSync(folder).find((one) => one.endsWith('.idx')) ?? '';
  const listed = git(root, 'verify-pack', '-v', join(folder, name));
  const chains = [...listed.matchAll(/^chain length = (\d+)/gm)].map(([, length]) =>
    Number(length),
  );
  return Math.max(0, ...chains);
}

describe('every object is what git says', () => {
  test.each<[string, readonly string[], (root: string) => void]>([
    ['after an aggressive collection', [], (root) => git(root, 'gc', '-q', '--aggressive')],
    [
      'in deltas that name their bases by id',
      [],
      (root) => {
        git(root, '-c', 'repack.useDeltaBaseOffset=false', 'repack', '-q', '-a', '-d', '-f');
      },
    ],
    ['with SHA-256', ['--object-format=sha256'], (root) => pack(root, '--depth=250')],
    ['stored without deflating', [], (root) => git(root, '-c', 'core.compression=0', 'gc', '-q')],
  ])('%s', (_, initOptions, store) => {
    const root = history(...initOptions);
    store(root);
    expectAllOf(root, storeOf(join(root, '.git')));
  });

  test('in chains of many deltas', () => {
    const root = packedHistory();
    expect(longestChain(root)).toBeGreaterThan(60);
    expectAllOf(root, storeOf(join(root, '.git')));
  });

  test('loose', () => {
    const root = repository();
    for (const n of [1, 2, 3]) {
      put(root, `widgets/${n}.yaml`, `${n}\n`.repeat(1 + n * 30_000));
      commitAll(root);
    }
    expect(existsSync(join(root, '.git/objects/pack/'))).toBe(true);
    expectAllOf(root, storeOf(join(root, '.git')));
  });

  test('borrowed from another repository, which may have packed it', () => {
    const root = packedHistory();
    const clone = join(temporaryDirectory(), 'clone');
    git(root, 'clone', '-q', '--shared', root, clone);
    expectAllOf(clone, storeOf(join(clone, '.git')));
  });
});

describe('an object is not there', () => {
  test('by a name that is none', () => {
    const store = storeOf(join(packedHistory(), '.git'));
    for (const id of ['0'.repeat(40), 'f'.repeat(40), '0'.repeat(64), '', '../../config', 'HEAD']) {
      expect(store.read(id)).toBeNull();
    }
    expect(store.trouble).toBeNull();
  });

  test('in a clone that is shallow, nor in one without blobs', () => {
    const root = history();
    git(root, 'config', 'uploadpack.allowFilter', 'true');
    const clone = (name: string, ...options: string[]) => {
      const path = join(temporaryDirectory(), name);
      git(root, 'clone', '-q', '--no-checkout', ...options, `file://${root}`, path);
      return storeOf(join(path, '.git'));
    };
    const before = git(root, 'rev-parse', 'HEAD~1');
    const blob = git(root, 'rev-parse', 'HEAD:widgets/grows.yaml');
    const shallow = clone('shallow', '--depth=1');
    expect([shallow.read(before), shallow.read(blob)?.type]).toEqual([null, 'blob']);
    const blobless = clone('blobless', '--filter=blob:none');
    expect([blobless.read(before)?.type, blobless.read(blob)]).toEqual(['commit', null]);
  });
});

describe('of a store that is damaged', () => {
  const packOf = (root: string, ending: string) => {
    const folder = join(root, '.git/objects/pack');
    const name = readdirSync(folder).find((one) => one.endsWith(ending)) ?? '';
    chmodSync(join(folder, name), 0o644);
    return join(folder, name);
  };

  test.each([
    ['pack', 0],
    ['pack', 200],
    ['idx', 0],
    ['idx', 500],
    ['idx', 2000],
  ])('its %s cut to %i bytes, nothing is made up', (ending, size) => {
    const root = packedHistory();
    const said = saidByGit(root);
    truncateSync(packOf(root, `.${ending}`), size);
    const store = storeOf(join(root, '.git'));
    for (const [id, { bytes }] of said) {
      const read = store.read(id);
      expect(read === null || read.bytes.equals(bytes)).toBe(true);
    }
    expect([...said.keys()].filter((id) => store.read(id) === null)).not.toEqual([]);
  });

  test('by any one byte, nothing is made up', () => {
    const root = repository();
    pack(root);
    const said = saidByGit(root);
    const path = packOf(root, '.pack');
    const whole = readFileSync(path);
    let missed = 0;
    for (let at = 12; at < whole.length - 20; at += 2) {
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] ?? 0) ^ 0x55;
      writeFileSync(path, broken);
      const store = new ObjectStore(join(root, '.git'));
      for (const [id, { type, bytes }] of said) {
        const read = store.read(id);
        if (read === null) missed += 1;
        else expect([read.type, read.bytes]).toEqual([type, bytes]);
      }
      store.close();
    }
    expect(missed).toBeGreaterThan(whole.length / 4);
  });

  test('the other packs serve all the same', () => {
    const root = repository();
    git(root, 'repack', '-q', '-a', '-d');
    put(root, 'widgets/b.yaml', 'b\n');
    const second = commitAll(root);
    const damagedPack = packOf(root, '.idx');
    git(root, 'repack', '-q', '-d');
    truncateSync(damagedPack, 9);
    const store = storeOf(join(root, '.git'));
    expect(store.read(second)?.type).toBe('commit');
    expect(store.trouble).toContain('cut short');
  });
});

describe('git itself reads on, and so does this', () => {
  test('beside an index without its pack', () => {
    const root = repository();
    pack(root);
    const folder = join(root, '.git', 'objects', 'pack');
    const index = readdirSync(folder).find((name) => name.endsWith('.idx')) ?? '';
    // Sorted before the other one.
    copyFileSync(join(folder, index), join(folder, `pack-${'0'.repeat(40)}.idx`));
    expect(storeOf(join(root, '.git')).read(git(root, 'rev-parse', 'HEAD'))?.type).toBe('commit');
  });

  test('where a loose object is empty and a pack has it', () => {
    const root = repository();
    const id = git(root, 'rev-parse', 'HEAD');
    git(root, 'repack', '-a', '-q');
    const loose = join(root, '.git', 'objects', id.slice(0, 2), id.slice(2));
    chmodSync(loose, 0o600);
    truncateSync(loose);
    expect(storeOf(join(root, '.git')).read(id)?.type).toBe('commit');
  });

  test('an index of version 1 is named, since it is not read', () => {
    const root = repository();
    git(root, '-c', 'pack.indexVersion=1', 'repack', '-a', '-d', '-q');
    const store = storeOf(join(root, '.git'));
    expect(store.read(git(root, 'rev-parse', 'HEAD'))).toBeNull();
    expect(store.trouble).toContain('is of version 1: git repack -ad replaces it');
  });
});

test('what git packs anew meanwhile is found in its new place', () => {
  const root = history();
  const store = storeOf(join(root, '.git'));
  const ids = [...saidByGit(root).keys()];
  expect(store.read(ids[0] ?? '')).not.toBeNull();
  git(root, 'gc', '-q', '--aggressive', '--prune=now');
  expectAllOf(root, store);
});

test('beside a pack of hundreds of megabytes no more is read than is asked for', () => {
  const root = packedHistory();
  const [name = ''] = readdirSync(join(root, '.git/objects/pack')).filter((one) =>
    one.endsWith('.pack'),
  );
  const path = join(root, '.git/objects/pack', name);
  chmodSync(path, 0o644);
  // With nothing at its end, which takes no place on the disk and would take some in memory.
  truncateSync(path, 600 * 1024 * 1024);
  expect(statSync(path).size).toBeGreaterThan(600_000_000);
  const store = storeOf(join(root, '.git'));
  const before = process.memoryUsage();
  const head = git(root, 'rev-parse', 'refs/heads/main');
  expect(store.read(head)?.type).toBe('commit');
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000);
});

test('hundreds of packs take few open files', () => {
  const root = repository();
  git(root, 'repack', '-q', '-a', '-d');
  const folder = join(root, '.git/objects/pack');
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.idx'));
  for (let n = 0; n < 200; n += 1) {
    for (const ending of ['.idx', '.pack']) {
      const bytes = readFileSync(join(folder, name.replace('.idx', ending)));
      writeFileSync(join(folder, `pack-${n}${ending}`), bytes);
    }
  }
  const before = readdirSync('/proc/self/fd').length;
  const store = storeOf(join(root, '.git'));
  expect(store.read('f'.repeat(40))).toBeNull();
  expect(readdirSync('/proc/self/fd').length - before).toBeLessThan(40);
  store.close();
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
});

test('ids are listed by their beginnings, loose and packed', () => {
  const root = packedHistory();
  put(root, 'widgets/loose.yaml', 'loose\n');
  commitAll(root);
  const store = storeOf(join(root, '.git'));
  const all = [...saidByGit(root).keys()].sort();
  for (const start of ['00', '7f', 'a', 'ff'].map((text) => text.padEnd(2, '0'))) {
    expect(store.startingWith(start)).toEqual(all.filter((id) => id.startsWith(start)));
  }
  const [one = ''] = all;
  expect(store.startingWith(one)).toEqual([one]);
  expect(store.startingWith(one.slice(0, 9))).toContain(one);
  rmSync(join(root, '.git/objects'), { recursive: true });
  expect(storeOf(join(root, '.git')).startingWith('00')).toEqual([]);
});
