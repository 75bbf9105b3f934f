import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import type { Json, JsonObject } from '../../../src/base/json/json.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { WidgetId, WidgetSpec } from '../../../src/model/widget.ts';
import { hashSpec, sha256 } from '../../../src/model/widget.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { readState } from '../../../src/state/file/file-view.ts';
import { readHistory } from '../../../src/state/file/read-history.ts';
import { formatRecord, parseRecord } from '../../../src/state/format/record-format.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { law } from '../../support/law.ts';
import { confirmed, unconfirmed } from '../../support/trails.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  specOf,
  stateOptions,
  temporaryDirectory,
} from '../fixtures/state-options.ts';

const origin = { apiUrl: 'https://api.example.com', reader: '1.0.0' };

describe('a record on disk', () => {
  // Through JSON once, since JSON has no -0.
  const body = fc
    .dictionary(fc.string(), fc.jsonValue())
    .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
  const digest = fc.string().map(sha256);
  const date = fc.date({ noInvalidDate: true });
  const recent = {
    replaced: fc.option(body),
    earlier: fc.array(fc.record({ at: date, values: body })),
    beside: body,
  };
  const record: fc.Arbitrary<AppliedRecord> = fc
    .record({
      widgetId: fc.uuid().map((id) => id as WidgetId),
      file: fc.string({ minLength: 1, unit: anyCharacter }),
      digest,
      // The state keeps whatever a file declared, also by the schema of another version.
      spec: body.map((spec) => spec as unknown as WidgetSpec),
      sync: fc.record({
        drift: fc.constantFrom(null, 'correct' as const, 'report' as const, 'off' as const),
        ignore: fc.array(fc.string()),
      }),
      echo: fc.option(body),
      revision: fc.option(fc.string()),
      appliedAt: date,
      trail: fc.oneof(
        fc.record({
          state: fc.constant('confirmed' as const),
          isEchoKnown: fc.boolean(),
          isRepeated: fc.boolean(),
          ...recent,
        }),
        fc.record({
          state: fc.constant('unconfirmed' as const),
          hash: digest,
          at: date,
          isOneOfSeveral: fc.boolean(),
          sent: fc.dictionary(fc.string(), fc.array(fc.constantFrom<Json>('sent', null, {}))),
          before: body,
          ...recent,
        }),
      ),
      isGone: fc.constant(true as const),
      isEdited: fc.constant(true as const),
      corrections: fc.nat(),
    })
    .map((parts) => ({ ...parts, hash: hashSpec(parts.spec) }));

  law.prop([record])('is read back as it was written', (written) => {
    const parsed = parseRecord(formatRecord(written, origin), written.widgetId, origin.apiUrl);
    expect(parsed).toEqual({ record: written, reader: origin.reader });
  });

  law.prop([record, fc.nat()])('cut short anywhere is damaged, not wrong', (written, at) => {
    const text = formatRecord(written, origin).trimEnd();
    const cut = text.slice(0, at % text.length);
    expect(parseRecord(cut, written.widgetId, origin.apiUrl)).toHaveProperty('damage');
  });

  test('with one value for a list of values is damaged', () => {
    const text = formatRecord(recordOf(ava), origin).replace(
      '"replaced"',
      '"unconfirmed_values": { "name": "a" }, "replaced"',
    );
    expect(parseRecord(text, ava, origin.apiUrl)).toHaveProperty('damage');
  });

  test('is laid out for a person, with keys in one order', () => {
    const spec = specOf({ widget_type: 'chat', attributes: { b: 1, a: 2 } });
    expect(
      formatRecord(
        recordOf(ava, {
          spec,
          sync: { drift: 'report', ignore: ['/attributes/b'] },
          echo: { name: 'ava' },
          trail: confirmed({ replaced: { name: 'Eve', attributes: { d: 1, c: 2 } } }),
          corrections: 2,
        }),
        origin,
      ),
    ).toMatchInlineSnapshot(`
      "{
        "version": 1,
        "api_url": "https://api.example.com",
        "widget_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "file": "3c90c3cc-0d44-4b50-8888-8dd25736052a.yaml",
        "digest": "67bf9cfb56763926c13fd5b5e596a496141d4fa1998d9a6fba304e72a87ae067",
        "hash": "414c5d5df8c2956cff61c11de5f83836e5877e0449e3fbf3feb4bc005098186c",
        "spec": {
          "attributes": {
            "a": 2,
            "b": 1
          },
          "widget_type": "chat"
        },
        "sync": {
          "drift": "report",
          "ignore": [
            "/attributes/b"
          ]
        },
        "echo": {
          "name": "ava"
        },
        "revision": "abc123",
        "applied_at": "2026-03-01T08:00:00.123Z",
        "unconfirmed_hash": null,
        "replaced": {
          "attributes": {
            "c": 2,
            "d": 1
          },
          "name": "Eve"
        },
        "corrections": 2,
        "reader": "1.0.0"
      }
      "
    `);
  });
});

