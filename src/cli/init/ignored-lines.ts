// What git is to leave alone in a repository of widgets.

/** The state may hold what stands in the dashboard, and changes with every write. */
const state = '.widget-sync/';
const packages = 'node_modules/';

/** The lines that a `.gitignore` lacks. `hasPackages`: npm installs there. */
export function lackedLines(gitignore: string, hasPackages: boolean): string[] {
  const lines = gitignore.split('\n').map((line) => line.trim());
  const isSaid = (name: string) => lines.some((line) => spellings(name).includes(line));
  return [state, ...(hasPackages ? [packages] : [])].filter((name) => !isSaid(name));
}

/** Those that people use for a folder. Of any other a line more does no harm. */
function spellings(folder: string): string[] {
  const name = folder.slice(0, -1);
  const ends = ['', '/', '*', '*/', '/*', '/**'];
  return ['', '/', '**/'].flatMap((begin) => ends.map((end) => `${begin}${name}${end}`));
}
