// Looks at real directories, one after the other, while their files move.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import { widgetId } from '../../support/sandbox.ts';
import { commitAll, repository } from '../repository.ts';
import {
  both,
  goneOnce,
  namesIn,
  seen,
  treeOf,
  type World,
  worldOf,
  yaml,
} from '../snapshot-world.ts';
import { put } from '../temporary-directory.ts';

describe('a file that was just written', () => {
  test('is taken after a quarter of a second, and all others with it', () => {
    const { dir, clock, snapshots } = worldOf();
    expect(seen(snapshots.look())).toEqual(both);
    clock.setAfter(put(dir, 'b.yaml', yaml(2, 'Edited')), 40);
    const look = snapshots.look();
    const retryInMs = 'unsettled' in look ? (look.unsettled.retryInMs ?? 0) : 0;
    // The file's own time is finer than a millisecond.
    expect(Math.abs(retryInMs - 210)).toBeLessThanOrEqual(1);
    clock.pass(retryInMs - 5);
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving' } });
    clock.pass(6);
    expect(seen(snapshots.look())).toEqual({ ...both, 'b.yaml': 'Edited' });
  });

  test('without an end of its last line is held for two seconds, while others go on', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    put(dir, 'a.yaml', yaml(1, 'Edited'));
    const path = put(dir, 'b.yaml', yaml(2, 'Edited').trimEnd());
    clock.setAfter(path, 245);
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving' } });
    for (const ms of [255, 1995]) {
      clock.setAfter(path, ms);
      expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Edited', 'b.yaml': '(changing-file)' });
    }
    clock.setAfter(path, 2001);
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Edited', 'b.yaml': 'Edited' });
  });

  test('that keeps changing is held after two seconds, while others go on', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    put(dir, 'a.yaml', yaml(1, 'Edited'));
    expect(seen(snapshots.look())).toEqual({ ...both, 'a.yaml': 'Edited' });
    const looks = [0, 1, 2, 3, 4].map((n) => {
      clock.setAfter(put(dir, 'b.yaml', yaml(2, `Version ${n}`)), 10);
      const look = snapshots.look();
      clock.pass(500);
      return look;
    });
    const waits = looks.map((look) => ('tree' in look ? 'taken' : look.unsettled.code));
    expect(waits).toEqual(['moving', 'moving', 'moving', 'moving', 'taken']);
    const last = looks.at(-1);
    expect(last).toMatchObject({
      tree: { held: [{ file: 'b.yaml', widgetId: widgetId(2) }], problems: [] },
    });
    expect(last && seen(last)).toEqual({ 'a.yaml': 'Edited', 'b.yaml': '(changing-file)' });
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Edited', 'b.yaml': 'Version 4' });
  });

  test('is taken at once by a load', () => {
    const { dir, clock, snapshots } = worldOf();
    clock.setAfter(put(dir, 'b.yaml', yaml(2, 'Edited').trimEnd()), 0);
    expect(namesIn(snapshots.load())).toEqual({ ...both, 'b.yaml': 'Edited' });
  });

  test('that a load took is waited for by the look after it', () => {
    const { dir, clock, snapshots } = worldOf();
    clock.setAfter(put(dir, 'b.yaml', yaml(2, 'Edited')), 0);
    snapshots.load();
    expect(snapshots.look()).toMatchObject({ unsettled: { code: 'moving' } });
  });
});

