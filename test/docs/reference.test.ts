// What the pages list has to be all that there is: commands, options, exit codes, problem codes, signs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../src/cli/command-line.ts';
import type { ProcessContext } from '../../src/cli/process-context.ts';
import { exitCode } from '../../src/cli/process-context.ts';
import { options } from '../../src/config/options.ts';
import { heldCodes, problemCodes, warningCodes } from '../../src/model/problem-codes.ts';
import { widgetSchema } from '../../src/model/widget-schema.ts';
import { kindFields } from '../../src/sandbox/faults/fault-fields.ts';
import { blocksOf, namedIn, pageOf, pages, root, sectionOf } from './pages.ts';

const program = new Command();
const nobody: Partial<ProcessContext> = {};
addCommands(program, nobody as ProcessContext, () => {});

const flagsOf = (command: Command) => command.options.flatMap(({ long }) => long ?? []);
const flags = new Set([...program.commands.flatMap(flagsOf), '--help', '--version']);

describe('docs/commands.md', () => {
  const page = pageOf('docs/commands.md');

  test('lists every command, and no other', () => {
    const listed = [...page.prose.matchAll(/^\| \[`([a-z]+)`\]\(([^)]+)\)/gm)];
    expect(listed.map(([, name]) => name).sort()).toEqual(
      program.commands.map((command) => command.name()).sort(),
    );
  });

  test('lists every exit code', () => {
    const section = sectionOf(page, 'Exit codes');
    const listed = [...section.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(exitCode).sort());
  });

  test.each(readdirSync(join(root, 'schemas/output')))('leads to %s', (schema) => {
    expect(page.text).toContain(`](../schemas/output/${schema})`);
  });
});

