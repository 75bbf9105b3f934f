// Times on the page, as far from now: `8 s ago`, `in 22 min`. The time itself stands beside, for whoever
// points at it and for programs.
import { Html, html } from '../page/html.ts';
import { isoTime, utcTime } from '../time.ts';

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Of a duration the largest unit alone: `3 d`; under a second `0 s`. */
export function roughText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, length] = units.find(([, least]) => seconds >= least) ?? (['s', 1] as const);
  return `${Math.floor(seconds / length)} ${unit}`;
}

/** `just now`, `8 s ago`; `in 22 min` for a time to come. */
export function awayText(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (Math.abs(ms) < 1000) return 'just now';
  return ms > 0 ? `${roughText(ms)} ago` : `in ${roughText(-ms)}`;
}

export function timeHtml(at: { getTime(): number }, words: string | Html): Html {
  const ms = at.getTime();
  // Times are plain, and there are many.
  const begin = new Html(`<time datetime="${isoTime(ms)}" title="${utcTime(ms)}">`);
  return html`${begin}${words}</time>`;
}

export function awayHtml(at: { getTime(): number }, nowMs: number): Html {
  return timeHtml(at, new Html(awayText(at.getTime(), nowMs)));
}
