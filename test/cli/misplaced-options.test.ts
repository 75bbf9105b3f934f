// An option that belongs to another command: whose it is, and never a guess at what else was meant.
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../src/cli/command-line.ts';
import type { ProcessContext } from '../../src/cli/process-context.ts';
import { runHere } from '../support/program.ts';
import { few } from '../support/soak.ts';

const hint = '(widget-sync --help lists the commands, widget-sync <command> --help its flags)\n';

describe('an option of another command', () => {
  test.each([
    [
      'history --api-url https://api.example.com',
      "unknown option '--api-url' for history: it belongs to run, apply, plan, preview, import, status, explain, where, forget and resync\n" +
        '(WIDGET_SYNC_API_URL sets it for all of them)\n',
    ],
    [
      'status --rate 5/s',
      "unknown option '--rate' for status: it belongs to run, apply, plan, preview and import\n" +
        '(WIDGET_SYNC_RATE sets it for all of them)\n',
    ],
    ['plan --timezone=UTC', "unknown option '--timezone' for plan: it belongs to run\n"],
    ['plan --force', "unknown option '--force' for plan: it belongs to apply\n"],
    ['import widgets --force', "unknown option '--force' for import: it belongs to apply\n"],
    [
      'run --json',
      "unknown option '--json' for run: it belongs to apply, plan, validate, render, preview, import, status, explain, where, history and forget\n" +
        '(run prints a log: --log-format json makes it JSON)\n',
    ],
  ])('%s', async (words, said) => {
    const finished = await runHere(words.split(' '));
    expect(finished).toEqual({ code: 1, stdout: '', stderr: `error: ${said}${hint}` });
  });

  test.each(foreignFlags())('%s says so of each that it does not take', async (name, flags) => {
    expect(flags.length).toBeGreaterThan(1);
    for (const flag of flags) {
      const { code, stdout, stderr } = await runHere([name, flag]);
      // To those that answer a question, 1 is an answer.
      const wanted = ['where', 'explain'].includes(name) ? 2 : 1;
      expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
      expect(stderr).toContain(`error: unknown option '${flag}' for ${name}: it belongs to `);
      expect(stderr).not.toContain('Did you mean');
    }
  });

  test('stands in no help but that of its commands', async () => {
    expect((await runHere(['history', '--help'])).stdout).not.toContain('--api-url');
    expect((await runHere(['status', '--help'])).stdout).toContain('--api-url');
  });

  test.each(['--json', '--state=x', '--seed'])(
    '%s before the command is sent behind it',
    async (word) => {
      const { code, stderr } = await runHere([word, 'plan']);
      const flag = word.replace('=x', '');
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `widget-sync: ${flag} belongs behind the command: widget-sync <command> ${flag}\n`,
      });
    },
  );
});

/** A command is asked for one in so many, and the next command for others. */
const oneIn = few(3, { soak: 1 });

/** Each command with options that it does not take; each option is at several commands. */
function foreignFlags(): [string, string[]][] {
  const program = new Command();
  const nobody: Partial<ProcessContext> = {};
  addCommands(program, nobody as ProcessContext, () => {});
  const flagsOf = (command: Command) => command.options.flatMap(({ long }) => long ?? []);
  const all = new Set(program.commands.flatMap(flagsOf));
  return program.commands.map((command, row) => [
    command.name(),
    [...all].filter((flag, n) => !flagsOf(command).includes(flag) && (n + row) % oneIn === 0),
  ]);
}
