import { bashCompletion } from '../../render/shell/bash-completion.ts';
import type { CommandTree } from '../../render/shell/command-words.ts';
import { fishCompletion } from '../../render/shell/fish-completion.ts';
import { zshCompletion } from '../../render/shell/zsh-completion.ts';

const completions = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export function completionFor(shell: keyof typeof completions, tree: CommandTree): string {
  return completions[shell](tree);
}
