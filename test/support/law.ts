// Laws: tests whose example is drawn anew many times. As those of @fast-check/vitest, which takes
// seconds to load: it makes a law of each way in which vitest's own test can be spelled.
import fc from 'fast-check';
import { test } from 'vitest';

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
        await fc.assert(law, { ...parameters, seed });
      },
      timeoutMs,
    );
}

export const law = { prop };
