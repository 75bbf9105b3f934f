import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import { readContent } from '../../../src/documents/check/file-content.ts';
import { keyInName } from '../../../src/documents/check/find-secrets.ts';
import { widgetId } from '../../support/sandbox.ts';

// Of this file alone: whoever registers a key in the same process may keep it.
const key = 'in-0wn-s3cr3t+/k9x=';

function read(fields: string) {
  const text = `widget_id: ${widgetId(1)}\nwidget_type: chat\n${fields}\n`;
  return readContent(new TextEncoder().encode(text));
}

function inForce(secret: string): void {
  onTestFinished(registerSecret(secret));
}

describe('a file that holds the key in force', () => {
  test.each<[string, string, number, number]>([
    ['as a value', `name: ${key}`, 3, 7],
    ['within a text', `description: |\n  Ask for\n  the key ${key}.`, 3, 1],
    ['written with escapes', 'name: "\\x69n-0wn-s3cr3t\\u002b/k9x="', 3, 7],
    ['in a URL', `description: https://a.b/?api_key=${encodeURIComponent(key)}`, 3, 14],
    ['in a list', `user_opening_messages: [a, "${key}"]`, 3, 28],
    ['in a mapping', `attributes: {a: [{b: "${key}"}]}`, 3, 22],
    ['as a name', `attributes: {"${key}": 1}`, 3, 14],
    ['in a comment', `# the key is ${key}\nname: a`, 3, 14],
    ['as an anchor', `name: &${key} a`, 3, 8],
    ['as an alias of nothing', `name: *${key}`, 3, 8],
    ['as a tag', `name: !<${encodeURIComponent(key)}> a`, 3, 9],
    ['in what is no YAML', `name: "${key}`, 3, 8],
    ['in capitals', `name: ${key.toUpperCase()}`, 3, 7],
    ['in the reason of a suspension', `sync: {suspend: true, reason: "${key}"}`, 3, 31],
  ])('%s is held', (_, fields, line, column) => {
    inForce(key);
    const { widget, findings } = read(fields);
    expect(widget).toBeNull();
    expect(findings.filter(({ code }) => code === 'holds-key')).toMatchObject([
      { severity: 'error', range: { start: { line, column } } },
    ]);
    expect(JSON.stringify(findings)).not.toMatch(/s3cr3t/i);
  });

  test('is read as ever once the key is another one', () => {
    registerSecret(key)();
    expect(read(`name: ${key}`)).toMatchObject({ widget: { spec: { name: key } }, findings: [] });
  });

  test('by chance, because the key is a short one of a sandbox, is none', () => {
    inForce('in-test');
    expect(read('name: Log-in-test')).toMatchObject({ findings: [] });
  });
});

describe('in a process of several accounts, a file that holds a key is told whose it is', () => {
  const other = 'in-0ther-s3cr3t+/k9x=';
  test.each<[string, string, readonly string[]]>([
    ['as a value', `name: ${key}`, ['name holds the API key of the account fernwood']],
    [
      'beside that of another',
      `name: ${key} ${encodeURIComponent(other)}`,
      ['name holds the API key of the account fernwood and of the account harbor'],
    ],
    [
      'in two places',
      `name: ${key}\ndescription: "\\x69n-0ther-s3cr3t+/k9x="`,
      [
        'name holds the API key of the account fernwood',
        'description holds the API key of the account harbor',
      ],
    ],
    ['in a comment', `name: a # ${other}`, ['the file holds the API key of the account harbor']],
  ])('%s', (_, fields, told) => {
    onTestFinished(registerSecret(key, { account: 'fernwood' }));
    onTestFinished(registerSecret(other, { account: 'harbor' }));
    const { widget, findings } = read(fields);
    expect(widget).toBeNull();
    expect(findings.map(({ summary }) => summary)).toEqual(told);
    expect(JSON.stringify(findings)).not.toMatch(/s3cr3t/i);
  });

  test('also in the name of a file', () => {
    onTestFinished(registerSecret(other, { account: 'harbor' }));
    expect(keyInName(`clients/${other}.yaml`)).toMatchObject([
      { summary: expect.stringMatching(/^the API key of the account harbor stands in the name/) },
    ]);
  });
});

test('what only looks like a key is sent, with a warning', () => {
  const { widget, findings } = read('name: in-abcdefgh12345678');
  expect(widget).not.toBeNull();
  expect(findings).toMatchObject([{ code: 'like-a-key', severity: 'warning' }]);
});
