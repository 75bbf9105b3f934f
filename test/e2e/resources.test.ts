// What the built daemon holds on to under real events.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { generousMs, openWorkspace, said } from '../support/workspace.ts';
import { openDescriptors } from '../sync/fixtures/resources.ts';

const widgets = 5;
const warmUpRounds = 6;
const rounds = 12;

/** Of a heap that V8 fills before it collects, which is why it is kept small here. */
const slackBytes = 30 * 2 ** 20;
const heapFlags = '--max-old-space-size=48 --max-semi-space-size=2';

test.runIf(process.platform === 'linux')(
  'descriptors and memory of the daemon stay flat while files change',
  async () => {
    const workspace = await openWorkspace({ widgets, env: { NODE_OPTIONS: heapFlags } });
    const { sandbox, write, run } = workspace;
    const daemon = run();
    await daemon.waitForLog(said('watching for edits'));
    const pid = daemon.child.pid ?? Number.NaN;
    let round = 0;

    async function changeAll(): Promise<void> {
      round += 1;
      const name = `round ${round}`;
      for (let n = 0; n < widgets; n += 1) {
        // Many events for one content.
        for (let draft = 0; draft < 20; draft += 1) write(n, `draft ${draft}`);
        write(n, name);
      }
      const shown = () =>
        Array.from({ length: widgets }, (_, n) => sandbox.widget(widgetId(n))?.['display_name']);
      await waitFor(sandbox, () => shown().every((one) => one === name), generousMs);
    }

    while (round < warmUpRounds) await changeAll();
    const before = { descriptors: openDescriptors(pid), bytes: residentBytes(pid) };
    while (round < warmUpRounds + rounds) await changeAll();
    const after = { descriptors: openDescriptors(pid), bytes: residentBytes(pid) };
    // A connection more or less, as the pool pleases.
    expect(Math.abs(after.descriptors - before.descriptors)).toBeLessThanOrEqual(8);
    expect(after.bytes - before.bytes).toBeLessThan(slackBytes);
    daemon.signal('SIGTERM');
    expect((await daemon.finished).code).toBe(0);
  },
);

function residentBytes(pid: number): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
