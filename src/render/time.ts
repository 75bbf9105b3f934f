// Times that the plan was given, as text. Refuses to know what time it is.

/** ISO 8601 in UTC, to the millisecond. */
export function isoTime(ms: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: spells a time that was given, reads no clock.
  return new Date(ms).toISOString();
}

/** To the minute, for people: `2026-03-01 08:20 UTC`. */
export function readableTime(ms: number): string {
  return `${isoTime(ms).slice(0, 16).replace('T', ' ')} UTC`;
}
