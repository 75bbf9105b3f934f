// Text → one YAML document of the `yaml` package, and what is wrong with its form. Refuses other
// versions than 1.2, a second document and deep nesting; does not look at values.
import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import type { Finding } from '../../model/document.ts';
import { errorAt, quoted } from './finding.ts';
import type { SourceText } from './source-text.ts';
import { syntaxFindings } from './syntax-findings.ts';

/** Levels of mappings and lists. The schema needs two; people's own settings perhaps ten. */
export const deepestLevel = 64;

export interface Composed {
  /** Null when the text cannot be read, so that its values are not worth looking at. */
  readonly document: Document.Parsed | null;
  readonly findings: readonly Finding[];
}

export function composeYaml(source: SourceText): Composed {
  const version = versionFinding(source);
  const text = version === null ? source.text : asYaml12(source.text);
  const findings = version === null ? [] : [version];
  const tokens = new TokensWithinDepth(text);
  const composer = new Composer({
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
    // The tokens tell where colons, dashes and anchors stand: an edit goes between them.
    keepSourceTokens: true,
  });
  const documents: Document.Parsed[] = [];
  withoutStacks(() => {
    for (const document of composer.compose(tokens, true, text.length)) {
      documents.push(document);
      if (documents.length > 1) break;
    }
  });
  if (tokens.tooDeepAt !== null) {
    return { document: null, findings: [...findings, tooDeep(source, tokens.tooDeepAt)] };
  }
  const document = documents[0] ?? null;
  if (document === null) return { document, findings };

  const errors = [...document.errors, ...document.warnings].filter((error) => !isTagError(error));
  const syntax = syntaxFindings(document, errors, source);
  findings.push(...tagFindings(document, source), ...syntax);
  if (documents.length > 1) findings.push(secondDocument(document, source));
  // After a syntax error the parser's guesses are not what was meant; a second document is a second
  // widget. Either way findings about values would mislead.
  const isReadable = syntax.length === 0 && documents.length === 1;
  return { document: isReadable ? document : null, findings };
}

/** More errors say nothing new, and each costs as much as a kilobyte of YAML. */
const mostErrors = 100;

/** An error for every character is slow to make where each has its stack, which is never shown. */
function withoutStacks(act: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    act();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * The parser's tokens, ending early where the text nests too deeply. The limit is kept while tokens
 * are made: composing 100,000 levels overflows the stack or aborts the whole process.
 */
class TokensWithinDepth {
  tooDeepAt: number | null = null;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  *[Symbol.iterator]() {
    const parser = new Parser();
    let errors = 0;
    for (const lexeme of new Lexer().lex(this.#text)) {
      for (const token of parser.next(lexeme)) {
        if (token.type === 'error') errors += 1;
        if (errors <= mostErrors) yield token;
      }
      if (errors > mostErrors) break;
      // The stack holds the document and the scalar at hand beside the collections.
      if (parser.stack.length > deepestLevel + 2) {
        this.tooDeepAt = parser.offset;
        return;
      }
    }
    yield* parser.end();
  }
}

export function tooDeep(source: SourceText, at: number): Finding {
  return errorAt(source.range(at, at), 'too-deep', {
    summary: `fields and lists nest more than ${deepestLevel} levels deep`,
    detail: `At most ${deepestLevel} levels are read, counting what aliases stand for. Nest less deeply.`,
  });
}

/** Directives stand before the first line that is neither blank, a comment nor a directive. */
const versionDirective = /^(?:[ \t]*(?:#.*)?\r?\n|%(?!YAML).*\n)*(%YAML[ \t]+(\S+))/;

function versionFinding(source: SourceText): Finding | null {
  const match = versionDirective.exec(source.text);
  const [whole, directive = '', version = ''] = match ?? [];
  if (whole === undefined || version === '1.2') return null;
  const start = whole.length - directive.length;
  return errorAt(source.range(start, whole.length), 'yaml-version', {
    summary: `the file asks for YAML ${quoted(version)}`,
    detail:
      'Widget files are YAML 1.2; in YAML 1.1 yes would mean true and 010 would mean 8. Remove the %YAML line.',
  });
}

/** The directive made a comment of the same length: the rest is read as YAML 1.2, in its place. */
function asYaml12(text: string): string {
  return text.replace('%YAML', '#YAML');
}

/** The unknown tags; the composer keeps them as warnings. */
function tagFindings(document: Document.Parsed, source: SourceText): Finding[] {
  return [...document.warnings, ...document.errors].filter(isTagError).map(({ pos }) => {
    const tag = quoted(source.text.slice(...pos));
    return errorAt(source.range(...pos), 'unknown-tag', {
      summary: `the tag ${tag} is not supported`,
      detail:
        'A widget file holds plain texts, numbers, true, false, null, lists, and fields within fields. Write the value without a tag.',
    });
  });
}

function isTagError(error: YAMLError): boolean {
  return error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_COLLECTION_TYPE';
}

function secondDocument(first: Document.Parsed, source: SourceText): Finding {
  const marker = /^(?:---|\.\.\.)/gm;
  marker.lastIndex = first.range[1];
  const at = marker.exec(source.text)?.index ?? first.range[2];
  return errorAt(source.range(at, at + 3), 'multiple-documents', {
    summary: 'the file holds more than one YAML document',
    detail:
      'One file declares one widget. Move what follows --- to a file of its own, or remove the ---.',
  });
}
