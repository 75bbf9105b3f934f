// Bytes → text, before YAML is asked: UTF-8 and nothing else, no control characters, no half-merged
// file. Also finds a widget id in text that is too broken for YAML.

import type { Finding, Range } from '../../model/document.ts';
import { isUuid, parseWidgetId, type WidgetId } from '../../model/widget.ts';
import { errorAt } from './finding.ts';
import { type SourceText, sourceText, startOfFile } from './source-text.ts';

/** The text, as far as it can be told, and what keeps YAML from being asked at all. */
export function decode(bytes: Uint8Array): { source: SourceText; findings: Finding[] } {
  // Not fatal: broken bytes become U+FFFD, so that the good part can still tell the widget's id. A
  // byte order mark is dropped.
  const source = sourceText(new TextDecoder().decode(bytes));
  const encoding = encodingFinding(bytes, source);
  if (encoding !== null) return { source, findings: [encoding] };
  const conflicts = conflictFindings(source);
  return { source, findings: conflicts.length > 0 ? conflicts : controlFindings(source) };
}

function encodingFinding(bytes: Uint8Array, source: SourceText): Finding | null {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const at = Math.max(0, source.text.indexOf('\ufffd'));
  return errorAt(source.range(at, at + 1), 'not-utf8', {
    summary: isUtf16 ? 'the file is UTF-16, not UTF-8' : 'the file is not UTF-8 text',
    detail: 'Expected UTF-8, found bytes that are not. Save the file as UTF-8.',
  });
}

/**
 * One finding a conflict. Only whole markers at the start of a line count: `=======` alone may be text,
 * while nothing inside a YAML mapping starts a line with `<<<<<<< `.
 */
function conflictFindings(source: SourceText): Finding[] {
  const found: Finding[] = [];
  let isOpen = false;
  for (const marker of source.text.matchAll(/^(?:<{7}|>{7}) .*$/gm)) {
    const opens = marker[0].startsWith('<');
    if (opens || !isOpen) {
      const length = marker[0].trimEnd().length;
      found.push(
        errorAt(source.range(marker.index, marker.index + length), 'conflict-marker', {
          summary: 'a git merge conflict was left in the file',
          detail:
            'Keep one of the two sides, delete the lines with <<<<<<<, ======= and >>>>>>>, and commit.',
        }),
      );
    }
    isOpen = opens;
  }
  return found;
}

/** YAML forbids these even in quotes: the C0 controls but for tab and line ends. */
const control = /(?![\t\n\r\x7f-\x9f])\p{Cc}/u;

function controlFindings(source: SourceText): Finding[] {
  const at = source.text.search(control);
  if (at === -1) return [];
  const code = source.text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return [
    errorAt(source.range(at, at + 1), 'yaml-syntax', {
      summary: `the file holds the control character U+${code}`,
      detail:
        'YAML allows no control characters. Remove it, or write it in double quotes as "\\x…".',
    }),
  ];
}

const idLine = /^(widget_id:[ \t]*["']?)([0-9a-f-]{36})["']?[ \t]*\r?(?:#.*)?$/gim;

/**
 * The one widget id that the text declares on a line of its own, whatever state the rest is in; null
 * when there is none, or when two lines disagree.
 */
export function findWidgetId(source: SourceText): { id: WidgetId; range: Range } | null {
  let found: { id: WidgetId; range: Range } | null = null;
  for (const [whole, before = '', text = ''] of source.text.matchAll(idLine)) {
    const id = isUuid(text) ? parseWidgetId(text) : null;
    if (id === null) continue;
    if (found !== null && found.id !== id) return null;
    const start = source.text.indexOf(whole) + before.length;
    found ??= { id, range: source.range(start, start + text.length) };
  }
  return found;
}

export function rangeOfWidgetId(source: SourceText): Range {
  return findWidgetId(source)?.range ?? startOfFile;
}
