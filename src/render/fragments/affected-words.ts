// The widgets that a finding of a fragment is about, in words. Nothing is made harmless here: whoever shows the
// words does that for where they go.
import { posix } from 'node:path';
import { count } from '../../base/text.ts';
import type { Problem } from '../../model/document.ts';

/** So many files are named. */
const mostNamed = 2;

/**
 * `holds 40 widgets: widgets/ava.yaml, widgets/ben.yaml and 38 more`; null for a finding of a widget file. Files are
 * named as its place is: from the widget directory as the user named it, '' for from within.
 */
export function affectedWords(
  { severity, code, affects }: Problem,
  directory: string,
): string | null {
  if (affects === undefined) return null;
  const named = affects.files.slice(0, affects.count > mostNamed + 1 ? mostNamed : affects.count);
  const more = affects.count - named.length;
  const files =
    named.map((file) => posix.join(directory, file)).join(', ') +
    (more > 0 ? ` and ${more} more` : '');
  // The widget is not held: what it has now stays, and the next edit is sent.
  const held = code === 'refused-by-api' ? 'refused for' : 'holds';
  const verb = severity === 'error' ? held : 'concerns';
  return `${verb} ${count(affects.count, 'widget')}: ${files}`;
}
