// Sees everything, and holds all that happens against what replicas promise.
import type { ModelAccount } from './model-account.ts';
import type { World } from './world.ts';

export type Promised =
  | 'no older body'
  | 'the budget holds'
  | 'no state by a former holder'
  | 'the living keep their accounts'
  | 'tokens grow'
  | 'no late request'
  | 'every account is held'
  | 'all is sent in the end';

export interface Limits {
  /** At most so many requests of an account in any window. */
  readonly requests: number;
  readonly windowMs: number;
  readonly concurrency: number;
  /** How long a request may take. */
  readonly timeoutMs: number;
  readonly holdMs: number;
}

/** Who sends, and since when that account is another session's; null: it is not. */
export interface Sender {
  readonly account: string;
  readonly widget: string;
  readonly session: number;
}

export interface JudgeRules {
  readonly limits: Limits;
  /** All clocks of a machine may stand still: then nothing tells its process how late it is. */
  readonly clocksFreeze: boolean;
  /** Sessions may be ended though their process is well: it has `holdMs` to learn of it. */
  readonly sessionsEnd: boolean;
}

export class Judge {
  readonly broken = new Map<Promised, string>();
  /** So often each has happened, to see that schedules do what they are for. */
  readonly seen = { claims: 0, takeovers: 0, sent: 0, delivered: 0, late: 0, writes: 0 };
  readonly #world: World;
  readonly #rules: JudgeRules;
  readonly #tokens = new Map<string, number>();
  readonly #newest = new Map<string, number>();
  readonly #arrivals = new Map<string, number[]>();
  /** Late requests since an account was taken over. */
  readonly #late = new Map<string, number>();

  constructor(world: World, rules: JudgeRules) {
    this.#world = world;
    this.#rules = rules;
  }

  fail(promised: Promised, what: string): void {
    if (this.broken.has(promised)) return;
    this.broken.set(promised, `after ${this.#world.nowMs} ms: ${what}`);
  }

  claimed(name: string, account: ModelAccount, by: number, isLiving: boolean): void {
    this.seen.claims += 1;
    if (account.holder !== null) this.seen.takeovers += 1;
    if (isLiving) {
      const words = `${by} took ${name} from ${account.holder}, which is alive`;
      this.fail('the living keep their accounts', words);
    }
    this.#late.delete(name);
  }

  tokenGiven(name: string, token: number): void {
    const before = this.#tokens.get(name) ?? 0;
    if (token <= before) this.fail('tokens grow', `${name} got ${token} after ${before}`);
    this.#tokens.set(name, token);
  }

  written(name: string, { holder }: ModelAccount, by: number): void {
    this.seen.writes += 1;
    if (holder !== by) {
      this.fail('no state by a former holder', `${by} wrote ${name}, which is ${holder}'s`);
    }
  }

  /** A request leaves its process. */
  sent({ account, widget, session }: Sender, kept: ModelAccount): void {
    this.seen.sent += 1;
    if (kept.holder === session) return;
    this.seen.late += 1;
    const late = (this.#late.get(account) ?? 0) + 1;
    this.#late.set(account, late);
    const sinceMs = this.#world.nowMs - kept.takenMs;
    const { limits, clocksFreeze, sessionsEnd } = this.#rules;
    const say = (why: string) =>
      this.fail('no late request', `${session} sent ${account}/${widget}, ${why}`);
    if (!kept.takenPage.underWay.includes(widget)) say('which the page did not name');
    if (late > limits.concurrency) say(`the ${late}th since it is ${kept.holder}'s`);
    if (clocksFreeze) return;
    if (!sessionsEnd) say(`${sinceMs} ms after it was ${kept.holder}'s`);
    if (sinceMs > limits.holdMs) say(`${sinceMs} ms after a session was ended`);
  }

  /** It has reached the API. */
  delivered({ account, widget }: Sender, version: number): void {
    this.seen.delivered += 1;
    if (this.#rules.clocksFreeze) return;
    const key = `${account}/${widget}`;
    const newest = this.#newest.get(key) ?? 0;
    if (version < newest) this.fail('no older body', `${key} got ${version} after ${newest}`);
    this.#newest.set(key, Math.max(newest, version));
    this.#count(account);
  }

  #count(account: string): void {
    const { requests, windowMs } = this.#rules.limits;
    const arrivals = this.#arrivals.get(account) ?? [];
    this.#arrivals.set(account, arrivals);
    arrivals.push(this.#world.nowMs);
    while ((arrivals[0] ?? 0) <= this.#world.nowMs - windowMs) arrivals.shift();
    if (arrivals.length > requests) {
      this.fail('the budget holds', `${account} had ${arrivals.length} in ${windowMs} ms`);
    }
  }
}
