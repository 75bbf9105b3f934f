// What `init` says at its end: the three commands that come next.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../base/text.ts';

export interface Beginning {
  readonly directory: string;
  /** How the command is started here. */
  readonly command: string;
  readonly isCheckout: boolean;
}

export function nextSteps({ directory, command, isCheckout }: Beginning): string {
  const into = directory === '.' ? [] : [['cd', shellWord(directory)].join(' ')];
  const all = [
    ...(isCheckout
      ? []
      : [{ words: 'git init', why: 'revisions, half a checkout and edits are told by git' }]),
    ...(hasWidgets(join(directory, 'widgets'))
      ? [{ words: `${command} validate`, why: 'checks the files; needs no key' }]
      : [{ words: `${command} import`, why: 'writes a file for each widget of the account' }]),
    { words: `${command} plan`, why: 'shows what apply would do' },
    { words: `${command} apply`, why: 'pushes what differs, and records it' },
  ];
  const steps = all.slice(0, 3);
  const width = Math.max(...steps.map(({ words }) => words.length));
  const lines = steps.map(({ words, why }) => `  ${words.padEnd(width)}   # ${why}`);
  return ['Next:', ...into.map((line) => `  ${line}`), ...lines, ''].join('\n');
}

function hasWidgets(folder: string): boolean {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) =>
      /\.ya?ml$/i.test(name),
    );
  } catch {
    // There is none, or it cannot be read: what comes next says so.
    return false;
  }
}
