// The commands and their options as a value, for whoever describes them: a shell, a manual page.
import type { Command } from 'commander';
import type { CommandTree, NamedWords, Takes } from '../../render/shell/command-words.ts';

export function commandTree(program: Command): CommandTree {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    argument: takenBy(command.registeredArguments[0]?.name() ?? null),
    usage: command.usage(),
    options: optionsOf(command),
  }));
  const names = commands.map(({ name }) => name);
  const help = {
    ...{ name: 'help', description: 'display help for a command', usage: '[command]' },
    ...{ argument: { kind: 'words', words: names } as const, options: [] },
  };
  return {
    name: program.name(),
    description: program.description(),
    options: optionsOf(program),
    commands: [...commands, help],
  };
}

function optionsOf(command: Command): NamedWords[] {
  const own = command.createHelp().visibleOptions(command);
  return own.map(({ long, short, flags, description }) => ({
    name: long ?? flags,
    short: short ?? null,
    placeholder: /<(.+)>/.exec(flags)?.[1] ?? null,
    description,
    takes: takenBy(/<(.+)>/.exec(flags)?.[1] ?? null),
  }));
}

/** Placeholders that stand for something; all other words stand for themselves. */
const kinds: readonly string[] = [
  ...[
    'address',
    'code',
    'command',
    'commit',
    'cron',
    'dir',
    'directory',
    'duration',
    'file',
    'format',
  ],
  ...['id', 'level', 'name', 'n', 'sha', 'size', 'state', 'sum', 'time', 'url', 'widget', 'zone'],
];

/** From how the help calls it, such as `auto|off`, `file` or `dir|auto`. */
function takenBy(placeholder: string | null): Takes {
  if (placeholder === null) return { kind: 'nothing' };
  const parts = placeholder.split('|');
  const words = parts.filter((part) => /^[a-z][a-z-]*$/.test(part) && !kinds.includes(part));
  if (parts.some((part) => /^(file|format=file)\b/.test(part))) return { kind: 'file' };
  if (parts[0] === 'dir') return { kind: 'directory' };
  return words.length > 0 ? { kind: 'words', words } : { kind: 'text' };
}
