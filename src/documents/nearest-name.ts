// Which known name was probably meant.
import { closest, distance } from 'fastest-levenshtein';

/** The known name within a third of the letters (at least one), or null: a wild guess helps nobody. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (name.length > 100 || known.length === 0) return null;
  // headerColor, Header-Color and "header color" are header_color in other habits.
  const snake = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[-\s.]+/g, '_')
    .toLowerCase();
  const best = closest(snake, known);
  return distance(snake, best) <= Math.max(1, Math.floor(snake.length / 3)) ? best : null;
}
