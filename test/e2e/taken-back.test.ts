// An edit whose write landed and was never confirmed, and which git then takes back.
import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const id = widgetId(1);
const text = (...lines: string[]) =>
  [`widget_id: ${id}`, 'widget_type: chat', ...lines, ''].join('\n');

async function account(byHand: Record<string, string>) {
  const faults: { next: Fault | undefined } = { next: undefined };
  const sandbox = await startSandbox({
    widgets: [{ widgetId: id, fields: { widget_type: 'chat', ...byHand } }],
    onRequest: ({ method }) => (method === 'PUT' ? faults.next : undefined),
  });
  onTestFinished(() => sandbox.close());
  const cwd = temporaryDirectory();
  const options = { cwd, env: { INSIGHTO_API_KEY: 'in-test' } };
  const args = ['apply', '--api-url', sandbox.url, '--log-level', 'error'];
  return {
    sandbox,
    faults,
    write: (...lines: string[]) => writeFile(cwd, 'widgets/a.yaml', text(...lines)),
    apply: () => runIn(options, args),
    start: () => startCommand(args, options),
  };
}

test.each([
  ['that landed is taken back with the field that only it declared', 'added', null],
  ['leaves a field alone that somebody has set since', 'by hand', 'by hand'],
])('an unconfirmed write %s', async (_, found, expected) => {
  const { sandbox, faults, write, apply, start } = await account({});
  write('name: A');
  expect((await apply()).code).toBe(0);

  faults.next = { kind: 'store-then', ending: { kind: 'hang' } };
  write('name: B', 'bubble_text: added');
  const killed = start();
  await expect.poll(() => sandbox.widget(id)?.['bubble_text'], { timeout: 20_000 }).toBe('added');
  killed.signal('SIGKILL');
  await killed.finished;
  faults.next = undefined;
  sandbox.edit(id, { bubble_text: found });

  write('name: A');
  expect((await apply()).code).toBe(0);
  expect(sandbox.widget(id)).toMatchObject({ name: 'A', bubble_text: expected });
  expect((await apply()).stdout).toContain('No changes.');
});
