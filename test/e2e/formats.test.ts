// `--format` and `--output`: what a system of CI reads, from the command itself.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { runHere, runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const apiKey = 'in-formats0123456789abcdef';
const env = {};

function widget(at: number, lines: string): string {
  return `widget_id: ${widgetId(at)}\nwidget_type: chat\n${lines}`;
}

const unknown = widget(1, 'header_colour: "#fff"\n');

describe('findings', () => {
  test('one look is printed for people, and written for the others', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/a.yaml', unknown);
    const outputs = ['json', 'github', 'gitlab', 'sarif', 'junit'].flatMap((format) => [
      '--output',
      `${format}=${format}.out`,
    ]);
    const { code, stdout } = await runIn({ cwd, env }, ['validate', ...outputs]);
    expect(code).toBe(1);
    expect(stdout).toContain('widgets/a.yaml:3:1: error: unknown field header_colour');
    const read = (format: string) => readFileSync(join(cwd, `${format}.out`), 'utf8');
    expect(JSON.parse(read('json'))).toMatchObject({ valid: false, error_count: 1 });
    expect(read('github')).toMatch(/^::error file=widgets\/a.yaml,line=3,/);
    expect(JSON.parse(read('gitlab'))[0].location.path).toBe('widgets/a.yaml');
    expect(JSON.parse(read('sarif')).runs[0].results).toHaveLength(1);
    expect(read('junit')).toContain('failures="1"');
  });

  test.each(['github', 'gitlab', 'sarif', 'junit'])(
    '%s on stdout is what its file holds, and the code is that of the text',
    async (format) => {
      const cwd = temporaryDirectory();
      writeFile(cwd, 'widgets/a.yaml', unknown);
      const words = ['validate', '--format', format, '--output', `${format}=file`];
      const { code, stdout } = await runIn({ cwd, env }, words);
      expect(code).toBe(1);
      expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe(stdout);
    },
  );

  test('paths begin at the topmost folder of the checkout, wherever the command runs', async () => {
    const top = temporaryDirectory();
    makeCheckout(top);
    writeFile(top, 'shop/widgets/a.yaml', unknown);
    for (const [cwd, directory] of [
      [top, 'shop/widgets'],
      [join(top, 'shop'), 'widgets'],
      [join(top, 'shop', 'widgets'), '.'],
    ] as const) {
      const { stdout } = await runIn({ cwd, env }, ['validate', directory, '--format', 'github']);
      expect(stdout).toMatch(/^::error file=shop\/widgets\/a.yaml,line=3,/);
    }
  });

  test('over accounts, what they share and what is wrong with their file is told once', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, '_brand.yaml', 'header_colour: "#fff"\n');
    for (const [at, name] of ['fernwood', 'qamar'].entries()) {
      const extending = `${widget(at, '')}extends: ../../_brand.yaml\n`;
      writeFile(cwd, `clients/${name}/a.yaml`, extending);
      writeFile(cwd, `keys/${name}`, `${apiKey}${at}`);
    }
    const accounts = `each:
  directory: clients/{name}
  key_file: keys/{name}
accounts:
  qamar: {rate: fast}
`;
    writeFile(cwd, 'accounts.yaml', accounts);
    const one = await runIn({ cwd, env }, [
      'validate',
      '--accounts',
      'accounts.yaml',
      '--root',
      '.',
      '--format',
      'github',
    ]);
    expect(one.code).toBe(1);
    expect(one.stdout.split('\n').filter((line) => line.includes('header_colour'))).toHaveLength(1);
    expect(one.stdout).toMatch(/::error file=accounts.yaml,line=5,/);
    writeFile(cwd, 'accounts.yaml', accounts.replace('fast', '5/s'));
    const words = ['validate', '--accounts', 'accounts.yaml', '--root', '.', '--format', 'junit'];
    const both = await runIn({ cwd, env }, words);
    expect(both.stdout).toContain('holds 2 widgets');
    expect(both.stdout.match(/header_colour \[/g)).toHaveLength(1);
  });

  test.each([
    ['--format xml', '--format: expected one of text, json, github, gitlab, sarif, junit'],
    ['--json --format sarif', '--json is short for --format json, and --format is sarif'],
    ['--output sarif', '--output: expected json, github, gitlab, sarif, junit, then = and a file'],
    ['--output text=a', '--output: expected json, github, gitlab, sarif, junit, then = and a file'],
    ['--output json=a --output sarif=./a', '--output: ./a is named twice'],
    ['--output json=none/a', '--output: none/a cannot be written: there is no none'],
  ])('validate %s is refused', async (words, says) => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/a.yaml', widget(1, ''));
    const { code, stderr } = await runIn({ cwd, env }, ['validate', ...words.split(' ')]);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
  });
});

