// How long the same thing goes on: `npm test` shows each promise with a few repetitions, `npm run soak`
// repeats it as often as it takes to meet rare moments.

/** Whether this run is a soak of the ordinary tests: `npm run soak -- --only tests`. */
export const inSoak = process.env['SOAK_TESTS'] === '1';

/** So many times, rounds or things: few in each run of the tests, many in the soak. */
export function few(here: number, { soak }: { readonly soak: number }): number {
  return inSoak ? soak : here;
}
