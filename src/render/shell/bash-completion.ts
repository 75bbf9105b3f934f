// Completion for bash 4.1 and newer, as a script that needs no package and starts no program.
import type { CommandTree, Takes } from './command-words.ts';

export function bashCompletion({ name, commands, options }: CommandTree): string {
  const general = options.map((option) => option.name);
  const own = name.replaceAll('-', '_');
  const values = commands.flatMap((command) =>
    command.options.flatMap((option) => {
      const reply = replyOf(option.takes);
      if (option.placeholder === null) return [];
      return [`    '${command.name} ${option.name}') ${reply ?? 'return'} ;;`];
    }),
  );
  const words = commands.map((command) => {
    const flags = command.options.map((option) => option.name).join(' ');
    const argument = replyOf(command.argument) ?? ':';
    return `    ${command.name}) flags='${flags}'; [[ $cur == -* ]] || ${argument} ;;`;
  });
  return `# bash completion for ${name}: source <(${name} completion bash)
_${own}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} flags=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${[...commands.map((one) => one.name), ...general].join(' ')}' -- "$cur")
    return
  fi
  case "\${COMP_WORDS[1]} $prev" in
${[...new Set(values)].join('\n')}
  esac
  ((\${#COMPREPLY[@]})) && return
  case \${COMP_WORDS[1]} in
${words.join('\n')}
  esac
  [[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
}
complete -F _${own} ${name}
`;
}

/** The statement that fills in what fits; null where nothing is known. */
function replyOf(takes: Takes): string | null {
  switch (takes.kind) {
    case 'words':
      return reply(`-W '${takes.words.join(' ')}'`);
    case 'file':
      return `{ compopt -o filenames; ${reply('-f')}; }`;
    case 'directory':
      return `{ compopt -o filenames; ${reply('-d')}; }`;
    default:
      return null;
  }
}

function reply(what: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${what} -- "$cur")`;
}
