// What the manual page says beside the commands.
import { version } from '../../base/version.ts';
import type { CommandTree } from '../../render/shell/command-words.ts';
import { manPage } from '../../render/shell/man-page.ts';

const closing = [
  {
    title: 'environment',
    text: 'The API key comes from INSIGHTO_API_KEY_FILE (the path of a file that holds it) or INSIGHTO_API_KEY. The help of an option names the variable that stands for it; an option wins.',
  },
  {
    title: 'exit status',
    text: '0 where all is well; 1 where something failed, or waits for a person; 2 from plan --detailed-exitcode where something would change, and from explain and where if they cannot tell.',
  },
  {
    title: 'files',
    text: 'widgets/ holds the widget files, and .widget-sync/ what was applied.',
  },
];

export function manual(tree: CommandTree): string {
  return manPage(tree, { version, closing });
}