describe('a plan', () => {
  test('is printed for people, and written for programs and reviewers, from one pass', async () => {
    const { url, close, requests } = await sandbox();
    try {
      const cwd = temporaryDirectory();
      writeFile(cwd, 'widgets/a.yaml', widget(1, 'bubble_text: "Hello"\n'));
      const env = { INSIGHTO_API_KEY: apiKey };
      const outputs = ['--output', 'json=plan.json', '--output', 'markdown=plan.md'];
      const words = ['plan', '--api-url', url, ...outputs];
      const { code, stdout } = await runIn({ cwd, env }, words);
      expect(code).toBe(0);
      expect(stdout).toContain('bubble_text');
      const asked = requests();
      const value = JSON.parse(readFileSync(join(cwd, 'plan.json'), 'utf8'));
      expect(stdout).toContain(`Checksum: ${value.checksum}`);
      expect(readFileSync(join(cwd, 'plan.md'), 'utf8')).toMatch(/^<!-- widget-sync plan/);
      await runIn({ cwd, env }, ['plan', '--api-url', url]);
      expect(requests()).toBe(2 * asked);
    } finally {
      await close();
    }
  });
});

async function sandbox() {
  const one = await startSandbox({ apiKey, widgets: [{ widgetId: widgetId(1), fields: {} }] });
  return { url: one.url, close: () => one.close(), requests: () => one.requests.length };
}

describe('in the log of a job', () => {
  const text = '::error file=x::forged\n##[error]forged\n  ::stop-commands::forged\n';
  const block = text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('');
  const file = widget(1, `intro_message: |\n${block}header_colour: "##[error]forged"\n`);

  test('no text of a file is a command to the runner', async () => {
    const directory = temporaryDirectory();
    writeFile(directory, 'a.yaml', file.replace('header_colour', 'header_color'));
    const env = { GITHUB_ACTIONS: 'true' };
    const words = ['plan', directory, '--sandbox'];
    for (const { stdout, stderr } of [
      await runHere(words, env),
      await runHere(words.with(0, 'apply'), env),
    ]) {
      expect(stdout).toContain('forged');
      expect(`${stdout}${stderr}`).not.toMatch(/^\s*::|##\[/m);
    }
    expect((await runHere(words)).stdout).toContain('##[error]forged');
  });

  test('only the findings are, where they are asked for', async () => {
    const directory = temporaryDirectory();
    writeFile(directory, '::error::x.yaml', file);
    const env = { GITHUB_ACTIONS: 'true' };
    const { stdout } = await runHere(['validate', directory, '--format', 'github'], env);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toMatch(/^::error file=[^:,]*%3A%3Aerror%3A%3Ax.yaml,line=/);
    const plain = await runHere(['validate', directory], env);
    expect(plain.stdout).not.toMatch(/^\s*::|##\[/m);
  });
});

test('no key reaches a file of an output', async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'out'));
  writeFile(cwd, 'widgets/a.yaml', widget(1, `bubble_text: "${apiKey}"\n`));
  const formats = ['json', 'github', 'gitlab', 'sarif', 'junit'];
  const outputs = formats.flatMap((format) => ['--output', `${format}=out/${format}`]);
  const env = { INSIGHTO_API_KEY: apiKey };
  const { stdout } = await runIn({ cwd, env }, ['validate', ...outputs]);
  expect(stdout).toContain('holds-key');
  for (const format of formats) {
    expect(existsSync(join(cwd, 'out', format))).toBe(true);
    expect(readFileSync(join(cwd, 'out', format), 'utf8')).not.toContain(apiKey);
  }
});
