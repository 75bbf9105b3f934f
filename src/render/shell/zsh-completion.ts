// Completion for zsh, by its own `_arguments`.
import type { CommandTree, CommandWords, NamedWords, Takes } from './command-words.ts';

export function zshCompletion({ name, commands, options }: CommandTree): string {
  const own = `_${name.replaceAll('-', '_')}`;
  const listed = commands.map((one) => `    ${quoted(`${one.name}:${plain(one.description)}`)}`);
  return `#compdef ${name}
# zsh completion for ${name}: source <(${name} completion zsh)
${own}() {
  local -a commands
  commands=(
${listed.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe -t commands command commands
    _arguments ${options.map(specOf).join(' ')}
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(caseOf).join('\n')}
  esac
}
compdef ${own} ${name}
# Loaded from a folder of $fpath, as it is asked for the first time.
if [[ $funcstack[1] == _${name} ]]; then ${own} "$@"; fi
`;
}

function caseOf({ name, options, argument }: CommandWords): string {
  const rest = argument.kind === 'nothing' ? [] : [quoted(`*: :${actionOf(argument)}`)];
  return `    ${name}) _arguments ${[...options.map(specOf), ...rest].join(' ')} ;;`;
}

function specOf({ name, description, placeholder, takes }: NamedWords): string {
  const told = `[${plain(description)}]`;
  if (placeholder === null) return quoted(`${name}${told}`);
  // With a star in front it may be repeated, as a few may.
  return quoted(`*${name}${told}:${plain(placeholder)}:${actionOf(takes)}`);
}

function actionOf(takes: Takes): string {
  switch (takes.kind) {
    case 'words':
      return `(${takes.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    default:
      return ' ';
  }
}

/** Without what separates the parts of a specification. */
function plain(text: string): string {
  return text.replace(/[[\]:\\]/g, ' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
