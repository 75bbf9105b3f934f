// Files that are edited and not committed: what is written from them is not laid at the commit's door.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commitAll, git, initRepository } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { readStatusJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import {
  askEveryMs,
  generousMs,
  openWorkspace,
  said,
  type Workspace,
} from '../support/workspace.ts';

function commitHere({ cwd }: Workspace): string {
  initRepository(cwd);
  git(cwd, 'config', 'core.excludesFile', '/dev/null');
  return commitAll(cwd);
}

const recordOf = ({ cwd }: Workspace, n: number) =>
  JSON.parse(readFileSync(join(cwd, `.widget-sync/widgets/${widgetId(n)}.json`), 'utf8'));

const stateOf = ({ cwd }: Workspace) => join(cwd, '.widget-sync');

const readWidget = ({ cwd }: Workspace, n: number) =>
  readFileSync(join(cwd, `widgets/w${n}.yaml`), 'utf8');

test('the plan, the log and the record mark what is not as its commit has it', async () => {
  const workspace = await openWorkspace({ widgets: 3 });
  const head = commitHere(workspace);
  workspace.write(1, 'edited');
  const { stdout } = await workspace.quickly('plan', '--json');
  const plan = JSON.parse(stdout);
  expect(plan.revision).toBe(head);
  expect(
    plan.changes.map(({ file, edited }: { file: string; edited?: true }) => [file, edited]),
  ).toEqual([
    ['w0.yaml', undefined],
    ['w1.yaml', true],
    ['w2.yaml', undefined],
  ]);

  const daemon = workspace.runHere('--log-format', 'json');
  const lines = await Promise.all([0, 1, 2].map((n) => daemon.waitForLog(said('applied', n))));
  expect(lines.map((line) => line['revision'])).toEqual([head, `${head}+edited`, head]);
  expect(
    [0, 1, 2].map((n) => [recordOf(workspace, n).revision, recordOf(workspace, n).edited]),
  ).toEqual([
    [head, undefined],
    [head, true],
    [head, undefined],
  ]);

  // The status of the last pass is written soon after the last write.
  const status = async () =>
    readStatusJson((await runHere(['status', '--json', '--state', stateOf(workspace)])).stdout);
  await expect
    .poll(async () => (await status()).widgets.map((one) => one['state']), {
      timeout: generousMs,
      interval: askEveryMs,
    })
    .toEqual(['applied', 'applied', 'applied']);
  const { stdout: text } = await runHere(['status', '--state', stateOf(workspace)]);
  expect(text).toMatch(new RegExp(`w1\\.yaml .* ${head.slice(0, 8)}\\+edited\\n`));
  expect(text).toMatch(new RegExp(`w2\\.yaml .* ${head.slice(0, 8)}\\n`));
  const { applied, widgets } = await status();
  for (const list of [applied, widgets]) {
    expect(list.map((one) => one['edited'])).toEqual([undefined, true, undefined]);
  }

  // A commit that is checked out brings its own word.
  const elsewhere = join(temporaryDirectory(), 'elsewhere');
  git(workspace.cwd, 'worktree', 'add', '-q', '-b', 'side', elsewhere);
  writeFile(elsewhere, 'widgets/w1.yaml', readWidget(workspace, 1).replace('edited', 'committed'));
  const next = commitAll(elsewhere);
  git(workspace.cwd, 'checkout', '-q', '--force', '--detach', next);
  await daemon.waitForLog((line) => said('applied', 1)(line) && line['revision'] === next);
  expect(recordOf(workspace, 1)).not.toHaveProperty('edited');
});
