// Completion for fish.
import type { CommandTree, CommandWords, NamedWords, Takes } from './command-words.ts';

export function fishCompletion({ name, commands, options }: CommandTree): string {
  const lines = [
    `# fish completion for ${name}: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...options.map((option) => line(name, `-n __fish_use_subcommand ${wordsOf(option)}`)),
    ...commands.map((command) =>
      line(name, `-n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`),
    ),
    ...commands.flatMap((command) => commandLines(name, command)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(program: string, { name, options, argument }: CommandWords): string[] {
  const where = `-n '__fish_seen_subcommand_from ${name}'`;
  const taken = valuesOf(argument);
  return [
    ...(taken === null ? [] : [line(program, `${where} ${taken}`)]),
    ...options.map((option) => line(program, `${where} ${wordsOf(option)}`)),
  ];
}

function line(program: string, words: string): string {
  return `complete -c ${program} ${words}`;
}

function wordsOf({ name, short, placeholder, description, takes }: NamedWords): string {
  const named = `-l ${name.slice(2)}${short === null ? '' : ` -s ${short.slice(1)}`}`;
  const told = `${named} -d ${quoted(description)}`;
  if (placeholder === null) return told;
  const values = valuesOf(takes);
  if (takes.kind === 'file') return `${told} -r ${values}`;
  return values === null ? `${told} -x` : `${told} -x ${values}`;
}

function valuesOf(takes: Takes): string | null {
  switch (takes.kind) {
    case 'words':
      return `-a ${quoted(takes.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'directory':
      return `-a '(__fish_complete_directories)'`;
    default:
      return null;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
