// The page of an account in a store that several processes share, as a model: writes reach it late or not at all,
// their answers get lost, and whoever lost the tenure is refused.
import fc from 'fast-check';
import { TenureLostError } from '../../src/base/errors.ts';
import type { InheritedWrite, RateUsage, UnderWay } from '../../src/state/state-store.ts';
import type { FakeClock } from './fake-clock.ts';

/** What a page says, by the store's clock. */
interface StoredPage {
  readonly token: number;
  readonly endedAtMs: readonly number[];
  readonly underWay: readonly UnderWay[];
  readonly inherited: readonly InheritedWrite[];
}

/** What a successor finds. */
export interface Taken extends Pick<RateUsage, 'earlierMs' | 'inherited'> {
  readonly token: number;
}

export class ModelStore {
  token = 0;
  #page: StoredPage = { token: 0, endedAtMs: [], underWay: [], inherited: [] };
  readonly #clock: FakeClock;
  readonly #timeoutMs: number;

  /** `timeoutMs`: how long a request may be under way. */
  constructor(clock: FakeClock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Whoever takes it over has the tenure from now on. */
  takeOver(): Taken {
    this.token += 1;
    const untilMs = this.#clock.monotonicMs() + this.#timeoutMs;
    const { endedAtMs, underWay, inherited } = this.#page;
    const earlierMs = [...endedAtMs, ...underWay.map(() => untilMs)].sort((a, b) => a - b);
    const writes = underWay.filter(({ widgetId }) => widgetId !== null);
    const left = writes.map((write) => ({ ...write, untilMs }));
    return { token: this.token, earlierMs, inherited: [...inherited, ...left] };
  }

  /** Done wholly or not at all. */
  write(page: StoredPage): void {
    if (page.token !== this.token) throw new TenureLostError();
    this.#page = page;
  }
}

/** How one write of the page fares. */
export interface Fate {
  /** Until it is at the store, and until the answer is back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** It is there, and nobody hears of that: it is tried again. */
  readonly isAnswerLost: boolean;
  /** It never comes there. */
  readonly isLost: boolean;
}

export const anyFates: fc.Arbitrary<Fate[]> = fc.array(
  fc.record({
    thereMs: fc.oneof(fc.constant(0), fc.nat({ max: 500 })),
    backMs: fc.nat({ max: 100 }),
    isAnswerLost: fc.boolean(),
    isLost: fc.nat({ max: 3 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 6 },
);

export const goodFate: Fate = { thereMs: 0, backMs: 0, isAnswerLost: false, isLost: false };

export interface Process {
  readonly clock: FakeClock;
  readonly store: ModelStore;
  readonly isAlive: () => boolean;
}

const retryMs = 200;
const never = new Promise<never>(() => {});

/** As a store that is shared keeps the page: it tries until that is there or the tenure is over. */
export function usageOf(
  { token, earlierMs, inherited }: Taken,
  fates: readonly Fate[],
  { clock, store, isAlive }: Process,
): RateUsage {
  const endedAtMs = [...earlierMs];
  let tries = 0;
  return {
    earlierMs,
    inherited,
    ended: (atMs) => void endedAtMs.push(atMs),
    async keep(underWay) {
      const page = { token, endedAtMs: [...endedAtMs], underWay: [...underWay], inherited };
      for (;;) {
        const fate = fates[tries % fates.length] ?? goodFate;
        tries += 1;
        // Each write has its end, also where every try that was drawn is lost.
        const isGood = tries % 7 === 0;
        await clock.sleep(fate.thereMs);
        if (!isAlive()) return await never;
        if (isGood || !fate.isLost) store.write(page);
        await clock.sleep(fate.backMs);
        if (!isAlive()) return await never;
        if (isGood || !(fate.isLost || fate.isAnswerLost)) return;
        await clock.sleep(retryMs);
      }
    },
  };
}