describe('docs/options.md', () => {
  const { text } = pageOf('docs/options.md');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));

  test.each(Object.values(options))('lists $flag with its variable and default', (option) => {
    const [flag = ''] = option.flag.split(' ');
    const line = rows.find((one) => one.startsWith(`| \`${flag} `)) ?? '';
    expect(line).toContain(`\`${option.env}\``);
    expect(line).toContain(`\`${option.fallback}\``);
  });

  test.each([...flags].filter((flag) => !['--help', '--version'].includes(flag)))(
    'lists %s',
    (flag) => {
      const names = [...rows.join('\n').matchAll(/`(--[a-z-]+)/g)].map(([, name]) => name);
      expect(names).toContain(flag);
    },
  );
});

test.each(pages.map((page) => [page.path, page] as const))(
  '%s names only options and variables that there are',
  (_, page) => {
    const named = namedIn(page).flatMap((code) => code.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []);
    // Of other programs, or refused on purpose.
    const others = [
      '--stop-timeout',
      '--no',
      '--ignore-scripts',
      '--health-cmd',
      '--ff-only',
      '--no-install-recommends',
      '--api-key',
      '--rounds',
      '--seed',
      '--only',
      '--role',
      '--replicas',
    ];
    expect(named.filter((flag) => !flags.has(flag) && !others.includes(flag))).toEqual([]);
    const variables = page.text.match(/WIDGET_SYNC_[A-Z_]*[A-Z]/g) ?? [];
    const known: string[] = Object.values(options).map(({ env }) => env);
    expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  },
);

describe('docs/problems.md', () => {
  const page = pageOf('docs/problems.md');

  test.each(Object.entries({ ...problemCodes, ...heldCodes }))(
    'lists the code %s with its meaning',
    (code, meaning) => {
      expect(page.text).toContain(`| \`${code}\` | ${meaning} |`);
    },
  );

  test('lists no code that does not exist, and each once', () => {
    const listed = [...page.text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
    expect(listed.sort()).toEqual(Object.keys({ ...problemCodes, ...heldCodes }).sort());
  });

  test('lists as warnings those that are reported as such', () => {
    const listed = [...sectionOf(page, 'Warnings').matchAll(/^\| `([a-z0-9-]+)` \|/gm)];
    const reported = textsOf('src/documents').matchAll(/warningAt\([^']*'([a-z-]+)'/g);
    const codes = new Set([...reported].map(([, code = '']) => code));
    // These are told with what a text loses, which says how severe that is.
    expect(listed.map(([, code]) => code).sort()).toEqual(
      [...codes, 'blank-value', 'respelled-number'].filter(isProblemCode).sort(),
    );
  });
});

test('what docs/problems.md lists as warnings and notes can be allowed, and nothing else', () => {
  const page = pageOf('docs/problems.md');
  const listed = ['Warnings', 'Notes'].flatMap((heading) =>
    [...sectionOf(page, heading).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code),
  );
  // These two are errors mostly.
  const mostlyErrors = ['swallowed-comment', 'swallowed-mark'];
  expect([...warningCodes].sort()).toEqual([...listed, ...mostlyErrors].sort());
  const ofTheDirectory = /about the directory \(([^)]+)\)/.exec(page.text)?.[1] ?? '';
  const forOneFile: readonly string[] = widgetSchema.properties.sync.properties.allow.items.enum;
  expect([...forOneFile, ...namesIn(ofTheDirectory)].sort()).toEqual([...warningCodes].sort());
});

test('docs/problems.md lists as notes those that are reported as such', () => {
  const listed = [
    ...sectionOf(pageOf('docs/problems.md'), 'Notes').matchAll(/^\| `([a-z0-9-]+)` \|/gm),
  ];
  const reported = textsOf('src/documents').matchAll(/noteAt\([^']*'([a-z-]+)'/g);
  expect(listed.map(([, code]) => code).sort()).toEqual(
    [...new Set([...reported].map(([, code = '']) => code))].filter(isProblemCode).sort(),
  );
});

function isProblemCode(code: string): boolean {
  return Object.hasOwn(problemCodes, code);
}

/** Of all modules of a folder, one after the other. */
function textsOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

test('docs/plan.md explains every sign of a plan, and no other', () => {
  const text = ['plan-text.ts', 'field-text.ts']
    .map((name) => readFileSync(join(root, 'src/render', name), 'utf8'))
    .join('\n');
  const signs = (text + textsOf('src/render/diff')).matchAll(/(?:colours\.\w+\(|mark: )'(\S)'/g);
  const drawn = [...signs].map(([, sign]) => sign);
  const explained = [...pageOf('docs/plan.md').text.matchAll(/^\| `(\S)` \|/gm)];
  expect(new Set(drawn).size).toBeGreaterThan(9);
  expect([...new Set(explained.map(([, sign]) => sign))].sort()).toEqual(
    [...new Set(drawn)].sort(),
  );
});

test('docs/sandbox.md lists every kind of fault with its fields, and no other', () => {
  const section = sectionOf(pageOf('docs/sandbox.md'), 'Faults on demand');
  const rows = [...section.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \| (.*?) \|/gm)];
  const listed = new Map(
    rows.flatMap(([, kinds = '', fields = '']) =>
      namesIn(kinds).map((kind): [string, string[]] => [kind, namesIn(fields)]),
    ),
  );
  const known = Object.entries(kindFields).map(([kind, fields]) => {
    const names = Object.keys(fields).map((name) => name.replace(/[A-Z]/g, underscored));
    return [kind, names] as const;
  });
  expect([...listed.keys()].sort()).toEqual(known.map(([kind]) => kind).sort());
  for (const [kind, names] of known) expect(listed.get(kind), kind).toEqual(names);
});

const underscored = (letter: string) => `_${letter.toLowerCase()}`;

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([a-z_-]+)`/g)].map(([, name = '']) => name);
}

test('the options of npm scripts are those that they take', () => {
  const lines = blocksOf('sh').flatMap(
    ({ text }) => text.match(/^npm run soak -- .*?(?= +#|$)/gm) ?? [],
  );
  expect(lines.length).toBeGreaterThan(1);
  const soak = readFileSync(join(root, 'test/chaos/soak.mjs'), 'utf8');
  for (const line of lines) {
    for (const [, flag] of line.matchAll(/ --([a-z]+)/g))
      expect(soak).toContain(`${flag}: { type:`);
  }
});
