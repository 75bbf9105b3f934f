// The state is written through one place, which hides the API key: whatever a caller hands over.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { appendLine, replaceFile, replaceFileSync } from '../../src/base/atomic-file.ts';
import { registerSecret } from '../../src/base/secrets.ts';
import { sha256 } from '../../src/model/widget.ts';
import { writeAllowedChanges, writeApproval } from '../../src/state/file/decisions.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { readState } from '../../src/state/file/file-view.ts';
import { formatRecord } from '../../src/state/format/record-format.ts';
import { everythingBelow } from '../support/planted-key.ts';
import { unconfirmed } from '../support/trails.ts';
import {
  ava,
  ben,
  entryOf,
  obstacleOf,
  queuedOf,
  recordOf,
  specOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
  unknownLifetime,
} from './fixtures/state-options.ts';

const key = 'in-s3cr3t+k9x=z';

beforeEach(() => {
  onTestFinished(registerSecret(key));
});

test('nothing that is kept holds the key, wherever it came from', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const state = await openState(options);
  const told = { display_name: `Ask ${key}`, [key]: 1 };
  const record = recordOf(ava, {
    file: `${key}.yaml`,
    revision: key,
    echo: told,
    trail: unconfirmed({
      replaced: told,
      beside: told,
      before: told,
      sent: { [key]: [key] },
      earlier: [{ at: new Date(0), values: told }],
    }),
  });
  await state.confirm(record, { ...entryOf(record), reason: key, fields: [`/attributes/${key}`] });
  const at = { widgetId: ava, file: `a/${key}.yaml` };
  const since = new Date(0);
  const named = { name: key, widgetType: key, line: null };
  const failed = { ...at, ...named, error: key, httpStatus: 401, attempts: 1, time: since, since };
  const held = { ...at, code: 'holds-key', message: key, line: null, until: null, since };
  const drift = { ...at, why: 'policy' as const, until: null, fields: [`/${key}`], since };
  await state.reportStatus(
    statusOf({
      ...{ held: [held], failed: [failed], drifted: [drift], orphaned: [{ ...at, since }] },
      ...{ command: key, directory: key, revision: key, obstacles: [obstacleOf(key)] },
      commit: { id: key, subject: key, author: key, time: since },
      queue: [queuedOf(ava, { ...at, name: key, answered: key, fields: [`/${key}`] })],
      lifetime: { ...unknownLifetime, host: key },
    }),
  );
  await writeApproval(directory, { checksum: key, time: new Date(0) });
  await writeAllowedChanges({ directory, apiUrl: `https://a.example/${key}` }, new Map());
  await replaceFile(join(directory, 'new.json'), key);
  replaceFileSync(join(directory, 'new-too.json'), key);
  await appendLine(join(directory, 'new.ndjson'), key);
  await state.close();
  const kept = everythingBelow(directory);
  expect(kept.match(/\[api key\]/g)?.length).toBeGreaterThan(25);
  expect(kept).not.toContain('s3cr3t');
  // What hiding altered are remarks; what was applied is known as before.
  const { records } = await readState(options);
  expect(records.get(ava)).toMatchObject({ spec: record.spec, hash: record.hash });
  expect(options.warnings).toEqual([]);
});

test('a record whose content was altered by hiding counts for nothing, and is given to nobody', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const state = await openState(options);
  const spec = specOf({ widget_type: 'chat', display_name: `Ask ${key}` });
  const ignoring = { drift: null, ignore: [`/attributes/${key}`] };
  await state.save(recordOf(ava, { spec }));
  await state.save(recordOf(ben, { sync: ignoring }));
  // This process knows what it has applied.
  expect(state.knownContent(sha256(ava))?.spec).toEqual(spec);
  await state.close();
  const read = await readState(options);
  expect(read.records.size).toBe(0);
  for (const id of [ava, ben]) expect(read.knownContent(sha256(id))).toBeUndefined();
  expect(options.warnings.map(({ fields }) => (fields as { reason: string }).reason)).toEqual([
    'its hash does not match its spec',
    'its sync is missing or malformed',
  ]);
});

test('a key that was not known when it was recorded does not take the record away', async () => {
  const directory = await temporaryDirectory();
  const options = stateOptions(directory);
  const record = recordOf(ava, {
    spec: specOf({ widget_type: 'chat', display_name: `Ask ${key}` }),
  });
  await (await openState(options)).close();
  const path = join(directory, 'widgets', `${ava}.json`);
  const { apiUrl, reader } = options;
  writeFileSync(path, formatRecord(record, { apiUrl, reader }));
  const { records } = await readState(options);
  // What the file no longer declares can still be released.
  expect(records.get(ava)).toEqual(record);
});
