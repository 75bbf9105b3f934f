import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import type { KnownContent } from '../../src/model/document.ts';
import { put, temporaryDirectory } from './temporary-directory.ts';

const id = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
const widget = (more = '') => `widget_id: ${id}\nwidget_type: chat\n${more}`;

describe('a widget directory', () => {
  test('follows files as they are edited, broken, mended, moved and removed', () => {
    const dir = temporaryDirectory();
    const directory = openWidgetDirectory(dir);
    put(dir, 'ava.yaml', widget('name: Ava'));
    const [first] = directory.load().documents;
    expect(first?.spec.name).toBe('Ava');

    put(dir, 'ava.yaml', widget('name: [Ava'));
    expect(directory.load()).toMatchObject({
      documents: [],
      held: [{ widgetId: id, code: 'yaml-syntax' }],
    });

    rmSync(join(dir, 'ava.yaml'));
    put(dir, 'team/ava.yml', widget('name: "Ava" # quoted now'));
    const [moved] = directory.load().documents;
    expect(moved?.file).toBe('team/ava.yml');
    expect(moved?.hash).toBe(first?.hash);

    rmSync(join(dir, 'team/ava.yml'));
    expect(directory.load().problems.map(({ code }) => code)).toEqual(['no-widgets']);
  });

  test('does not parse bytes that an earlier process recorded', () => {
    const dir = temporaryDirectory();
    // What is recorded differs from what the bytes say, so that the source of the answer shows.
    put(dir, 'ava.yaml', widget('name: from the bytes'));
    const [real] = openWidgetDirectory(dir).load().documents;
    if (real === undefined) throw new Error('the file is valid');
    const recorded: KnownContent = {
      ...real,
      spec: { ...real.spec, name: 'from the record' },
    };
    const remember = (digest: string) => (digest === real.digest ? recorded : undefined);
    const directory = openWidgetDirectory(dir, { remember, clock: systemClock });
    expect(directory.load().documents[0]?.spec.name).toBe('from the record');

    put(dir, 'ava.yaml', widget('name: edited'));
    expect(directory.load().documents[0]?.spec.name).toBe('edited');
  });

  test('gives the same answer when nothing moved', () => {
    const dir = temporaryDirectory();
    put(dir, 'ava.yaml', widget());
    put(dir, 'bad.yaml', 'nope: 1');
    const directory = openWidgetDirectory(dir);
    expect(directory.load()).toEqual(directory.load());
  });

  test('finds a field only while the file has the bytes that were sent', () => {
    const dir = temporaryDirectory();
    put(dir, 'ava.yaml', widget('header_color: blue'));
    const directory = openWidgetDirectory(dir);
    const digest = directory.load().documents[0]?.digest ?? '';
    const locate = () => directory.locate('ava.yaml', digest, '/header_color');
    expect(locate()).toEqual({ start: { line: 3, column: 15 }, end: { line: 3, column: 19 } });
    put(dir, 'ava.yaml', widget('# moved\nheader_color: blue'));
    expect(locate()).toBeNull();
    rmSync(join(dir, 'ava.yaml'));
    expect(locate()).toBeNull();
  });

  test('gives lines for excerpts, never of a file that changed or was not loaded', () => {
    const dir = temporaryDirectory();
    put(dir, 'ava.yaml', '\ufeffname: 5\r\n');
    const directory = openWidgetDirectory(dir);
    directory.load();
    put(dir, 'later.yaml', 'x');
    expect(directory.sourceLine('ava.yaml', 1)).toBe('name: 5');
    expect(directory.sourceLine('later.yaml', 1)).toBeNull();
    put(dir, 'ava.yaml', 'name: 6');
    directory.load();
    put(dir, 'ava.yaml', 'name: 7');
    expect(directory.sourceLine('ava.yaml', 1)).toBeNull();
  });

  test('is read from the start when its root was replaced meanwhile', () => {
    const dir = temporaryDirectory();
    const root = join(dir, 'link');
    put(dir, 'v1/ava.yaml', widget('name: before'));
    put(dir, 'v2/ava.yaml', widget('name: after'));
    symlinkSync('v1', root);
    let isFirst = true;
    const flipping: Clock = {
      ...systemClock,
      now() {
        if (isFirst) {
          isFirst = false;
          rmSync(root);
          symlinkSync('v2', root);
        }
        return systemClock.now();
      },
    };
    const directory = openWidgetDirectory(root, { clock: flipping });
    expect(directory.load().documents[0]?.spec.name).toBe('after');
  });
});
