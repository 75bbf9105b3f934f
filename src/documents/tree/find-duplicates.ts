// Files that declare one widget: usable ones hold each other. Pure.
import { listed, printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { FileContent } from '../check/file-content.ts';
import { errorAt } from '../parse/finding.ts';

type Content = Pick<FileContent, 'widgetId' | 'idRange'>;

/**
 * The duplicate-id findings, by path. A file without errors of its own is held by other such files
 * (suspended ones too: one file says leave it, the other says set it), never by a broken one.
 */
export function findDuplicates(
  files: readonly { readonly path: string }[],
  contentOf: (index: number) => Content | null,
): Map<string, readonly Finding[]> {
  const found = new Map<string, readonly Finding[]>();
  const contents = files.map((_, index) => contentOf(index));
  const repeated = repeatedIds(contents);
  if (repeated.size === 0) return found;
  const several = new Map<WidgetId, SharingFile[]>();
  for (const [index, { path }] of files.entries()) {
    const content = contents[index] ?? null;
    const id = content?.widgetId ?? null;
    if (content === null || id === null || !repeated.has(id)) continue;
    several.set(id, [...(several.get(id) ?? []), { path, content }]);
  }
  for (const [id, sharing] of several) {
    for (const one of sharing) {
      const others = sharing.filter((other) => other !== one);
      found.set(one.path, [duplicateOf(id, one, others)]);
    }
  }
  return found;
}

/** Hardly ever any: so much is looked at in each tree. */
function repeatedIds(contents: readonly (Content | null)[]): Set<WidgetId> {
  const seen = new Set<WidgetId>();
  const repeated = new Set<WidgetId>();
  for (const content of contents) {
    const id = content?.widgetId ?? null;
    if (id === null) continue;
    if (seen.has(id)) repeated.add(id);
    else seen.add(id);
  }
  return repeated;
}

interface SharingFile {
  readonly path: string;
  readonly content: Content;
}

function duplicateOf(id: WidgetId, one: SharingFile, others: readonly SharingFile[]): Finding {
  const places = others.map(
    ({ path, content: { idRange } }) => `${printable(path)}:${idRange.start.line}`,
  );
  return errorAt(one.content.idRange, 'duplicate-id', {
    summary: `the widget ${id} is declared in ${listed(places, 3)} as well`,
    detail: 'Keep one file for each widget.',
  });
}
