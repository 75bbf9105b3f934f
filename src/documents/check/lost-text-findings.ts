// Texts that YAML loses → findings. A value that a sign took away holds the file, for nothing would go
// live in its place; everything else is doubtful, and said.

import { toPointer } from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';
import { bodySchemas, type FieldSchema, typesOf } from '../../model/widget-fields.ts';
import { errorAt, quoted, type Said, shown, shownField, warningAt } from '../parse/finding.ts';
import type { LostText } from '../parse/lost-texts.ts';
import type { ParsedFile } from '../parse/parse.ts';
import { doubleQuoted } from '../write/write-text.ts';

export interface LostTextFindings {
  readonly findings: readonly Finding[];
  /** JSON Pointers of values of which nothing else is worth saying. */
  readonly settled: ReadonlySet<string>;
}

/** More would not be mended at a time. */
const mostWarnings = 100;

/** `refused`: JSON Pointers of the values that the schema does not accept. */
export function lostTextFindings(file: ParsedFile, refused: ReadonlySet<string>): LostTextFindings {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const settled = new Set<string>();
  for (const lost of file.lost) {
    const pointer = toPointer(lost.path);
    if (!isField(lost.path) || file.unreadable.has(pointer)) continue;
    const severity = severityOf(lost, refused.has(pointer));
    if (severity === null) continue;
    if (severity === 'error') settled.add(pointer);
    const list = severity === 'error' ? errors : warnings;
    if (list.length === mostWarnings) continue;
    const finding = severity === 'error' ? errorAt : warningAt;
    list.push(finding(file.source.range(...lost.at), codes[lost.kind], explain(lost)));
  }
  return { findings: [...errors, ...warnings], settled };
}

const codes: Readonly<Record<LostText['kind'], ProblemCode>> = {
  swallowed: 'swallowed-comment',
  emptied: 'swallowed-comment',
  cut: 'swallowed-comment',
  dropped: 'swallowed-comment',
  marked: 'swallowed-mark',
  blank: 'blank-value',
  respelled: 'respelled-number',
};

/** Null for what is meant, or told otherwise. */
function severityOf(
  { kind, path, value }: LostText,
  isRefused: boolean,
): 'error' | 'warning' | null {
  switch (kind) {
    case 'swallowed':
    case 'emptied':
      return 'error';
    case 'cut':
      if (!takesText(path)) return null;
      return isRefused ? 'error' : 'warning';
    case 'dropped':
      return 'warning';
    case 'marked':
      if (!takesText(path)) return isRefused || !isNothing(value) ? null : 'warning';
      return isRefused || isNothing(value) ? 'error' : 'warning';
    case 'blank':
    case 'respelled':
      return isRefused ? null : 'warning';
  }
}

function isNothing(value: LostText['value']): boolean {
  return value === null || value === '';
}

const others: readonly LostText['path'][number][] = ['widget_id', 'extends', 'omit', 'sync'];

/** Others are refused as a whole. */
function isField([name]: LostText['path']): boolean {
  return bodySchemas.has(String(name)) || others.some((other) => other === name);
}

/** Whether any text may stand there, also one with a `#`. */
function takesText(path: LostText['path']): boolean {
  if (path[0] === 'sync') return path[1] === 'reason';
  const schema = schemaAt(path);
  if (schema === undefined || schema.enum !== undefined || schema.format !== undefined)
    return false;
  const types = typesOf(schema);
  return types.length === 0 || types.includes('string');
}

/** Without restrictions for what stands within free settings; undefined for what is not sent. */
function schemaAt([name, ...within]: LostText['path']): FieldSchema | undefined {
  const schema = bodySchemas.get(String(name));
  if (schema === undefined || within.length === 0) return schema;
  return within.length === 1 ? (schema.items ?? {}) : {};
}

function explain(lost: LostText): Said {
  switch (lost.kind) {
    case 'swallowed':
      return explainSwallowed(lost);
    case 'emptied':
      return explainEmptied(lost);
    case 'cut':
      return explainCut(lost);
    case 'dropped':
      return explainDropped(lost);
    case 'marked':
      return explainMarked(lost);
    case 'blank':
      return explainBlank(lost);
    case 'respelled':
      return explainRespelled(lost);
  }
}

