// The pages of the repository, as the tests beside this file look at them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** Without what stands in blocks of code. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

/** Those of the root, and all of docs/. */
export const pages: readonly Page[] = [
  ...namesIn('.').filter((name) => name.endsWith('.md')),
  ...namesIn('docs', { recursive: true }).flatMap((name) =>
    name.endsWith('.md') ? [`docs/${name}`] : [],
  ),
]
  .sort()
  .map(readPage);

/** Throws where there is no such page. */
export function pageOf(path: string): Page {
  const page = pages.find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page;
}

/** Of these languages, of all pages. */
export function blocksOf(...languages: string[]): Block[] {
  return pages
    .flatMap(({ blocks }) => blocks)
    .filter(({ language }) => languages.includes(language));
}

/** What the pages name in one line of code, outside of blocks, each once. */
export function namedIn(page: Page): string[] {
  const named = [...page.prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...new Set(named)];
}

/** The section under a heading, with those below it. */
export function sectionOf(page: Page, heading: string): string {
  const lines = page.text.split('\n');
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading,
  );
  if (start === -1) throw new Error(`${page.path} has no section "${heading}"`);
  const level = lines[start]?.indexOf(' ') ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return rest.slice(0, end === -1 ? rest.length : end).join('\n');
}

/** The names that GitHub gives to the headings, for links. */
export function anchorsOf({ prose }: Page): Set<string> {
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const fences = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const blocks = fences.map(([, language = '', code = '']) => ({
    page: path,
    language,
    text: code,
  }));
  return { path, text, blocks, prose: text.replace(/^```[\s\S]*?^```$/gm, '') };
}

function namesIn(folder: string, options: { recursive?: true } = {}): string[] {
  return readdirSync(join(root, folder), { encoding: 'utf8', ...options });
}
