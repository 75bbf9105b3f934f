// The unit for systemd: systemd finds no fault with it and little that it may do, and its program is started as it says.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { pageOf, root, sectionOf } from '../docs/pages.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';

const unit = readFileSync(join(root, 'deploy/systemd/widget-sync.service'), 'utf8');
const { status, stdout } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
/** The first that knows %d, which the unit has. */
const canJudge = status === 0 && Number(/systemd (\d+)/.exec(stdout)?.[1]) >= 251;
if (!canJudge) {
  process.stderr.write('\nSKIPPED: the tests of the unit need systemd-analyze 251 or newer\n\n');
}

/** As `systemd-analyze` says it of the unit, with a program that this machine has. */
function analyze(words: readonly string[], text = unit) {
  const folder = temporaryDirectory();
  writeFile(folder, 'widget-sync.service', text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
  const path = join(folder, 'widget-sync.service');
  const said = spawnSync('systemd-analyze', [...words, path], { encoding: 'utf8' });
  return { code: said.status, said: said.stdout + said.stderr };
}

describe.skipIf(!canJudge)('systemd', () => {
  test('finds no fault, and would find one', () => {
    expect(analyze(['verify'])).toEqual({ code: 0, said: '' });
    const misspelt = unit.replace('ProtectSystem=', 'ProtectSytem=');
    expect(analyze(['verify'], misspelt).said).toContain('ProtectSytem');
  });

  test('exposes as little as is said', () => {
    const { said } = analyze(['security', '--offline=yes']);
    const [, exposure] = /Overall exposure level for [^:]*: ([\d.]+)/.exec(said) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
  });
});

test('the variables of the unit are options that there are', () => {
  const env = Object.fromEntries(
    [...unit.matchAll(/^Environment=(.*)$/gm)]
      .flatMap(([, words = '']) => words.split(' '))
      .map((word) => word.split(/=(.*)/s).slice(0, 2)),
  );
  expect(readSettings({}, env)).toMatchObject({ state: '%S/widget-sync' });
  expect(env['INSIGHTO_API_KEY_FILE']).toBe('%d/key');
  expect(unit).toMatch(/^ExecStart=\S+\/widget-sync run \/\S+$/m);
});

test('the unit and the page say which systemd they need', () => {
  expect(unit).toContain('systemd 251 or newer');
  expect(sectionOf(pageOf('docs/deploy.md'), 'systemd')).toContain('systemd 251 or newer');
});
