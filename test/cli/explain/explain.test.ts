// One question about one widget must not cost what reading thousands of them costs.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openState } from '../../../src/state/file/file-store.ts';
import { formatRecord } from '../../../src/state/format/record-format.ts';
import type { QueuedStatus, StatusRecord } from '../../../src/status/status-record.ts';
import { recordOf, stateOptions, temporaryDirectory } from '../../state/fixtures/state-options.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { few } from '../../support/soak.ts';

const apiUrl = 'https://api.example.com';
const many = few(3000, { soak: 10_000 });
/** Of what it costs to read the same files and no more. */
const mostTimes = 4;

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

test(`costs at most ${mostTimes} times the bare files among ${many} widgets that all wait`, async () => {
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
  const bare: number[] = [];
  // The first one also loads the command. Of the processor, since other tests run beside this one.
  for (const asked of ['w77.yaml', `clients/w${many - 123}.yaml`, widgetId(many - 1), 'Widget 5']) {
    bare.push((await costOf(() => readBare(directory))).costMs);
    const { found, costMs } = await costOf(() => runHere(['explain', asked, '--state', directory]));
    took.push(costMs);
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(
      /^clients\/w\d+\.yaml is not live yet: \d+ in line; nothing to do\.\n/,
    );
  }
  const said = `took ${took.map(Math.round)} ms, the bare files ${bare.map(Math.round)} ms`;
  expect(Math.min(...took) / Math.min(...bare), said).toBeLessThan(mostTimes);
});

/** Of the processor. */
async function costOf<Found>(act: () => Promise<Found>) {
  const before = process.cpuUsage();
  const found = await act();
  const { user, system } = process.cpuUsage(before);
  return { found, costMs: (user + system) / 1000 };
}

async function readBare(directory: string): Promise<void> {
  JSON.parse(readFileSync(join(directory, 'status.json'), 'utf8'));
  const records = join(directory, 'widgets');
  for (const name of readdirSync(records)) readFileSync(join(records, name), 'utf8');
}
