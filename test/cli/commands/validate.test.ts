// `validate` needs no key; where it finds one, it looks for it as the commands do that send.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCheckout, temporaryDirectory, writeFile } from '../../support/command.ts';
import { readValidateJson } from '../../support/json-shapes.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';

/** A file in which the key stands, and a place for the key. */
function place(key: string) {
  const root = temporaryDirectory();
  const text = `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: ask with ${key}\n`;
  writeFile(root, 'widgets/a.yaml', text);
  return { root, keyFile: join(root, 'key'), args: ['validate', join(root, 'widgets')] };
}

describe('a file that holds the key at hand', () => {
  test.each<[string, 'value' | 'file']>([
    ['in-valuekey-123456789', 'value'],
    ['in-filedkey-123456789', 'file'],
  ])('is refused: %s as a %s', async (key, kind) => {
    const { root, keyFile, args } = place(key);
    writeFile(root, 'key', `${key}\n`);
    const env = kind === 'value' ? { INSIGHTO_API_KEY: key } : { INSIGHTO_API_KEY_FILE: keyFile };
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await runHere([...args, ...more], env);
      expect(code).toBe(1);
      expect(stdout).toContain('holds-key');
      expect(stdout + stderr).not.toContain(key);
    }
  });
});

describe('a file with what looks like a key is only warned of', () => {
  const key = 'in-otherkey-123456789';
  test.each<[string, NodeJS.ProcessEnv]>([
    ['without a key', {}],
    ['beside another key', { INSIGHTO_API_KEY: 'in-another-key-987654321' }],
    ['beside a key that is none', { INSIGHTO_API_KEY: 'sk-1234567890123' }],
    ['beside an empty key', { INSIGHTO_API_KEY: '', INSIGHTO_API_KEY_FILE: '' }],
    ['beside a key file that is not there', { INSIGHTO_API_KEY_FILE: '/nowhere/key' }],
  ])('%s', async (_, env) => {
    const { args } = place(key);
    const { code, stdout, stderr } = await runHere(args, env);
    expect(stdout).toContain('[like-a-key]');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('and no note of it quotes what stands there, unless that is allowed', async () => {
    const { args, root } = place(key);
    const text = `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: ${key}\nstyle_params: {${key}: 1}\n`;
    writeFile(root, 'widgets/a.yaml', text);
    for (const flags of [[], ['--json']]) {
      const { code, stdout } = await runHere([...args, ...flags]);
      expect(code).toBe(0);
      expect(stdout).toContain('like-a-key');
      expect(stdout).not.toContain(key.slice(3, 8));
    }
    const allowed = await runHere([...args, '--allow', 'like-a-key']);
    expect(allowed.stdout).toContain(`style_params.${key} is not read`);
  });

  test('beside a key file that is a folder, and a key as well', async () => {
    const { keyFile, args } = place(key);
    mkdirSync(keyFile);
    const env = { INSIGHTO_API_KEY: 'in-key', INSIGHTO_API_KEY_FILE: keyFile };
    expect(await runHere(args, env)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('of files that extend fragments', () => {
  const brand = 'widget_type: chat\nheader_color: "#14532d"\n';
  const over = (n: number) => `widget_id: ${widgetId(n)}\nextends: ../_brand.yaml\n`;

  function tree(files: Readonly<Record<string, string>>) {
    const root = temporaryDirectory();
    makeCheckout(root);
    for (const [path, text] of Object.entries(files)) writeFile(root, path, text);
    const dir = join(root, 'widgets');
    return { dir, validate: (...flags: string[]) => runHere(['validate', dir, ...flags]) };
  }

  test('it lists the fragments that are reached, and on stderr those that none reaches', async () => {
    const { dir, validate } = tree({
      'widgets/_brand.yaml': brand,
      'widgets/_old.yaml': 'not even: [read\n',
      'widgets/prod/_kept/later.yml': '',
      'widgets/prod/_kept/read.me': '',
      'widgets/.hidden/_x.yaml': '',
      'widgets/prod/a.yaml': over(1),
      'widgets/prod/b.yaml': over(2),
    });
    const { code, stdout, stderr } = await validate();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${dir}/_brand.yaml reaches 2 widgets\nno problems in 2 widget files\n`,
    });
    expect(stderr.split('\n')).toEqual([
      `note: ${dir}/_old.yaml is extended by no widget file`,
      `note: ${dir}/prod/_kept/later.yml is extended by no widget file`,
      '',
    ]);
    const json = await validate('--json', '--strict');
    expect(json).toMatchObject({ code: 0, stderr });
    expect(readValidateJson(json.stdout).fragments).toEqual([{ file: '_brand.yaml', widgets: 2 }]);
  });

  test('of many files that none extends some are named', async () => {
    const old = Object.fromEntries(
      Array.from({ length: 25 }, (_, n) => [`widgets/_old/${String(n).padStart(2, '0')}.yaml`, '']),
    );
    const { dir, validate } = tree({
      ...old,
      'widgets/_brand.yaml': brand,
      'widgets/prod/a.yaml': over(1),
    });
    const lines = (await validate()).stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.at(-2)).toBe(`note: ${dir}/_old/19.yaml is extended by no widget file`);
    expect(lines.at(-1)).toBe('note: and 5 more such files');
  });

  test('a tree in which nothing is extended is told nothing of such files', async () => {
    const { validate } = tree({
      'widgets/_old.yaml': '',
      'widgets/a.yaml': `widget_id: ${widgetId(1)}\n${brand}`,
    });
    expect(await validate()).toEqual({
      code: 0,
      stdout: 'no problems in 1 widget file\n',
      stderr: '',
    });
    expect(JSON.parse((await validate('--json')).stdout)).not.toHaveProperty('fragments');
  });

  test('a broken fragment under forty widgets is one problem, at its line, with those that it holds', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`widgets/prod/w${n}.yaml`, over(n)]),
    );
    const { dir, validate } = tree({ ...files, 'widgets/_brand.yaml': `${brand}  size: [\n` });
    const { code, stdout } = await validate();
    expect(code).toBe(1);
    const problems = stdout.split('\n').filter((line) => line.includes(': error: '));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      new RegExp(
        `^${dir}/_brand\\.yaml:\\d+:\\d+: .* \\(holds 40 widgets: ${dir}/prod/w0\\.yaml, ${dir}/prod/w1\\.yaml and 38 more\\)$`,
      ),
    );
    const { diagnostics, error_count: errors } = readValidateJson(
      (await validate('--json')).stdout,
    );
    expect(errors).toBe(1);
    expect(diagnostics[0]?.affects?.count).toBe(40);
    expect(diagnostics[0]?.affects?.files).toHaveLength(20);
  });
});
