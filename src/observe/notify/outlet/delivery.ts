// The messages to one target, one after another: tried again for a while, then given up. Waits for nobody and
// is waited for by nobody, but for a few seconds when the process ends.
import type { Poster, PostResult } from '../../../api/post.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { Notification } from '../../../model/notify/notification.ts';
import { messageBody } from '../../../render/notify/message-body.ts';
import type { NotifyTarget } from '../target.ts';
import { postFor } from './post-for.ts';

export type DeliveryEnd = 'sent' | 'failed' | 'dropped';

export interface DeliveryDeps {
  readonly poster: Pick<Poster, 'post'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Once for each message that was added. */
  readonly onEnd: (message: Notification, end: DeliveryEnd) => void;
}

/** Messages that wait for one target; more are dropped. */
export const longestQueue = 1000;

/** From one try to the next; so there are five. A receiver that says how long to wait is waited for so long. */
const waitsMs = [10_000, 30_000, 120_000, 600_000] as const;

/** No try begins later than that after the message was made, but for a message that had none yet. */
export const patienceMs = 15 * 60_000;

const bugWords = 'unexpected error; this is a bug';

/** A receiver that asks for no wait at all is not believed. */
const shortestWaitMs = 1000;

interface Waiting {
  readonly message: Notification;
  readonly sinceMs: number;
}

export class Delivery {
  readonly #target: NotifyTarget;
  readonly #deps: DeliveryDeps;
  readonly #queue: Waiting[] = [];
  /** Whoever waits for the next try stops waiting: it is the last one. */
  readonly #ending = new AbortController();
  /** Nothing is tried any more. */
  readonly #ended = new AbortController();
  #work: Promise<void> | null = null;
  #isFailing = false;

  constructor(target: NotifyTarget, deps: DeliveryDeps) {
    this.#target = target;
    this.#deps = deps;
  }

  add(message: Notification): void {
    if (this.#queue.length >= longestQueue || this.#ended.signal.aborted) {
      this.#end(message, 'dropped');
      return;
    }
    this.#queue.push({ message, sinceMs: this.#deps.clock.monotonicMs() });
    this.#work ??= this.#deliverAll();
  }

  /** The end is near: what waits for its next try has it at once, and each message one more in all. */
  hurry(): void {
    this.#ending.abort();
  }

  /** As `hurry`, for at most so long; the rest is dropped. */
  async stop(deadlineMs: number): Promise<void> {
    this.hurry();
    const done = new AbortController();
    const work = (this.#work ?? Promise.resolve()).then(() => done.abort());
    await this.#deps.clock.sleep(deadlineMs, done.signal);
    this.#ended.abort();
    await work;
  }

  async #deliverAll(): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const end = await this.#deliver(next).catch((err: unknown) => this.#sayBug(err));
      this.#queue.shift();
      this.#end(next.message, end);
    }
    this.#work = null;
  }

  #end(message: Notification, end: DeliveryEnd): void {
    try {
      this.#deps.onEnd(message, end);
    } catch (err) {
      this.#sayBug(err);
    }
  }

  /** A bug here must neither stop the daemon nor keep the next message. */
  #sayBug(err: unknown): 'failed' {
    this.#deps.log.error({ err, target: this.#target.name }, bugWords);
    return 'failed';
  }

  async #deliver(waiting: Waiting): Promise<DeliveryEnd> {
    const body = messageBody(this.#target.to, waiting.message);
    for (let tries = 0; !this.#ended.signal.aborted; tries += 1) {
      const result = await this.#try(waiting.message, body);
      if (result.isTaken) return 'sent';
      const waitMs = this.#waitMs(result, tries);
      const nextMs = this.#deps.clock.monotonicMs() + (waitMs ?? 0) - waiting.sinceMs;
      if (waitMs === null || nextMs > patienceMs) return 'failed';
      if (this.#ending.signal.aborted) return 'dropped';
      await this.#deps.clock.sleep(waitMs, this.#ending.signal);
    }
    return 'dropped';
  }

  async #try(message: Notification, body: string): Promise<PostResult> {
    const { poster, clock } = this.#deps;
    const post = postFor(this.#target, message, { body, time: clock.now() });
    const result = await poster.post(post, this.#ended.signal);
    this.#say(result);
    return result;
  }

  /** Null: there is no use in another try. */
  #waitMs(result: Exclude<PostResult, { isTaken: true }>, tries: number): number | null {
    const usualMs = waitsMs[tries];
    if (usualMs === undefined || result.retry === 'never') return null;
    if (result.retryAfterMs !== null) return Math.max(result.retryAfterMs, shortestWaitMs);
    return usualMs * (1 - this.#deps.random() / 5);
  }

  #say(result: PostResult): void {
    const { log } = this.#deps;
    const target = this.#target.name;
    if (result.isTaken && this.#isFailing) log.warn({ target }, 'the notification target is back');
    if (!result.isTaken && !this.#isFailing) {
      log.warn({ target, detail: result.says }, 'a notification target fails');
    }
    this.#isFailing = !result.isTaken;
  }
}
