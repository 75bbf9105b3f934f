// One question about one widget must not cost what reading thousands of them costs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openState } from '../../../src/state/file/file-store.ts';
import { formatRecord } from '../../../src/state/file/record-format.ts';
import type { QueuedStatus, StatusRecord } from '../../../src/status/status-record.ts';
import { recordOf, stateOptions, temporaryDirectory } from '../../state/fixtures/state-options.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

const apiUrl = 'https://api.example.com';
const many = 10_000;
const mostMs = 300;

const time = new Date('2026-03-01T09:12:00Z');
const nothing = { held: [], failed: [], drifted: [], orphaned: [], kept: [], unseen: [] };
const unknownLife = { pid: null, host: null, startedAt: null, heartbeat: null, endedAt: null };

function queuedOf(n: number): QueuedStatus {
  return {
    ...{
      widgetId: widgetId(n),
      file: `clients/w${n}.yaml`,
      name: `Widget ${n}`,
      widgetType: 'chat',
    },
    ...{ reason: 'edited', fields: ['/display_name'], revision: null, phase: 'queued' },
    ...{ place: n + 1, attempts: 0, answered: null, httpStatus: null, nextTry: null, since: time },
  };
}

test(`takes at most ${mostMs} ms of a processor among ${many} widgets that all wait`, async () => {
  const directory = await temporaryDirectory();
  const status: StatusRecord = {
    ...{ time, command: 'run', directory: 'widgets', revision: null, commit: null },
    ...{ source: 'plain', obstacles: [], waiting: null, apiRate: null, isBlind: false },
    ...{ refusedChecksum: null, files: { lookedAt: time, found: many, unsettled: null } },
    lifetime: { ...unknownLife, lastResync: null, nextResync: null, lastWrite: null },
    queue: Array.from({ length: many }, (_, n) => queuedOf(n)),
    ...nothing,
  };
  const store = await openState(stateOptions(directory, { apiUrl }));
  await store.reportStatus(status);
  await store.close();
  mkdirSync(join(directory, 'widgets'), { recursive: true });
  // Formatted once: ten thousand times is the work of a large account, and not what is measured.
  const first = recordOf(widgetId(0), { file: 'clients/w0.yaml' });
  const text = formatRecord(first, { apiUrl, reader: '1.0.0' });
  for (let n = 0; n < many; n += 1) {
    const other = text
      .replaceAll(widgetId(0), widgetId(n))
      .replace('clients/w0.', `clients/w${n}.`);
    writeFileSync(join(directory, `widgets/${widgetId(n)}.json`), other);
  }
  const took: number[] = [];
  // The first one also loads the command. Of the processor, since other tests run beside this one.
  for (const asked of ['w77.yaml', 'clients/w9876.yaml', widgetId(9_999), 'Widget 5']) {
    const before = process.cpuUsage();
    const { code, stdout } = await runHere(['explain', asked, '--state', directory]);
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / 1000);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^clients\/w\d+\.yaml is not live yet: \d+ in line; nothing to do\.\n/);
  }
  expect(Math.min(...took), `took ${took.map(Math.round).join(', ')} ms`).toBeLessThan(mostMs);
});
