// The suggestion behind "did you mean".
import { distance } from 'fastest-levenshtein';

/** The nearest known name, or null where none is near: a wild guess does not help. */
export function closestName(name: string, known: Iterable<string>): string | null {
  if (name.length > 100) return null;
  const wanted = snakeCase(name);
  let nearest = wanted.length < 4 ? 2 : Math.max(2, Math.floor(wanted.length / 3)) + 1;
  let found: string | null = null;
  for (const candidate of known) {
    const far = mistakes(wanted, candidate.toLowerCase());
    if (far >= nearest) continue;
    found = candidate;
    nearest = far;
  }
  return found;
}

/** Letters missing, added or changed; two that are swapped are one mistake. */
function mistakes(written: string, meant: string): number {
  const far = distance(written, meant);
  return far === 2 && sorted(written) === sorted(meant) ? 1 : far;
}

function sorted(text: string): string {
  return [...text].sort().join('');
}

/** headerColor, Header-Color and "header color" are header_color in other habits. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[-\s.]+/g, '_')
    .toLowerCase();
}
