// Edits of fragments that lie where the daemon does not walk: each is seen by an event, and is one pass.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import {
  type Daemon,
  numbers,
  patienceMs,
  shown,
  startTree,
  type Tree,
} from '../support/watched-tree.ts';

const widgets = 4;
/** A second or two, and as much again for a busy machine: far from the next rescan. */
const soonMs = 4000;

interface Scene {
  readonly root: string;
  readonly tree: Tree;
  readonly daemon: Daemon;
}

/** Four widgets: a brand above their directory, a kit in a folder of fragments, one of them says its colour. */
async function startScene(): Promise<Scene> {
  const root = temporaryDirectory();
  makeCheckout(root);
  writeFile(root, '_brand.yaml', 'widget_type: chat\nheader_color: "#000001"\n');
  writeFile(root, 'site/widgets/_kit/in/kit.yaml', 'bubble_text: Hello\n');
  for (const n of numbers(widgets)) {
    const own = n === 3 ? 'header_color: "#00000f"\n' : '';
    const text = `extends: [../../_brand.yaml, _kit/in/kit.yaml]\nwidget_id: ${widgetId(n)}\n${own}`;
    writeFile(root, `site/widgets/w${n}.yaml`, text);
  }
  const tree = await startTree({ widgets, dir: join(root, 'site/widgets') });
  const daemon = await tree.watchHere('--rescan', '10m');
  await daemon.said('applied', widgets);
  return { root, tree, daemon };
}

async function shows({ tree }: Scene, field: string, value: string, most: number): Promise<void> {
  const isThere = (n: number) => shown(tree.sandbox, n)?.[field] === value;
  await waitFor(tree.sandbox, () => numbers(most).every(isThere), patienceMs);
}

/** The passes that sent something, by how much, since the so many-th line. */
function updates({ daemon }: Scene, since: number): number[] {
  const looks = daemon.lines('looked').slice(since);
  return looks.map((line) => Number(line['update'])).filter((update) => update > 0);
}

describe('an edit of a fragment', () => {
  test.each<[string, string, string, number, (root: string) => void]>([
    [
      'above the widget directory',
      'header_color',
      '#000002',
      3,
      (root) => writeFile(root, '_brand.yaml', 'widget_type: chat\nheader_color: "#000002"\n'),
    ],
    [
      'in a folder of fragments, saved by renaming over it',
      'bubble_text',
      'Bye',
      4,
      (root) => {
        writeFileSync(join(root, 'saved'), 'bubble_text: Bye\n');
        renameSync(join(root, 'saved'), join(root, 'site/widgets/_kit/in/kit.yaml'));
      },
    ],
    [
      'whose folder is made anew',
      'bubble_text',
      'Anew',
      4,
      (root) => {
        rmSync(join(root, 'site/widgets/_kit'), { recursive: true });
        writeFile(root, 'site/widgets/_kit/in/kit.yaml', 'bubble_text: Anew\n');
      },
    ],
  ])('%s is seen at once, and is one pass', async (_, field, value, ...[most, edit]) => {
    const scene = await startScene();
    const { tree, daemon, root } = scene;
    const looks = daemon.lines('looked').length;
    const before = tree.sandbox.requests.length;
    const editedAtMs = performance.now();
    edit(root);
    await shows(scene, field, value, most);
    expect(performance.now() - editedAtMs).toBeLessThan(soonMs);
    await daemon.said('applied', widgets + most);
    expect(updates(scene, looks)).toEqual([most]);
    expect(tree.puts(before)).toHaveLength(most);
    // Not blind afterwards: another edit is seen as well.
    writeFile(root, '_brand.yaml', 'widget_type: chat\nheader_color: "#00000a"\n');
    await shows(scene, 'header_color', '#00000a', 3);
  });

  test('that is gone holds what it reaches, and is seen when it is back', async () => {
    const scene = await startScene();
    const { root, tree, daemon } = scene;
    const before = tree.sandbox.requests.length;
    rmSync(join(root, '_brand.yaml'));
    await daemon.waitForLog(({ code }) => code === 'missing-fragment', patienceMs);
    expect(tree.puts(before)).toEqual([]);
    writeFile(root, '_brand.yaml', 'widget_type: chat\nheader_color: "#000003"\n');
    await shows(scene, 'header_color', '#000003', 3);
    expect(tree.puts(before)).toHaveLength(3);
  });

  test('that says the same otherwise sends nothing', async () => {
    const scene = await startScene();
    const { root, tree, daemon } = scene;
    const before = tree.sandbox.requests.length;
    const looks = daemon.lines('looked').length;
    writeFile(root, '_brand.yaml', '# brand\nheader_color: "#000001"\nwidget_type: chat\n');
    await daemon.said('looked', looks + 1);
    expect(tree.puts(before)).toEqual([]);
    expect(updates(scene, looks)).toEqual([]);
  });
});
