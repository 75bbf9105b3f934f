// `validate` needs no key; where it finds one, it looks for it as the commands do that send.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
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

  test('beside a key file that is a folder, and a key as well', async () => {
    const { keyFile, args } = place(key);
    mkdirSync(keyFile);
    const env = { INSIGHTO_API_KEY: 'in-key', INSIGHTO_API_KEY_FILE: keyFile };
    expect(await runHere(args, env)).toMatchObject({ code: 0, stderr: '' });
  });
});
