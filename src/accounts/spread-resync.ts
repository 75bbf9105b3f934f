// When an account is resynced that names no moment: at one that its name tells, so that many accounts are
// spread over the hour or the day, and each keeps its moment from start to start.
import { createHash } from 'node:crypto';

export type Spread = 'hourly' | 'daily';

/** Null for anything else. */
export function parseSpread(text: string): Spread | null {
  return text === 'hourly' || text === 'daily' ? text : null;
}

/** A cron expression with seconds. */
export function spreadResync(name: string, spread: Spread): string {
  const number = createHash('sha256').update(name).digest().readUInt32BE();
  const [second, minute, hour] = [
    number % 60,
    Math.floor(number / 60) % 60,
    Math.floor(number / 3600) % 24,
  ];
  return `${second} ${minute} ${spread === 'hourly' ? '*' : hour} * * *`;
}