describe('a state directory', () => {
  test('that is missing means nothing applied, and reading does not make it', async () => {
    const parent = await temporaryDirectory();
    const state = await readState(stateOptions(join(parent, 'state')));
    expect(state.records.size).toBe(0);
    expect(await readdir(parent)).toEqual([]);
  });

  test('is made for its owner alone', async () => {
    const directory = join(await temporaryDirectory(), 'deep/state');
    const store = await openState(stateOptions(directory));
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await store.close();
  });

  test('keeps itself out of the repository that it is made in, and leaves another wish alone', async () => {
    const repository = await temporaryDirectory();
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: repository, encoding: 'utf8' });
    git('init', '-q');
    const directory = join(repository, '.widget-sync');
    await (await openState(stateOptions(directory))).close();
    expect(git('status', '--porcelain')).toBe('');
    const path = join(directory, '.gitignore');
    expect(await readFile(path, 'utf8')).toBe('*\n');

    for (const change of [() => writeFile(path, 'history.ndjson\n'), () => rm(path)]) {
      await change();
      const wished = await readFile(path, 'utf8').catch(() => null);
      const store = await openState(stateOptions(directory));
      await store.save(recordOf(ava));
      await store.close();
      expect(await readFile(path, 'utf8').catch(() => null)).toBe(wished);
    }
    expect(git('status', '--porcelain')).toContain('.widget-sync');
  });

  test('keeps itself out of a repository also where a person has made it, empty', async () => {
    const directory = await temporaryDirectory();
    await (await openState(stateOptions(directory))).close();
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('keeps records from one opening to the next', async () => {
    const directory = await temporaryDirectory();
    const first = await openState(stateOptions(directory));
    await Promise.all([first.save(recordOf(ava)), first.save(recordOf(ben))]);
    await first.save(recordOf(ava, { trail: unconfirmed() }));
    await first.close();

    const second = await openState(stateOptions(directory));
    expect([...second.records.values()]).toEqual([
      recordOf(ava, { trail: unconfirmed() }),
      recordOf(ben),
    ]);
    await second.close();
    expect(await readdir(join(directory, 'widgets'))).toEqual([`${ava}.json`, `${ben}.json`]);
  });

  test('is cleared of what a killed writer left, and of nothing else', async () => {
    const directory = await temporaryDirectory();
    const widgets = join(directory, 'widgets');
    await mkdir(widgets);
    await writeFile(
      join(widgets, `.${ava}.json.0b9a0b1c-0d44-4b50-8888-8dd25736052a.tmp`),
      '{"ver',
    );
    await writeFile(join(widgets, '.gitkeep'), '');
    await writeFile(
      join(directory, '.status.json.0b9a0b1c-0d44-4b50-8888-8dd25736052a.tmp'),
      '{"ver',
    );
    const store = await openState(stateOptions(directory));
    expect(await readdir(widgets)).toEqual(['.gitkeep']);
    expect(await readdir(directory)).toEqual(['widgets']);
    await store.close();
  });
});

describe('known content', () => {
  test('is what was applied from the same bytes', async () => {
    const store = await openState(stateOptions(await temporaryDirectory()));
    const sync = { drift: 'off' as const, ignore: ['/name'] };
    const { digest, spec, hash } = recordOf(ava);
    await store.save(recordOf(ava, { sync }));
    expect(store.knownContent(digest)).toEqual({ widgetId: ava, spec, hash, sync });

    await store.save(recordOf(ava, { digest: sha256('edited') }));
    expect(store.knownContent(digest)).toBeUndefined();
    await store.close();
  });

  test('is not trusted from another version until the file is applied again', async () => {
    const directory = await temporaryDirectory();
    const record = recordOf(ava);
    const old = await openState(stateOptions(directory, { reader: '0.9.0' }));
    await old.save(record);
    await old.close();

    const store = await openState(stateOptions(directory));
    expect(store.records.get(ava)).toEqual(record);
    expect(store.knownContent(record.digest)).toBeUndefined();
    await store.save({ ...record, trail: unconfirmed() });
    expect(store.knownContent(record.digest)).toBeUndefined();
    await store.confirm(record, entryOf(record));
    expect(store.knownContent(record.digest)).toMatchObject({ widgetId: ava });
    await store.close();
  });
});

