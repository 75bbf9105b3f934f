// A colour that is far enough from another one, and as near as can be to the one that was chosen.
// Pure.
import { bytesOf, contrastOf, culori, hexOfRgb, type Rgb } from './colour.ts';

/** Steps of lightness from black to white: finer than the bytes of hex. */
const steps = 1000;

/**
 * The colour `#rrggbb` with the hue and chroma of `chosen` whose contrast with `against` is `least` or
 * more, as it is written: after rounding. Lightness is moved as little as that takes (OKLCH), and
 * chroma is lowered only where sRGB has no such colour. Null beyond 4.58, which some colours do not
 * reach with any other.
 */
export function suggestColour(chosen: Rgb, against: Rgb, least: number): string | null {
  const key = [...chosen, ...against, least].join(' ');
  const known = suggested.get(key);
  if (known !== undefined) return known;
  const found = search(chosen, against, least);
  if (suggested.size >= mostSuggested) suggested.clear();
  suggested.set(key, found);
  return found;
}

// The widgets of one brand share their colours.
const mostSuggested = 1000;
const suggested = new Map<string, string | null>();

function search(chosen: Rgb, against: Rgb, least: number): string | null {
  if (contrastOf(chosen, against) >= least) return hexOfRgb(chosen);
  const { clampChroma, oklch, rgb } = culori();
  const [r, g, b] = chosen.map((byte) => byte / 255) as [number, number, number];
  const origin = oklch({ mode: 'rgb', r, g, b });
  const colourAt = (step: number): Rgb => {
    const moved = clampChroma({ ...origin, l: step / steps }, 'oklch', 'rgb');
    return bytesOf(rgb(moved));
  };
  const passes = (step: number) => contrastOf(colourAt(step), against) >= least;
  const start = origin.l * steps;
  const darker = firstPassing(Math.floor(start), 0, passes);
  const lighter = firstPassing(Math.ceil(start), steps, passes);
  const found = [darker, lighter]
    .filter((step) => step !== null)
    .sort((one, other) => Math.abs(one - start) - Math.abs(other - start))[0];
  return found === undefined ? null : hexOfRgb(colourAt(found));
}

/** The passing step that is nearest to `from` on the way to `end`; null where `end` does not pass. */
function firstPassing(from: number, end: number, passes: (step: number) => boolean): number | null {
  if (!passes(end)) return null;
  let [failing, passing] = [from, end];
  // The colours that fail lie in one band around the other colour: the way leaves it once.
  while (Math.abs(passing - failing) > 1) {
    const middle = Math.trunc((failing + passing) / 2);
    if (passes(middle)) passing = middle;
    else failing = middle;
  }
  return passing;
}
