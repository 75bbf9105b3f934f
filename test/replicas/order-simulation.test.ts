// How often three replicas that pull in their own time act on older files than one of them did before: the figures of
// docs/scale.md are those of the soak.
import { describe, expect, test } from 'vitest';
import type { SourceLook } from '../../src/replicas/source-store.ts';
import { startChance } from '../support/seeded-random.ts';
import { few, inSoak } from '../support/soak.ts';
import { ModelSourceStore } from './fixtures/model-source-store.ts';
import { type Course, type Figures, simulate } from './order-simulation.ts';

const acts = few(2000, { soak: 1_000_000 });
const timeoutMs = few(30_000, { soak: 600_000 });

async function figuresOf(name: string, course: Omit<Course, 'seed' | 'acts'>): Promise<Figures> {
  const seed = startChance().between(1, 2 ** 31 - 1);
  const figures = await simulate({ seed, acts, ...course });
  if (inSoak) process.stdout.write(`${name}: ${JSON.stringify({ seed, ...figures })}\n`);
  return figures;
}

/** In a short run one wrong turn weighs a lot. */
const hardly = few(0.05, { soak: 0.005 });

const share = ({ older, acts: all }: Figures) => older / all;

/** A clone one commit deep names the parent of its commit. */
const depths = [0, 1, 100];

describe('three replicas that pull every 20 to 45 seconds and all act', () => {
  test(
    'act on older files without an order',
    async () => {
      const figures = await figuresOf('no order', { order: 'none', depth: 0 });
      expect(share(figures)).toBeGreaterThan(0.05);
    },
    timeoutMs,
  );

  test.each(depths)(
    'never do with one, %i commits deep, where dates are right',
    async (depth) => {
      const figures = await figuresOf(`right dates, depth ${depth}`, { order: 'kept', depth });
      expect(figures.older).toBe(0);
      // Two pushes of one second are told apart by the next one, or within two minutes.
      expect(figures.longestStuckMs).toBeLessThan(240_000);
    },
    timeoutMs,
  );

  test.each(depths)(
    'hardly do, %i commits deep, where dates are wrong by a minute',
    async (depth) => {
      const wrong = { order: 'kept', depth, wrongByMs: 60_000 } as const;
      const figures = await figuresOf(`wrong dates, depth ${depth}`, wrong);
      expect(share(figures)).toBeLessThan(hardly);
      expect(figures.longestStuckMs).toBeLessThan(240_000);
    },
    timeoutMs,
  );

  test.each(depths)(
    'hardly do, %i commits deep, where a tenth of the pushes is by force',
    async (depth) => {
      const forced = { order: 'kept', depth, forced: 0.1 } as const;
      const figures = await figuresOf(`forced pushes, depth ${depth}`, forced);
      expect(share(figures)).toBeLessThan(hardly);
      expect(figures.longestStuckMs).toBeLessThan(240_000);
    },
    timeoutMs,
  );
});

test('a store that answers as it was a while ago is found out', async () => {
  class Late extends ModelSourceStore {
    readonly #before: SourceLook[] = [];

    override async look(source: string, revision: string): Promise<SourceLook> {
      const now = await super.look(source, revision);
      this.#before.push(now);
      const then = this.#before[Math.max(0, this.#before.length - 10)] ?? now;
      return { ...now, newest: then.newest };
    }
  }
  const figures = await simulate({
    ...{ seed: 1, acts: 2000, order: 'kept', depth: 100 },
    store: new Late(),
  });
  expect(figures.older).toBeGreaterThan(0);
});
