// Laws: tests whose example is drawn anew many times. As those of @fast-check/vitest, which takes
// seconds to load: it makes a law of each way in which vitest's own test can be spelled.
import fc from 'fast-check';
import { test } from 'vitest';
import { inSoak } from './soak.ts';

/** A law holds for so many examples in the soak, if it says nothing else. */
const usualRuns = 100;
/** In `npm test` each law is drawn a part as often, and at least so many times. */
const share = 1 / 40;
const fewestRuns = 10;

/** Whoever asks for a seed asks for all examples, too. */
const isWhole = inSoak || process.env['LAWS_SEED'] !== undefined;

/** Milliseconds. All examples of all laws are drawn at once, often beside other work. */
const wholeTimeoutMs = 10 * 60_000;

function runsOf(all: number): number {
  return isWhole ? all : Math.min(all, Math.max(fewestRuns, Math.ceil(all * share)));
}

/**
 * What returns false, throws or rejects breaks the law. The seed is in the title: given as a
 * parameter, it draws the same examples again.
 */
function prop<Drawn extends [unknown, ...unknown[]]>(
  arbitraries: { [Place in keyof Drawn]: fc.Arbitrary<Drawn[Place]> },
  parameters: fc.Parameters<Drawn> = {},
) {
  const { seed = fc.readConfigureGlobal().seed ?? Date.now() } = parameters;
  return (title: string, holds: (...drawn: Drawn) => unknown, timeoutMs?: number) =>
    test(
      `${title} (with seed=${seed})`,
      async () => {
        const law = fc.asyncProperty(...arbitraries, async (...drawn: Drawn) => {
          return (await holds(...drawn)) !== false;
        });
        const numRuns = runsOf(parameters.numRuns ?? usualRuns);
        await fc.assert(law, { ...parameters, seed, numRuns });
      },
      isWhole ? wholeTimeoutMs : timeoutMs,
    );
}

export const law = { prop };
