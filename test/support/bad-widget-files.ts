// One widget file for each way a file can be wrong, and what the command is to say of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from './command.ts';
import { widgetId } from './sandbox.ts';

export interface BadFile {
  readonly code: string;
  /** Of the problem, from 1. */
  readonly line: number;
  readonly column: number;
  readonly words: RegExp;
  /** What follows `widget_id` and `widget_type`, which are lines 1 and 2; or the whole file. */
  readonly body: string | Uint8Array;
}

type Row = [code: string, line: number, column: number, words: RegExp, body: string];

const rows: Row[] = [
  ['duplicate-key', 4, 1, /name stands twice.*line 3/, 'name: a\nname: b'],
  ['unknown-field', 3, 1, /header_colour.*Did you mean header_color\?/, 'header_colour: red'],
  ['unknown-field', 3, 8, /sync\.suspnd.*Did you mean suspend\?/, 'sync: {suspnd: true}'],
  ['read-only-field', 3, 1, /bubble_bot_icon is set by the API.*Remove it/, 'bubble_bot_icon: x'],
  ['multiple-documents', 3, 1, /more than one.*a file of its own/, '---\nname: b'],
  ['unknown-tag', 3, 7, /!include.*without a tag/, 'name: !include x.yaml'],
  ['undefined-alias', 3, 7, /\*base.*No anchor &base/, 'name: *base'],
  ['unsafe-integer', 3, 17, /2\^53.*Quote it/, 'attributes: {n: 9007199254740993}'],
  ['not-finite-number', 3, 17, /\.inf.*JSON cannot carry/, 'attributes: {n: .inf}'],
  ['not-finite-number', 3, 17, /\.nan.*JSON cannot carry/, 'attributes: {n: .nan}'],
  ['conflict-marker', 3, 1, /merge conflict.*Keep one/, conflict('name: a', 'name: b')],
  ['yaml-syntax', 3, 7, /not well-formed.*in quotes/, 'name: a: b'],
  ['yaml-syntax', 4, 1, /Tabs.*Indent with spaces/, 'attributes:\n\ta: 1'],
  ['not-a-mapping', 3, 14, /key is not a text.*"1"/, 'attributes: {1: a}'],
  ['wrong-type', 3, 7, /a text or null.*Quote it: "7"/, 'name: 7'],
  ['wrong-type', 3, 18, /true, false or null.*found "yes"/, 'remove_branding: yes'],
  ['wrong-type', 3, 24, /does not accept null.*\[\]/, 'user_opening_messages: null'],
  ['invalid-format', 3, 9, /org_id is not a UUID.*found "acme"/, 'org_id: acme'],
  ['invalid-unicode', 3, 7, /half a character/, 'name: "\\ud800"'],
  ['too-deep', 3, 81, /64 levels/, `attributes: {n: ${'['.repeat(70)}${']'.repeat(70)}}`],
  ['alias-bomb', 10, 11, /more than 1 MiB/, `attributes:\n${bomb()}`],
];

const wholeFiles: readonly BadFile[] = [
  whole('yaml-version', 1, 1, /YAML 1\.1.*Remove/, `%YAML 1.1\n---\n${head(100)}`),
  whole('not-a-mapping', 1, 1, /does not consist of fields/, '- a\n- b\n'),
  whole('missing-field', 1, 1, /file is empty.*widget_id and widget_type/, ''),
  whole('missing-field', 1, 1, /widget_type is missing/, `widget_id: ${widgetId(103)}\n`),
  whole('missing-field', 1, 1, /widget_id is missing/, 'widget_type: chat\n'),
  whole('invalid-format', 1, 12, /widget_id is not a UUID/, 'widget_id: 42-x\nwidget_type: chat\n'),
  whole('invalid-value', 2, 14, /"chta".*Did you mean chat\?/, head(106).replace('chat', 'chta')),
  whole('not-utf8', 1, 4, /not UTF-8.*Save the file as UTF-8/, Uint8Array.of(97, 58, 32, 255)),
  whole('file-too-large', 1, 1, /larger than 1 MiB.*found 1048577/, '#'.repeat(1024 * 1024 + 1)),
];

export const badFiles: readonly BadFile[] = [
  ...rows.map(([code, line, column, words, body], index): BadFile => {
    return { code, line, column, words, body: `${head(index)}${body}\n` };
  }),
  ...wholeFiles,
];

/** Writes them all, `00.yaml` and on; gives their names. */
export function writeBadFiles(directory: string): string[] {
  return badFiles.map(({ body }, index) => {
    const name = `${String(index).padStart(2, '0')}.yaml`;
    if (typeof body === 'string') writeFile(directory, name, body);
    else writeFileSync(join(directory, name), body);
    return name;
  });
}

function head(n: number): string {
  return `widget_id: ${widgetId(n)}\nwidget_type: chat\n`;
}

function whole(...[code, line, column, words, body]: [...Head, string | Uint8Array]): BadFile {
  return { code, line, column, words, body };
}

type Head = [code: string, line: number, column: number, words: RegExp];

function conflict(ours: string, theirs: string): string {
  return `<<<<<<< HEAD\n${ours}\n=======\n${theirs}\n>>>>>>> main`;
}

/** Each line is ten times the one before it. */
function bomb(): string {
  const tenfold = (name: string) => `[${Array(10).fill(name).join(',')}]`;
  return Array.from(
    { length: 9 },
    (_, n) => ` a${n}: &a${n} ${n === 0 ? '["lol"]' : tenfold(`*a${n - 1}`)}`,
  ).join('\n');
}
