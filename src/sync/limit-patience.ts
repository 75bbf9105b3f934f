// How long a limit of the API is waited for where nobody may wait for ever.

/**
 * The API may refuse everything for so long before whoever has a person waiting gives up. Limits by the
 * minute, which are the longest that most APIs have, are over by then.
 */
export const limitPatienceMs = 120_000;

export function refusedWords(refusedForMs: number): string {
  return `the API has refused every request for ${Math.round(refusedForMs / 1000)} seconds (429)`;
}
