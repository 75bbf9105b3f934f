// What holds one account, reduced to what its tenure is for: it names a request in the page before that leaves,
// looks once more, sends, and records what was confirmed. It follows the rules of whoever inherits.
import type { Tenure } from '../../../src/state/tenure.ts';
import type { Judge, Limits } from './judge.ts';
import type { ModelAccount, Page } from './model-account.ts';
import type { ModelApi } from './model-api.ts';
import type { ModelProcess } from './model-process.ts';
import type { Loaded, ModelData } from './model-store.ts';

/** Ways in which a holder could be wrong. */
export type HolderMutant =
  | 'always mine'
  | 'inherits nothing'
  | 'names nothing'
  | 'resets nothing'
  | 'waits for the timeout alone';

export interface HolderDeps {
  readonly account: string;
  readonly session: number;
  readonly tenure: Tenure;
  readonly process: ModelProcess;
  readonly data: ModelData;
  readonly api: ModelApi;
  readonly judge: Judge;
  readonly kept: () => ModelAccount;
  readonly limits: Limits;
  /** What each widget is to be, by now. */
  readonly desired: ReadonlyMap<string, number>;
  /** A request is about to leave. */
  readonly onRequest: () => void;
  readonly mutant: HolderMutant | null;
}

export class ModelHolder {
  /** Nothing of it runs any more. */
  readonly ended: Promise<void>;
  readonly #deps: HolderDeps;
  readonly #leaving = new AbortController();
  /** Its tenure is over: all that is in flight is reset. */
  readonly #over = new AbortController();
  /** By widget; of earlier holders: until when they may be. */
  readonly #underWay = new Map<string, 'mine' | number>();
  readonly #records = new Map<string, number>();
  readonly #sends = new Set<Promise<void>>();
  #ends: number[] = [];
  #seq = 0;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #nextWrite: Promise<boolean> | null = null;

  constructor(deps: HolderDeps) {
    this.#deps = deps;
    const { ended } = deps.tenure;
    const lose = () => this.#end();
    if (ended.aborted) lose();
    else if (deps.mutant !== 'always mine') ended.addEventListener('abort', lose, { once: true });
    this.ended = this.#run();
  }

  /** In good order. */
  leave(): void {
    this.#leaving.abort();
  }

