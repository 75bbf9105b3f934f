// `--root` on the commands that read files: what it lets a file extend, and what it refuses.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

/** A directory in no repository, with a fragment above it. */
function scene() {
  const top = temporaryDirectory();
  writeFile(top, '_brand.yaml', 'widget_type: chat\n');
  writeFile(top, 'widgets/a.yaml', `extends: ../_brand.yaml\nwidget_id: ${widgetId(1)}\n`);
  mkdirSync(join(top, 'other'));
  return { top, widgets: join(top, 'widgets') };
}

describe('--root', () => {
  test('lets a file extend what lies above the directory, as the variable does', async () => {
    const { top, widgets } = scene();
    const without = await runHere(['validate', widgets]);
    expect(without.code).toBe(1);
    expect(without.stdout).toMatch(
      /\.\.\/_brand\.yaml leads out of the source root .*fragment-outside/,
    );
    expect(without.stdout).toMatch(/the widget directory, since no folder above it holds \.git/);
    expect((await runHere(['validate', widgets, '--root', top])).code).toBe(0);
    expect((await runHere(['validate', widgets], { WIDGET_SYNC_ROOT: top })).code).toBe(0);
    const narrow = ['validate', widgets, '--root', widgets];
    const { stdout } = await runHere(narrow, { WIDGET_SYNC_ROOT: top });
    expect(stdout).toMatch(/the folder that --root names/);
  });

  test.each([
    ['gone', /--root: there is no folder .*gone\. Name the widget directory, or a folder above it/],
    ['other', /--root: .*other does not hold the widget directory/],
    ['_brand.yaml', /--root: .*_brand\.yaml is not a folder/],
  ])('is told where it cannot be one: %s', async (name, words) => {
    const { top, widgets } = scene();
    const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_STATE: join(top, 'state') };
    const root = ['--root', join(top, name)];
    const commands = [
      ['validate', widgets],
      ['plan', widgets, '--live', 'off'],
      ['apply', widgets],
      // A daemon waits for a folder that may still come.
      ...(name === 'gone' ? [] : [['run', widgets]]),
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await runHere([...command, ...root], env);
      expect({ command: command[0], code }).toEqual({ command: command[0], code: 1 });
      expect(stdout + stderr).toMatch(words);
    }
  });
});
