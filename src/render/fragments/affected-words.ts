// The widgets that a finding of a fragment is about, in words. Nothing is made harmless here: whoever shows the
// words does that for where they go.
import { count } from '../../base/text.ts';
import type { Problem } from '../../model/document.ts';

/** So many files are named. */
const mostNamed = 2;

/** `holds 40 widgets: prod/ava.yaml, prod/ben.yaml and 38 more`; null for a finding of a widget file. */
export function affectedWords({ severity, affects }: Problem): string | null {
  if (affects === undefined) return null;
  const named = affects.files.slice(0, affects.count > mostNamed + 1 ? mostNamed : affects.count);
  const more = affects.count - named.length;
  const files = named.join(', ') + (more > 0 ? ` and ${more} more` : '');
  const verb = severity === 'error' ? 'holds' : 'concerns';
  return `${verb} ${count(affects.count, 'widget')}: ${files}`;
}
