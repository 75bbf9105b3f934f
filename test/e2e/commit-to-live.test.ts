// How long a commit took until its content was live, as the log tells it: on real git, with the built
// command, and never of what no new commit has brought.
import { expect, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { type LogLine, writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { startUpstream } from '../support/upstream.ts';
import { fileName, named, numbers, startTree, widgetFiles } from '../support/watched-tree.ts';

const widgets = 3;
/** How long the server takes for a write, where the age is to show it. */
const slowMs = 1500;

test('commit_to_live_ms is told of what a new commit has brought, and of nothing else', async () => {
  const upstream = await startUpstream(widgetFiles(widgets));
  const faults: { writes: FaultHook } = { writes: () => undefined };
  const onRequest: FaultHook = (request) =>
    request.method === 'PUT' ? faults.writes(request) : undefined;
  const tree = await startTree({ widgets, dir: upstream.dir, onRequest });
  const daemon = await tree.watchHere();
  let seen = 0;
  /** The next lines about writes, once there are so many. */
  const applied = async (count: number): Promise<LogLine[]> => {
    await daemon.said('applied', seen + count);
    const lines = daemon.lines('applied').slice(seen);
    seen += count;
    return lines.sort((a, b) => (String(a['file']) < String(b['file']) ? -1 : 1));
  };
  const commit = (n: number, name: string) =>
    upstream.commit((dir) => writeFile(dir, fileName(n), named(n, name)));

  // What was there when the daemon started was committed before anybody waited for it.
  expect((await applied(widgets)).map(ageOf)).toEqual(numbers(widgets).map(() => undefined));

  faults.writes = () => ({ kind: 'delay', delayMs: slowMs });
  await commit(0, 'From a commit');
  const [line] = await applied(1);
  faults.writes = () => undefined;
  const committedAtMs = 1000 * Number(await upstream.git('log', '-1', '--format=%ct'));
  expect(line).toMatchObject({
    file: fileName(0),
    reason: 'edited',
    revision: await upstream.git('rev-parse', 'HEAD'),
  });
  const ageMs = Number(line && ageOf(line));
  expect(ageMs).toBeGreaterThanOrEqual(slowMs);
  // In the same units, and by the same clock, as the line's own time.
  const lineAgeMs = new Date(String(line?.['time'])).getTime() - committedAtMs;
  expect(ageMs).toBeLessThanOrEqual(lineAgeMs);
  expect(ageMs).toBeGreaterThan(lineAgeMs - slowMs);

  // Drift that is corrected under that commit.
  tree.sandbox.edit(widgetId(1), { display_name: 'By hand' });
  daemon.signal('SIGHUP');
  const [drifted] = await applied(1);
  expect(drifted).toMatchObject({ file: fileName(1), reason: 'drifted' });
  expect(drifted && ageOf(drifted)).toBeUndefined();

  // A commit that the API refused at first, and that a resync tries again.
  faults.writes = () => ({ kind: 'answer', status: 422, body: { detail: 'not today' } });
  await commit(2, 'Refused at first');
  await daemon.said('failed', 1);
  faults.writes = () => undefined;
  daemon.signal('SIGHUP');
  const [retried] = await applied(1);
  expect(retried).toMatchObject({ file: fileName(2), reason: 'edited' });
  expect(retried && ageOf(retried)).toBeUndefined();

  // Everything is sent again.
  daemon.signal('SIGUSR2');
  const forced = await applied(widgets);
  expect(forced.map(({ reason }) => reason)).toEqual(numbers(widgets).map(() => 'forced'));
  expect(forced.map(ageOf)).toEqual(numbers(widgets).map(() => undefined));
});

function ageOf(line: LogLine): unknown {
  return line['commit_to_live_ms'];
}
