// A tree none of whose widgets is to be written for now: each file that could be applied is held as suspended,
// as though it said so itself. What is wrong with a file is still to be mended.
import { printable, shorten } from '../base/text.ts';
import type { HeldFile, LoadedTree, WidgetDocument } from '../model/document.ts';
import { suspendedAsAWhole } from '../model/problem-codes.ts';
import { byFile } from './tree/build-tree.ts';

export interface WholeSuspension {
  /** Null: none is given. */
  readonly reason: string | null;
}

export function suspendAll(tree: LoadedTree, { reason }: WholeSuspension): LoadedTree {
  const why = reason?.trim().replace(/\s+/g, ' ') ?? '';
  const given = why === '' ? '' : `: ${printable(shorten(why, 200))}`;
  const message = `${suspendedAsAWhole}${given}`;
  const held = tree.documents.map((document) => heldFor(document, message));
  return {
    ...tree,
    documents: [],
    held: [...tree.held, ...held].sort(byFile),
  };
}

function heldFor(document: WidgetDocument, message: string): HeldFile {
  const { file, widgetId } = document;
  return { file, widgetId, code: 'suspended', message, waiting: document };
}
