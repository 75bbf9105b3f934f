// What a read has shown of a write, what was given up, and whether the files could be believed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StatusFindings } from '../../../src/observe/status/status-findings.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';
import { widgetId } from '../../support/sandbox.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };
const lagMs = 15_000;

async function watched(files: Record<string, string>) {
  const heard: { findings: StatusFindings | null } = { findings: null };
  const world = await LoopWorld.make(files, {
    change: ({ emit, clock }) => {
      const findings = new StatusFindings({
        clock,
        directory: { locate: () => null, compose: () => null },
      });
      heard.findings = findings;
      return {
        emit(event) {
          findings.hear(event);
          emit(event);
        },
      };
    },
  });
  const { findings } = heard;
  if (findings === null) throw new Error('nobody listens');
  return { world, findings };
}

test('a write is unseen until a read that does not come too early', async () => {
  const { world, findings } = await watched(two);
  await world.startAndApply(2);
  expect(findings.list().unseen).toEqual([widgetId(1), widgetId(2)]);
  const read = () => {
    for (const n of [1, 2]) findings.hear({ kind: 'widget-read', body: { id: widgetId(n) } });
  };
  read();
  expect(findings.list().unseen).toEqual([widgetId(1), widgetId(2)]);
  await world.clock.advance(lagMs + 1000);
  read();
  expect(findings.list().unseen).toEqual([]);
});

test('what was written is unseen no longer once its record is forgotten, or the account has lost it', async () => {
  const { world, findings } = await watched(two);
  await world.startAndApply(2);
  findings.hear({
    kind: 'record-forgotten',
    widget: { widgetId: widgetId(2), file: 'ben.yaml' },
  });
  expect(findings.list().unseen).toEqual([widgetId(1)]);
  rmSync(join(world.widgets, 'ava.yaml'));
  world.account.delete(widgetId(1));
  await world.clock.advance(lagMs + 1000);
  world.loop.sweep('signal');
  await world.until(() => world.told.includes('postponed moving'));
  await world.clock.advance(1000);
  await world.until(() => world.plans.some(({ gone }) => gone.length > 0));
  expect(findings.list().unseen).toEqual([]);
});

test('what an earlier process wrote is unseen until it is read', async () => {
  const { world, findings } = await watched({});
  const now = world.clock.now();
  findings.carry([
    [widgetId(1), now],
    [widgetId(2), new Date(now.getTime() - lagMs)],
  ]);
  for (const n of [1, 2]) findings.hear({ kind: 'widget-read', body: { id: widgetId(n) } });
  expect(findings.list().unseen).toEqual([widgetId(1)]);
});

test('files that cannot be believed say so since they could be, and no more once they can', async () => {
  const { world, findings } = await watched(two);
  await world.startAndApply(2);
  expect(findings.list().files).toMatchObject({ found: 2, unsettled: null });
  const unsettled = { code: 'git', message: 'a merge is under way', retryInMs: null } as const;
  findings.hear({ kind: 'files-unsettled', unsettled, sinceMs: 5000, trigger: 'files' });
  const since = new Date(world.clock.now().getTime() - 5000);
  expect(findings.list().files).toMatchObject({
    found: 2,
    unsettled: { code: 'git', says: 'a merge is under way', since },
  });
  world.write('ava.yaml', yaml(1, 'Ava again'));
  world.hint();
  await world.clock.advance(1000);
  await world.until(() => findings.list().files?.unsettled === null);
});