describe('history', () => {
  test('is one line for each confirmed write', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    await store.confirm(recordOf(ben), entryOf(recordOf(ben)));
    await store.close();
    const lines = (await readFile(join(directory, 'history.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).widget_id)).toEqual([ava, ben]);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '2026-03-01T08:00:00.123Z',
      widget_id: ava,
      file: `${ava}.yaml`,
      reason: 'edited',
      hash: recordOf(ava).hash,
      revision: 'abc123',
      fields: ['/name'],
      attempts: 1,
    });
  });

  test('a line torn by a crash does not spoil the next', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'history.ndjson');
    await writeFile(path, '{"time":"2026-');
    const store = await openState(stateOptions(directory));
    await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    await store.close();
    const [torn, whole] = (await readFile(path, 'utf8')).split('\n');
    expect(torn).toBe('{"time":"2026-');
    expect(JSON.parse(whole ?? '')).toMatchObject({ widget_id: ava });
  });
});

describe('a write that fails', () => {
  test('is thrown, leaves the record as it was, and does not stop the next', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    await store.save(recordOf(ava));
    const unwritable = 'b'.repeat(300) as WidgetId;

    const failing = store.save(recordOf(unwritable));
    const following = store.save(recordOf(ava, { revision: 'def456' }));
    await expect(failing).rejects.toThrow(StateError);
    await expect(failing).rejects.toThrow(/it cannot be used; mend the cause.*ENAMETOOLONG/);
    await following;
    expect([...store.records.values()]).toEqual([recordOf(ava, { revision: 'def456' })]);
    expect(await readdir(join(directory, 'widgets'))).toEqual([`${ava}.json`]);
    await store.close();
  });

  test('of history is told, keeps the record, and its line comes with the next one', async () => {
    const directory = await temporaryDirectory();
    const warnings: string[] = [];
    const options = stateOptions(directory);
    const store = await openState({ ...options, warn: (message) => warnings.push(message) });
    const history = join(directory, 'history.ndjson');
    await mkdir(history);
    await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    expect(store.records.has(ava)).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('history cannot be written now')]);
    await rm(history, { recursive: true });
    await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    await store.close();
    expect((await readHistory(directory, { limit: 10, widgetId: null })).entries).toHaveLength(2);
    expect(warnings.slice(1)).toEqual([expect.stringContaining('can be written again')]);
  });

  test('of a record leaves the line of the write, which is live all the same', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    const widgets = join(directory, 'widgets');
    await rm(widgets, { recursive: true });
    await expect(store.confirm(recordOf(ava), entryOf(recordOf(ava)))).rejects.toThrow(StateError);
    await mkdir(widgets);
    await store.save(recordOf(ava));
    await store.close();
    const { entries } = await readHistory(directory, { limit: 10, widgetId: null });
    expect(entries).toEqual([entryOf(recordOf(ava))]);
  });

  test('of many widgets at once leaves each record, and each line of history once', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    const records = Array.from({ length: 60 }, (_, n) => ({
      ...recordOf(ava),
      widgetId: `${String(n).padStart(8, '0')}-0d44-4b50-8888-8dd25736052a` as WidgetId,
    }));
    await Promise.all(records.map((record) => store.confirm(record, entryOf(record))));
    await store.close();
    const { entries } = await readHistory(directory, { limit: 100, widgetId: null });
    const ids = records.map(({ widgetId }) => widgetId);
    expect(entries.map(({ widgetId }) => widgetId).sort()).toEqual(ids);
    const read = await readState(stateOptions(directory));
    expect([...read.records.keys()].sort()).toEqual(ids);
  });

  test('of a finding is left out when the record has moved on meanwhile', async () => {
    const store = await openState(stateOptions(await temporaryDirectory()));
    const found = store.records.get(ava);
    const written = store.confirm(recordOf(ava), entryOf(recordOf(ava)));
    await store.saveUnlessMoved({ ...recordOf(ava), file: 'older.yaml' }, found);
    await written;
    expect(store.records.get(ava)?.file).toBe(recordOf(ava).file);
    await store.close();
  });

  test('because the directory went away is told with its cause', async () => {
    const directory = await temporaryDirectory();
    const store = await openState(stateOptions(directory));
    await rm(directory, { recursive: true });
    await expect(store.save(recordOf(ava))).rejects.toThrow(
      /^cannot write the state record .*ENOENT/,
    );
    await store.close();
  });
});
