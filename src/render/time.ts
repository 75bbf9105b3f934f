// Times and durations that the plan or the state gave, as text. Refuses to know what time it is.

/** ISO 8601 in UTC, to the millisecond. */
export function isoTime(ms: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: spells a time that was given, reads no clock.
  return new Date(ms).toISOString();
}

/** For people: `2026-03-01T09:00:00Z`, the same on every machine, and to be found so in the log. */
export function utcTime(ms: number): string {
  return isoTime(ms).replace(/\.\d+Z$/, 'Z');
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Of whole seconds the two largest units, which is all that a person wants to know: `3 min 20 s`. */
export function durationText(seconds: number): string {
  let rest = seconds;
  const parts = units.map(([unit, length]) => {
    const amount = Math.floor(rest / length);
    rest %= length;
    return { amount, text: `${amount} ${unit}` };
  });
  const largest = parts.findIndex(({ amount }) => amount > 0);
  const shown = parts.slice(largest, largest + 2).filter(({ amount }) => amount > 0);
  return shown.length === 0 ? '0 s' : shown.map(({ text }) => text).join(' ');
}
