// How often a command that ends by itself tries one request, which docs/how-it-writes.md promises.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { FaultRule } from '../../src/sandbox/faults/fault-rules.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { capturedWorld } from './fixtures/captured-world.ts';

const down = { kind: 'status', status: 503 } as const;
const moved = { kind: 'redirect', status: 308 } as const;
const reset = { kind: 'reset' } as const;

test.each<[command: string, rule: FaultRule, method: 'GET' | 'PUT', attempts: number]>([
  ['plan', { ...down, method: 'GET' }, 'GET', 6],
  ['apply', { ...reset, method: 'GET' }, 'GET', 6],
  ['import', { ...down, method: 'GET' }, 'GET', 6],
  ['apply', { ...down, method: 'PUT' }, 'PUT', 7],
  ['apply', { ...reset, method: 'PUT' }, 'PUT', 7],
  ['plan', { ...moved, method: 'GET' }, 'GET', 1],
  ['import', { ...moved, method: 'GET' }, 'GET', 1],
  ['apply', { ...moved, method: 'PUT' }, 'PUT', 1],
])('%s, where %j, makes %s attempts: %i', async (command, rule, method, attempts) => {
  const widgets = [{ widgetId: widgetId(1), fields: { widget_type: 'chat' } }];
  const sandbox = await startSandbox({ widgets, faults: { rules: [rule] } });
  onTestFinished(() => sandbox.close());
  const root = temporaryDirectory();
  const file = `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: Ava\n`;
  writeFile(root, 'widgets/a.yaml', file);
  const place = [join(root, 'widgets'), '--state', join(root, 'state')];
  const args = [command, ...place, '--api-url', sandbox.url, '--rate', '1000/s'];
  // By these dice, no pause is long.
  const world = { ...capturedWorld(), env: { INSIGHTO_API_KEY: 'in-test' }, random: () => 0 };
  expect(await runProgram(args, world)).toBe(1);
  expect(sandbox.requests.filter((request) => request.method === method)).toHaveLength(attempts);
});

test('the pages say so', () => {
  const page = readFileSync(new URL('../../docs/how-it-writes.md', import.meta.url), 'utf8');
  expect(page.replace(/\s+/g, ' ')).toContain(
    'the other commands try a read six times and a write seven times, and give up at once on 301 and 308',
  );
});
