// The forms of a plan, from words on the command line to what is printed.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlanFormat } from '../../src/cli/formats/read-plan-format.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

describe('the form of a plan', () => {
  test.each([
    [{}, 'text', null],
    [{ json: true }, 'json', null],
    [{ json: true, format: 'json' }, 'json', null],
    [{ format: 'text' }, 'text', null],
    [{ format: 'markdown' }, 'markdown', null],
    [{ format: 'markdown', pictures: 'https://h/p/' }, 'markdown', 'https://h/p'],
    [
      { format: 'markdown', pictures: 'http://h:8080/a b/"|' },
      'markdown',
      'http://h:8080/a%20b/%22|',
    ],
  ] as const)('%j', (flags, format, pictures) => {
    expect(readPlanFormat(flags)).toEqual({ format, pictures, outputs: [] });
  });

  test.each([
    ['--format html', '--format: expected one of text, json, markdown, found "html"'],
    [
      '--format markdown --json',
      '--json is short for --format json, and --format is markdown: leave one of the two out',
    ],
    [
      '--json --format text',
      '--json is short for --format json, and --format is text: leave one of the two out',
    ],
    ['--pictures https://h/p', '--pictures is for a comment: it needs --format markdown'],
    ['--json --pictures https://h/p', '--pictures is for a comment: it needs --format markdown'],
    ...['javascript:alert(1)', 'file:///p', 'pictures', '//h/p', 'https://'].map((url) => [
      `--format markdown --pictures ${url}`,
      `--pictures: expected an address such as https://host/preview/pictures, below which the pictures lie, found "${url}"`,
    ]),
    ...['https://me:pw@h/p', 'https://me@h/p'].map((url) => [
      `--format markdown --pictures ${url}`,
      `--pictures: expected an address such as https://host/preview/pictures, below which the pictures lie, without a password, found "${url}"`,
    ]),
    ...['https://h/p?token=1', 'https://h/p#x'].map((url) => [
      `--format markdown --pictures ${url}`,
      `--pictures: expected an address such as https://host/preview/pictures, below which the pictures lie, without ? and #, found "${url}"`,
    ]),
  ])('%s is refused', async (words = '', said = '') => {
    const finished = await runHere(['plan', ...words.split(' ')]);
    expect(finished).toEqual({ code: 1, stdout: '', stderr: `widget-sync: ${said}\n` });
  });
});

test('a comment stands on stdout, what is wrong in it and on stderr, and the exit code is as ever', async () => {
  const cwd = temporaryDirectory();
  for (const n of [1, 2, 3]) {
    const fields = `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: Ava ${n}\n`;
    writeFile(cwd, `widgets/w${n}.yaml`, fields);
  }
  const args = ['plan', join(cwd, 'widgets'), '--sandbox', '--format', 'markdown'];
  const sound = await runHere([...args, '--detailed-exitcode']);
  expect({ code: sound.code, stderr: sound.stderr }).toEqual({ code: 2, stderr: '' });
  expect(sound.stdout).toMatch(/^<!-- widget-sync plan -->\n### Plan: 3 to update\n/);
  expect(sound.stdout).toMatch(/^Note: no git checkout/m);
  expect(sound.stdout.match(/<details>/g)).toHaveLength(3);

  const refused = await runHere([...args, '--max-changes', '2']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/^⛔ \*\*Would be refused:\*\* 3 widgets would change, and/m);

  writeFile(cwd, 'widgets/w4.yaml', `widget_id: ${widgetId(4)}\nheader_colour: red\n`);
  const broken = await runHere(args);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('[unknown-field]');
  expect(broken.stdout).toMatch(/^- ❌ `.*w4\.yaml:2:1`: .*`unknown-field`/m);
});
