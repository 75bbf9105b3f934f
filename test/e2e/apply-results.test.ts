// What `apply` says became of each widget, and what it leaves for `status`: no more than happened.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { mountDisk, whyNoMount } from '../state/fixtures/small-disk.ts';
import { stateOptions } from '../state/fixtures/state-options.ts';
import { readApplyJson, readStatusJson } from '../support/json-shapes.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

const mountReason = whyNoMount();

/** Widget 0 is live as its file says; the other two are not. */
async function oneToAdopt(): Promise<Workspace> {
  const space = await openWorkspace({ widgets: 3 });
  space.sandbox.edit(widgetId(0), { widget_type: 'chat', display_name: 'first' });
  return space;
}

function recordsIn(space: Workspace): string[] {
  return readdirSync(join(space.cwd, '.widget-sync/widgets'));
}

function recordOf(space: Workspace, n: number): string {
  return join(space.cwd, `.widget-sync/widgets/${widgetId(n)}.json`);
}

async function statusOf(space: Workspace) {
  const { stdout, code } = await runIn(space, ['status', '--json', '--api-url', space.sandbox.url]);
  return { ...readStatusJson(stdout), code };
}

describe('a plan that is refused', () => {
  test.each([
    ['for what it changes', ['--max-changes', '1'], 'too-many-changes'],
    ['because it is not the one that was reviewed', ['--checksum', 'f'.repeat(64)], 'other-plan'],
  ])('%s adopts nothing, and status tells of it', async (_, flags, code) => {
    const space = await oneToAdopt();
    const refused = await space.quickly('apply', '--json', ...flags);
    expect(refused.code).toBe(1);
    const said = readApplyJson(refused.stdout);
    expect(said.refused).toMatchObject({ code, changes: 2 });
    expect(said.outcomes).toEqual([]);
    expect(said.summary).toMatchObject({ applied: 0, adopted: 0, failed: 0 });
    expect(recordsIn(space)).toEqual([]);
    const checksum = String(said.refused?.['checksum']);
    expect(await statusOf(space)).toMatchObject({
      code: 1,
      command: 'apply',
      blocked: said.refused?.['message'],
      refused_checksum: checksum,
      pending: 2,
    });

    const approved = await space.quickly('apply', '--json', '--checksum', checksum);
    expect(approved.code).toBe(0);
    const done = readApplyJson(approved.stdout);
    expect(done).toMatchObject({ refused: null, summary: { applied: 2, adopted: 1 } });
    expect(recordsIn(space)).toHaveLength(3);
    expect(await statusOf(space)).toMatchObject({ code: 0, blocked: null, refused_checksum: null });
  });
});

test('a plan that apply has refused is none that a daemon waits with which started since', async () => {
  const space = await oneToAdopt();
  const refused = await space.quickly('apply', '--json', '--max-changes', '1');
  const checksum = String(readApplyJson(refused.stdout).refused?.['checksum']);
  const directory = join(space.cwd, '.widget-sync');
  const options = { ...stateOptions(directory), apiUrl: space.sandbox.url };
  const state = await openState({ ...options, command: 'run', clock: systemClock });
  onTestFinished(() => state.close());
  const { stderr } = await space.quickly('apply');
  expect(stderr).toContain('is in use by process');
  expect(stderr).not.toContain('--checksum');
  const approved = await space.quickly('apply', '--checksum', checksum);
  expect(approved).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nothing to approve'),
  });
});

describe('a widget that is adopted', () => {
  test('is recorded in the place of a directory, whatever that holds', async () => {
    const space = await oneToAdopt();
    mkdirSync(recordOf(space, 0), { recursive: true });
    mkdirSync(join(recordOf(space, 1), 'x'), { recursive: true });
    const { code, stdout } = await space.quickly('apply', '--json');
    expect(readApplyJson(stdout).summary).toMatchObject({ applied: 2, adopted: 1, failed: 0 });
    expect(code).toBe(0);
    for (const n of [0, 1, 2]) expect(statSync(recordOf(space, n)).isFile()).toBe(true);
    const again = readApplyJson((await space.quickly('apply', '--json')).stdout);
    expect(again.summary).toMatchObject({ applied: 0, unchanged: 3 });
  });

  const title = 'and cannot be recorded has failed; the run goes on to its result';
  test.skipIf(mountReason !== null)(`${title} (${mountReason ?? 'a mount'})`, async () => {
    const space = await oneToAdopt();
    // As a container runtime does with a single file that is missing on the host.
    mkdirSync(recordOf(space, 0), { recursive: true });
    mountDisk('size=4k', recordOf(space, 0));
    const { code, stdout } = await space.quickly('apply', '--json');
    expect(code).toBe(1);
    const { outcomes, summary } = readApplyJson(stdout);
    expect(summary).toMatchObject({ applied: 2, adopted: 0, failed: 1 });
    const failed = outcomes.filter(({ status }) => status === 'failed');
    const error = expect.stringMatching(
      /cannot write the state record .*: something is mounted .*EBUSY/,
    );
    expect(failed).toMatchObject([{ file: 'w0.yaml', attempts: 0, http_status: null, error }]);
    expect(await statusOf(space)).toMatchObject({ failed: [{ file: 'w0.yaml', error }] });

    space.write(1, 'second');
    const again = await space.quickly('apply');
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(/^failed {2}widgets\/w0\.yaml: cannot write the state record/m);
    expect(again.stdout).toMatch(/\n1 widget applied, 1 failed\.\n$/);
  });
});

test('drift that is left is an outcome, with its fields and without a request', async () => {
  const space = await openWorkspace({ widgets: 2 });
  expect((await space.quickly('apply')).code).toBe(0);
  space.sandbox.edit(widgetId(1), { display_name: 'theirs' });
  const { code, stdout } = await space.quickly('apply', '--json', '--drift', 'report');
  expect(code).toBe(0);
  const { outcomes, summary } = readApplyJson(stdout);
  expect(summary).toMatchObject({ applied: 0, unchanged: 1, drifted: 1 });
  expect(outcomes).toEqual([
    {
      type: 'outcome',
      widget_id: widgetId(1),
      file: 'w1.yaml',
      status: 'drifted',
      ...{ attempts: 0, http_status: null, error: null },
      why: 'policy',
      until: null,
      fields: ['/display_name'],
    },
  ]);
});

test('an applied outcome names the fields, and those of them that were released', async () => {
  const space = await openWorkspace({ widgets: 1 });
  space.write(0, 'first', 'bubble_text: Hi\n');
  expect((await space.quickly('apply')).code).toBe(0);
  space.write(0, 'second');
  const { outcomes } = readApplyJson((await space.quickly('apply', '--json')).stdout);
  expect(outcomes).toMatchObject([
    {
      status: 'applied',
      fields: ['/bubble_text', '/display_name'],
      released: ['/bubble_text'],
    },
  ]);
});
