// A directory and an account in which a widget meets every fate at once: new, edited, released, adopted,
// drifted, ignored, held, suspended, orphaned, refused, unknown, taken only at the third attempt, and
// known to nobody.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { temporaryDirectory, writeFile } from './command.ts';
import { runHere, runIn } from './program.ts';
import { widgetId } from './sandbox.ts';

export const situationKey = 'in-0123456789abcdef0123';

const head = (n: number) => `widget_id: ${widgetId(n)}\nwidget_type: chat\n`;

/** Files of every fate. `before` is applied first; what `after` changes, adds and removes is then planned. */
const before = {
  'steady.yaml': head(1),
  'edited.yaml': `${head(2)}name: before\nstyle_params: {a: 1, b: 2}\n`,
  'released.yaml': `${head(3)}header_color: "#111111"\nname: kept\n`,
  'orphaned.yaml': head(4),
  'broken.yaml': `${head(5)}name: fine\n`,
  'drifted.yaml': `${head(11)}name: ours\n`,
  'reported.yaml': `${head(12)}name: ours\nsync: {drift: report}\n`,
  'ignored.yaml': `${head(13)}name: ours\nsync: {ignore: [/name]}\n`,
};
const after = {
  'edited.yaml': `${head(2)}name: after\nstyle_params: {a: 1, b: 3}\nuser_opening_messages: [Hi]\n`,
  'released.yaml': `${head(3)}name: kept\n`,
  'broken.yaml': `${head(5)}name: [broken\n`,
  'unreadable.yaml': '- not\n- a widget\n',
  'suspended.yaml': `${head(6)}sync: {suspend: true}\n`,
  'twin-1.yaml': head(7),
  'twin-2.yaml': head(7),
  'new.yaml': `${head(8)}name: "~/odd key"\nattributes: {"a/b~c": 1}\n`,
  'refused.yaml': `${head(9)}name: refused\n`,
  'unknown.yaml': head(404),
  'flaky.yaml': head(10),
  'adopted.yaml': `${head(14)}name: already\n`,
};
/** What is changed in the dashboard meanwhile, by widget. */
const elsewhere = { 2: 'theirs', 11: 'theirs', 12: 'theirs', 13: 'theirs', 14: 'already' };

/** What the files give to say before they are changed: one declares what it ignores. */
export const situationWarning = /^\S+ignored\.yaml:4:17: warning: .*\[no-effect\].*\n$/;

/** The API refuses a name of widget 9, and fails twice before it takes widget 10. Reads succeed. */
function faults(): FaultHook {
  let failures = 0;
  const detail = [{ loc: ['body', 'name'], msg: 'too dull', type: 'value_error' }];
  return (request) => {
    if (request.method !== 'PUT') return undefined;
    if (request.widgetId === widgetId(9)) {
      return { kind: 'answer', status: 422, body: { detail } };
    }
    if (request.widgetId !== widgetId(10) || failures === 2) return undefined;
    failures += 1;
    return { kind: 'answer', status: 503 };
  };
}

export async function startSituation(live: 'auto' | 'off') {
  const cwd = temporaryDirectory();
  const known = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99];
  const widgets = known.map((n) => ({ widgetId: widgetId(n), fields: {} }));
  const sandbox = await startSandbox({ widgets, onRequest: faults() });
  onTestFinished(() => sandbox.close());
  for (const [name, content] of Object.entries(before)) writeFile(cwd, `widgets/${name}`, content);
  const env = {
    INSIGHTO_API_KEY: situationKey,
    WIDGET_SYNC_API_URL: sandbox.url,
    WIDGET_SYNC_RATE: '50/s',
    WIDGET_SYNC_LIVE: live,
  };
  const run = (...args: string[]) => runIn({ cwd, env }, args);
  /** As `run`, with absolute directories. */
  const quickly = (command: string, ...flags: string[]) => {
    const here = [join(cwd, 'widgets'), '--state', join(cwd, '.widget-sync')];
    return runHere([command, ...here, ...flags], env);
  };
  const change = () => {
    for (const [name, content] of Object.entries(after)) writeFile(cwd, `widgets/${name}`, content);
    rmSync(join(cwd, 'widgets/orphaned.yaml'));
    for (const [n, name] of Object.entries(elsewhere)) {
      sandbox.edit(widgetId(Number(n)), { widget_type: 'chat', name });
    }
  };
  return { cwd, sandbox, run, quickly, change };
}
