// What is used up of the rate, on its way from one clock to another: those of two machines may be minutes
// apart, so that each is asked only for how much time has passed since it was told.
import type { Clock } from '../../base/clock.ts';
import type { SingleFile, StateTexts } from '../file/state-texts.ts';
import type { Database } from '../postgres/database/database.ts';
import {
  formatUsage,
  parseUsage,
  type UsageRecord,
  usageText,
} from '../usage/rate-usage-format.ts';

/** A clock that was rounded may be ahead of itself by so much. */
const roundingMs = 1;

type Moving = { readonly database: Database; readonly clock: Pick<Clock, 'now' | 'monotonicMs'> };

/** As the store has it, by the time of the database. Throws `StateError`. */
export async function asInStore(
  texts: StateTexts,
  { database, clock }: Moving,
): Promise<StateTexts> {
  const time = await database.time(clock);
  return withPage(texts, (usage) => {
    const passedMs = passed(usage, clock.now().getTime());
    return `${usageText(asOf(new Date(Math.ceil(time.latestMs())), passedMs, usage))}\n`;
  });
}

/**
 * As a directory has it, by the clock of this machine: of a size of its own, and what ends later than now ends
 * now. Throws `StateError`.
 */
export async function asInFiles(
  texts: StateTexts,
  { database, clock }: Moving,
): Promise<StateTexts> {
  const time = await database.time(clock);
  return withPage(texts, (usage) => {
    const passedMs = passed(usage, Math.floor(time.earliestMs()));
    const { timeoutMs: _, ...record } = asOf(clock.now(), passedMs, usage);
    const ended = record.ended.map(({ firstMs, lastMs, count }) => {
      return { firstMs: Math.max(0, firstMs), lastMs: Math.max(0, lastMs), count };
    });
    return formatUsage({ ...record, ended });
  });
}

function passed({ writtenAt }: UsageRecord, nowMs: number): number {
  return Math.max(0, nowMs - writtenAt.getTime() - roundingMs);
}

/** As if it were written now. What may arrive was told of a moment ago, for all that anybody knows. */
function asOf(now: Date, passedMs: number, usage: UsageRecord): UsageRecord {
  const ended = usage.ended.map(({ firstMs, lastMs, count }) => {
    return { firstMs: firstMs + passedMs, lastMs: lastMs + passedMs, count };
  });
  return { ...usage, writtenAt: now, ended };
}

const page: SingleFile = 'spent.json';

/** One that is damaged goes as it is: whoever reads it takes all as used up. */
function withPage(texts: StateTexts, change: (usage: UsageRecord) => string): StateTexts {
  const text = texts.singles.get(page);
  const usage = text === undefined ? null : parseUsage(text);
  if (usage === null) return texts;
  return { ...texts, singles: new Map(texts.singles).set(page, change(usage)) };
}
