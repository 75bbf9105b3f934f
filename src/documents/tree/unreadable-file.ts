// Why a file was not read: what is said of it, and what a person can do.
import { codeOf, messageOf } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import { errorAt, warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';

export const largestFile = 1024 * 1024;

const nowhere = 'It is a link to something that is not there. Mend or remove the link.';

export function unreadable(error: unknown): Finding {
  const code = codeOf(error);
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'Permission denied. Let the user that runs widget-sync read it.',
    ENOENT: nowhere,
    ELOOP: 'It is a link that leads back to itself. Mend or remove the link.',
  };
  return errorAt(startOfFile, 'unreadable-file', {
    summary: 'the file cannot be read',
    detail: (code !== null && reasons[code]) || `${printable(messageOf(error))}.`,
  });
}

export function notRegular(): Finding {
  return errorAt(startOfFile, 'unreadable-file', {
    summary: 'not a regular file',
    detail: 'Expected a file, found a pipe, socket or device. Remove or rename it.',
  });
}

export function otherEnding(): Finding {
  return warningAt(startOfFile, 'other-ending', {
    summary: 'the file is not read, for its ending is spelt with capitals',
    detail:
      'Expected .yaml or .yml. Rename the file; or begin its name with _, if it is no widget.',
  });
}

export function tooLarge(size: number): Finding {
  return errorAt(startOfFile, 'file-too-large', {
    summary: 'the file is larger than 1 MiB',
    detail: `Expected at most ${largestFile} bytes, found ${size}. A widget is a few kilobytes.`,
  });
}

export function changing(): Finding {
  return errorAt(startOfFile, 'changing-file', {
    summary: 'the file was being written while it was read',
    detail: 'It is read again in a moment. If this stays, something keeps writing it.',
  });
}

export function brokenLink(): Finding {
  return errorAt(startOfFile, 'unreadable-file', {
    summary: 'the file cannot be read',
    detail: nowhere,
  });
}

/** Bytes that are not UTF-8 come as this character. */
export function isGarbled(name: string): boolean {
  return name.includes('\ufffd');
}

export function unnamable(kind: 'file' | 'folder'): Finding {
  return errorAt(startOfFile, 'unreadable-file', {
    summary: `the ${kind} name is not UTF-8`,
    detail: `The ${kind} cannot be opened by its name. Rename it.`,
  });
}