  #end(): void {
    this.#over.abort();
    this.#leaving.abort();
  }

  async #run(): Promise<void> {
    const loaded = await this.#load();
    if (loaded === null) return;
    this.#inherit(loaded);
    while (!this.#leaving.signal.aborted) {
      this.#forgetEnds();
      const widget = this.#next();
      if (widget === null) await this.#deps.process.clock.sleep(250, this.#leaving.signal);
      else this.#begin(widget);
    }
    await Promise.all(this.#sends);
    if (!this.#over.signal.aborted) await this.#keepPage();
  }

  async #load(): Promise<Loaded | null> {
    const { data, account, process } = this.#deps;
    while (!this.#leaving.signal.aborted) {
      const loaded = await data.load(account).catch(() => null);
      if (loaded !== null) return loaded;
      await process.clock.sleep(200, this.#leaving.signal);
    }
    return null;
  }

  #inherit({ page, pageAgeMs, records }: Loaded): void {
    const { limits, mutant } = this.#deps;
    const nowMs = this.#nowMs();
    for (const [widget, version] of records) this.#records.set(widget, version);
    if (mutant === 'inherits nothing') return;
    // Whoever held it may have begun until its own clock stopped it, and then each request takes its time.
    const leaveMs = mutant === 'waits for the timeout alone' ? 0 : limits.holdMs;
    const overMs = nowMs + leaveMs + limits.timeoutMs;
    for (const widget of page.underWay) this.#underWay.set(widget, overMs);
    this.#ends = page.endedAgoMs.map((agoMs) => nowMs - agoMs - pageAgeMs);
  }

  #forgetEnds(): void {
    const nowMs = this.#nowMs();
    for (const [widget, until] of this.#underWay) {
      if (until === 'mine' || until > nowMs) continue;
      this.#underWay.delete(widget);
      this.#ends.push(until);
    }
    this.#ends = this.#ends.filter((endMs) => endMs > nowMs - this.#deps.limits.windowMs);
  }

  #next(): string | null {
    const { limits, desired } = this.#deps;
    const mine = [...this.#underWay.values()].filter((until) => until === 'mine').length;
    const used = this.#underWay.size + this.#ends.length;
    if (mine >= limits.concurrency || used >= limits.requests) return null;
    for (const [widget, version] of desired) {
      if (!this.#underWay.has(widget) && this.#records.get(widget) !== version) return widget;
    }
    return null;
  }

  #begin(widget: string): void {
    this.#underWay.set(widget, 'mine');
    const sending = this.#send(widget).finally(() => {
      this.#sends.delete(sending);
      this.#underWay.delete(widget);
      this.#ends.push(this.#nowMs());
    });
    this.#sends.add(sending);
  }

  async #send(widget: string): Promise<void> {
    const { mutant, tenure, desired, judge, kept, session, account } = this.#deps;
    const version = desired.get(widget) ?? 0;
    if (!(await this.#keepPage())) return;
    // The last look, in the same turn as the request.
    if (mutant !== 'always mine' && !tenure.isMine()) return this.#end();
    const sender = { account, widget, session };
    judge.sent(sender, kept());
    this.#deps.onRequest();
    const isAnswered = await this.#put(widget, version);
    if (isAnswered) await this.#confirm(widget, version);
  }

  async #put(widget: string, version: number): Promise<boolean> {
    const { api, process, limits, account, session, mutant } = this.#deps;
    const given = new AbortController();
    const reset = new AbortController();
    const lose = () => reset.abort();
    if (mutant !== 'resets nothing') {
      this.#over.signal.addEventListener('abort', lose);
      if (this.#over.signal.aborted) lose();
    }
    void process.clock.sleep(limits.timeoutMs, given.signal).then(() => {
      if (!given.signal.aborted && mutant !== 'resets nothing') lose();
      given.abort();
    });
    const put = api.put({ account, widget, session }, version, { process, signal: reset.signal });
    const late = new Promise<boolean>((resolve) => {
      given.signal.addEventListener('abort', () => resolve(false));
    });
    const isAnswered = await Promise.race([put, late]);
    given.abort();
    this.#over.signal.removeEventListener('abort', lose);
    return isAnswered;
  }

  async #confirm(widget: string, version: number): Promise<void> {
    const { data, account, session: by, tenure } = this.#deps;
    const { token } = tenure;
    const answer = await data.confirm(account, { by, token, widget, version }).catch(() => 'lost');
    if (answer === 'refused') this.#end();
    if (answer === 'done') this.#records.set(widget, version);
  }

  /** Whether the page is kept with all that is under way by now. Whoever waits shares the next write. */
  #keepPage(): Promise<boolean> {
    this.#nextWrite ??= this.#lastWrite.then(() => {
      this.#nextWrite = null;
      const write = this.#writePage();
      this.#lastWrite = write;
      return write;
    });
    return this.#nextWrite;
  }

  async #writePage(): Promise<boolean> {
    const { data, account, session: by, tenure } = this.#deps;
    this.#seq += 1;
    const write = { by, token: tenure.token, seq: this.#seq, page: this.#page() };
    const answer = await data.keepPage(account, write).catch(() => 'lost');
    if (answer === 'refused') this.#end();
    return answer === 'done';
  }

  #page(): Page {
    const nowMs = this.#nowMs();
    return {
      underWay: this.#deps.mutant === 'names nothing' ? [] : [...this.#underWay.keys()],
      endedAgoMs: this.#ends.map((endMs) => nowMs - endMs),
    };
  }

  #nowMs(): number {
    return this.#deps.process.clock.monotonicMs();
  }
}