describe('a file that is gone', () => {
  test('is believed gone at the second look', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    rmSync(join(dir, 'b.yaml'));
    expect(seen(snapshots.look())).toEqual(goneOnce);
    clock.pass(200);
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1' });
  });

  test('and back at the second look was never gone', () => {
    const { dir, clock, snapshots } = worldOf();
    snapshots.look();
    renameSync(join(dir, 'b.yaml'), join(dir, 'b.yaml~'));
    expect(seen(snapshots.look())).toEqual(goneOnce);
    renameSync(join(dir, 'b.yaml~'), join(dir, 'b.yaml'));
    clock.pass(200);
    expect(seen(snapshots.look())).toEqual(both);
  });

  test('under one name and there under another was renamed', () => {
    const { dir, snapshots } = worldOf();
    snapshots.look();
    mkdirSync(join(dir, 'team'));
    renameSync(join(dir, 'b.yaml'), join(dir, 'team/b.yaml'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1', 'team/b.yaml': 'Widget 2' });
  });

  // Once, what was young or refused at the last look went unnoticed: nothing that was known had changed.
  test.each<[string, (world: World) => void]>([
    ['that was read within a second of being written', (world) => world.snapshots.look()],
    [
      'that a load took young',
      ({ dir, clock, snapshots }) => {
        clock.setAfter(join(dir, 'b.yaml'), 0);
        snapshots.load();
        clock.pass(3_600_000);
      },
    ],
    [
      'that was held because it kept changing',
      ({ dir, clock, snapshots }) => {
        clock.setAfter(put(dir, 'b.yaml', yaml(2)), 10);
        snapshots.look();
        clock.pass(2000);
        clock.setAfter(put(dir, 'b.yaml', yaml(2)), 10);
        expect(seen(snapshots.look())).toEqual({
          'a.yaml': 'Widget 1',
          'b.yaml': '(changing-file)',
        });
        clock.pass(3_600_000);
      },
    ],
    [
      'that could not be read',
      ({ dir, snapshots }) => {
        rmSync(join(dir, 'b.yaml'));
        symlinkSync('nowhere', join(dir, 'b.yaml'));
        expect(seen(snapshots.look())).toEqual({
          'a.yaml': 'Widget 1',
          'b.yaml': '(unreadable-file)',
        });
      },
    ],
  ])('%s is noticed', (_, takeIn) => {
    const world = worldOf();
    const { dir, clock, snapshots } = world;
    snapshots.look();
    clock.setAfter(put(dir, 'b.yaml', yaml(2)), 500);
    takeIn(world);
    rmSync(join(dir, 'b.yaml'));
    snapshots.look();
    clock.pass(200);
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1' });
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1' });
  });
});

describe('a key that comes into force', () => {
  test('holds the files in which it stands, though nothing moved and they were read before', () => {
    const { dir, snapshots, clock } = worldOf();
    put(dir, 'a.yaml', yaml(1, 'in-s3cr3t+k9x=z'));
    clock.pass(5000);
    expect(seen(snapshots.look())).toMatchObject({ 'a.yaml': 'in-s3cr3t+k9x=z' });
    onTestFinished(registerSecret('in-s3cr3t+k9x=z'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': '(holds-key)', 'b.yaml': 'Widget 2' });
  });
});

describe('a tree in which nothing moved', () => {
  test('gives the same documents, and nothing is parsed again', () => {
    const { snapshots, lookedUp } = worldOf();
    const first = treeOf(snapshots.look());
    const second = treeOf(snapshots.look());
    expect(second.documents).toBe(first.documents);
    expect(second).toEqual(first);
    expect(lookedUp).toHaveLength(2);
  });

  test('and that is too young to be sure is read again, but not parsed', () => {
    const { dir, clock, snapshots, lookedUp } = worldOf();
    clock.setAfter(join(dir, 'b.yaml'), 10);
    snapshots.look();
    clock.pass(500);
    expect(seen(snapshots.look())).toEqual(both);
    expect(seen(snapshots.look())).toEqual(both);
    expect(lookedUp).toHaveLength(2);
  });

  test('parses only what moved, and only other bytes', () => {
    const { dir, snapshots, lookedUp } = worldOf();
    snapshots.look();
    put(dir, 'a.yaml', yaml(1));
    renameSync(join(dir, 'b.yaml'), join(dir, 'c.yaml'));
    snapshots.look();
    expect(lookedUp).toHaveLength(2);
    put(dir, 'a.yaml', yaml(1, 'Edited'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Edited', 'c.yaml': 'Widget 2' });
    expect(lookedUp).toHaveLength(3);
  });

  test('has forgotten what an edited file once said', () => {
    const { dir, snapshots, lookedUp } = worldOf();
    snapshots.look();
    for (const name of ['Edited', 'Widget 1']) {
      put(dir, 'a.yaml', yaml(1, name));
      expect(seen(snapshots.look())).toEqual({ ...both, 'a.yaml': name });
    }
    expect(lookedUp).toHaveLength(4);
    expect(new Set(lookedUp).size).toBe(3);
  });

  test('is loaded anew once a suspension has ended', () => {
    const { dir, clock, snapshots } = worldOf();
    const sync = 'sync: { suspend: true, until: 2030-01-01T00:00:00Z }\n';
    put(dir, 'b.yaml', yaml(2, 'Asleep', sync));
    clock.setTo(new Date('2029-12-31T23:59:59Z'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1', 'b.yaml': '(suspended)' });
    clock.setTo(new Date('2029-12-31T23:59:59.999Z'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1', 'b.yaml': '(suspended)' });
    clock.setTo(new Date('2030-01-01T00:00:00Z'));
    expect(seen(snapshots.look())).toEqual({ 'a.yaml': 'Widget 1', 'b.yaml': 'Asleep' });
  });

  test('names the folders that it has now', () => {
    const { dir, snapshots } = worldOf();
    expect([...treeOf(snapshots.look()).folders.keys()]).toEqual(['']);
    mkdirSync(join(dir, 'empty'));
    expect([...treeOf(snapshots.look()).folders.keys()]).toEqual(['', 'empty']);
  });

  test('names the commit that it is of now', () => {
    const root = repository();
    put(root, 'widgets/a.yaml', yaml(1));
    const first = commitAll(root, '1790000000 +0000');
    const { snapshots } = worldOf(join(root, 'widgets'));
    const before = treeOf(snapshots.look());
    expect(before).toMatchObject({ revision: first, committedAt: new Date(1.79e12) });
    const second = commitAll(root, '1790000060 +0000');
    const after = treeOf(snapshots.look());
    expect(after).toMatchObject({ revision: second, committedAt: new Date(1.79000006e12) });
    expect(after.documents).toBe(before.documents);
  });
});