function explainSwallowed(lost: LostText): Said {
  const { path, head } = lost;
  const isColour = /^#[\da-f]+$/i.test(lost.meant) && /colou?r$/i.test(String(path.at(-1)));
  const nothing = nothingAt(path);
  const value = takesText(path)
    ? `If the ${isColour ? 'colour' : 'text'} is meant, ${quoteIt(lost)}.`
    : 'If a value is meant, write it before any #.';
  const otherwise =
    nothing === null
      ? 'If a comment is meant, put it on a line of its own.'
      : `If ${nothing} is meant${clears(path)}, write ${written(head, nothing)}.`;
  return {
    summary: `${shownField(path)} is ${lost.value === null ? 'null' : 'an empty text'}: what follows # is a comment`,
    detail: `${value} ${otherwise}`,
  };
}

function explainEmptied({ path }: LostText): Said {
  return {
    summary: `${shownField(path)} is empty: what follows # is a comment`,
    detail:
      'If entries are meant, put each that begins with # in quotes. If none is meant, put a space after the #.',
  };
}

function explainDropped({ path }: LostText): Said {
  return {
    summary: `${shownField(path)} lacks what follows #, which is a comment`,
    detail:
      'If an entry is meant, put what begins with # in quotes. If a comment is meant, put a space after the #.',
  };
}

function explainCut(lost: LostText): Said {
  return {
    summary: `${shownField(lost.path)} is cut: what follows # is a comment`,
    detail: `Only ${shown(lost.value)} is sent. If the # belongs to the text, ${quoteIt(lost)}. If a comment is meant, put a space after the #.`,
  };
}

function explainMarked(lost: LostText): Said {
  const { path, head, value, meant } = lost;
  const mark = /^\S+/.exec(meant)?.[0] ?? '';
  const sign = mark.charAt(0);
  const what = `${quoted(mark)} is ${sign === '&' ? 'an anchor that nothing refers to' : 'a tag'}`;
  const belongs = `If the ${sign} belongs to the text, ${quoteIt(lost)}.`;
  if (!isNothing(value)) {
    return {
      summary: `${shownField(path)} is cut: ${what}`,
      detail: `Only ${shown(value)} is sent. ${belongs} If not, remove ${quoted(mark)}.`,
    };
  }
  const nothing = nothingAt(path);
  const otherwise =
    nothing === null
      ? `If not, remove ${quoted(mark)}.`
      : `If ${nothing} is meant${clears(path)}, write ${written(head, nothing)}.`;
  return {
    summary: `${shownField(path)} is ${value === null ? 'null' : 'an empty text'}: ${what}`,
    detail: `${belongs} ${otherwise}`,
  };
}

function explainBlank({ path, head }: LostText): Said {
  return {
    summary: `${shownField(path)} has nothing behind it`,
    detail: `It is sent as null${clears(path)}. If that is meant, write ${written(head, 'null')}; else give it a value, or remove it.`,
  };
}

function explainRespelled(lost: LostText): Said {
  const { path, value, head, meant } = lost;
  const sent = JSON.stringify(value);
  return {
    summary: `${shownField(path)} is sent as ${sent}, not as ${quoted(meant)}`,
    detail: `Without quotes it is a number, which has one spelling only. If the text is meant, ${quoteIt(lost)}. If the number is meant, write ${written(head, sent)}.`,
  };
}

/** A longer line is better quoted where it stands. */
const longestAdvice = 400;

function quoteIt({ head, meant, rest }: LostText): string {
  const line = `${written(head, doubleQuoted(meant))}${rest}`;
  const isShown = line.length <= longestAdvice && !line.includes('\n');
  return isShown ? `quote it: ${printable(line)}` : 'put all of it in quotes';
}

function written(head: string, value: string): string {
  return head.length > 100 || head.includes('\n') ? value : printable(head + value);
}

function clears(path: LostText['path']): string {
  return path.length === 1 ? ', which clears the live field' : '';
}

/** How nothing is written there; null where the field cannot be nothing. */
function nothingAt(path: LostText['path']): string | null {
  const schema = schemaAt(path);
  if (schema === undefined) return null;
  const types = typesOf(schema);
  if (types.length === 0 || types.includes('null')) return 'null';
  if (types.includes('array')) return '[]';
  return types.includes('object') ? '{}' : null;
}
