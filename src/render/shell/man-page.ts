// The manual page, in the macros of man(7).
import type { CommandTree, CommandWords, NamedWords } from './command-words.ts';

export interface Imprint {
  readonly version: string;
  /** Stands below the commands: what all of them share. */
  readonly closing: readonly { readonly title: string; readonly text: string }[];
}

export function manPage(
  { name, description, options, commands }: CommandTree,
  { version, closing }: Imprint,
): string {
  const title = roff(name);
  return [
    `.TH ${title.toUpperCase()} 1 "" "${title} ${roff(version)}"`,
    '.SH NAME',
    `${title} \\- ${roff(lowerFirst(description.replace(/\.$/, '')))}`,
    '.SH SYNOPSIS',
    `.B ${title}`,
    '.I command',
    '[\\fIoptions\\fR] [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    roff(description),
    ...options.flatMap(optionLines),
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandLines(name, command)),
    ...closing.flatMap((part) => [`.SH ${roff(part.title.toUpperCase())}`, roff(part.text)]),
    '',
  ].join('\n');
}

function commandLines(program: string, { name, usage, description, options }: CommandWords) {
  return [
    `.SS "${roff(`${program} ${name} ${usage}`.trim())}"`,
    `${roff(upperFirst(description))}.`,
    ...options.flatMap(optionLines),
  ];
}

function optionLines({ name, short, placeholder, description }: NamedWords): string[] {
  const names = [short, name].filter((one) => one !== null).map((one) => `\\fB${roff(one)}\\fR`);
  const value = placeholder === null ? '' : ` \\fI${roff(placeholder)}\\fR`;
  return ['.TP', `${names.join(', ')}${value}`, roff(upperFirst(description))];
}

/** A backslash begins an order, a dash would become a hyphen, and a point or quote at the front is one. */
function roff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^([.'])/, '\\&$1');
  return [...escaped].map((one) => (one > '~' ? `\\[u${hex(one)}]` : one)).join('');
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
