// The words of the commands that serve a laptop: what an editor, a shell and `man` read.
import type { Command } from 'commander';
import { oneOf } from '../../config/option-values.ts';
import type { Finish, ProcessContext } from '../process-context.ts';
import { exitCode } from '../process-context.ts';
import { readFlag } from '../read-flag.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function addShellCommands(program: Command, context: ProcessContext, finish: Finish): void {
  program
    .command('schema')
    .description('print a JSON Schema: of widget files, or of what a command prints')
    .argument('[name]', 'which one; --list names all of them', 'widget')
    .option('--list', 'name the schemas there are')
    .action(async (name: string, { list }: { list?: true }) => {
      const { printSchema } = await import('./print-schema.ts');
      finish(printSchema({ name, isList: list === true }, context));
    });
  program
    .command('completion')
    .description('print a script by which a shell completes the words of this command')
    .argument(`<${shells.join('|')}>`, 'the shell')
    .action(async (name: string) => {
      const shell = readFlag('completion', name, oneOf<Shell>(shells));
      const [{ commandTree }, { completionFor }] = await Promise.all([
        import('./command-tree.ts'),
        import('./completion-for.ts'),
      ]);
      context.stdout.write(completionFor(shell, commandTree(program)));
      finish(exitCode.ok);
    });
  program
    .command('man')
    .description('print the manual page')
    .action(async () => {
      const [{ commandTree }, { manual }] = await Promise.all([
        import('./command-tree.ts'),
        import('./manual.ts'),
      ]);
      context.stdout.write(manual(commandTree(program)));
      finish(exitCode.ok);
    });
}
