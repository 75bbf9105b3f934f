// The pages that are open in browsers and wait to hear of changes (server-sent events, of the HTML standard).
import { sharedController } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Timers } from '../../base/timers.ts';

/** A person does not open more pages than that. */
const mostPages = 50;
/** A proxy or a tunnel in between may cut a connection that is silent for longer. */
const signOfLifeMs = 20_000;
/** A browser that has left so many messages unread is gone. */
const mostWaiting = 100;

const encoder = new TextEncoder();

/** Behind a space may stand the topic that it is of: where a server has pages of several. */
type Version = string | number;

type Waiting = ReadableStreamDefaultController<Uint8Array>;

export class OpenPages {
  readonly #waiting = new Set<Waiting>();
  readonly #stopping = sharedController();
  /** Rejects for a bug, and for nothing else. */
  readonly ended: Promise<void>;

  constructor(clock: Clock) {
    const timers = new Timers(clock, this.#stopping.signal);
    this.ended = timers.every(signOfLifeMs, () => this.#send(':\n\n'));
  }

  /** The stream for one more page, which begins with these versions; null where too many are open. */
  open(...versions: readonly Version[]): ReadableStream<Uint8Array> | null {
    if (this.#waiting.size >= mostPages) return null;
    let mine: Waiting | null = null;
    const leave = () => {
      if (mine !== null) this.#waiting.delete(mine);
    };
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        mine = controller;
        this.#waiting.add(controller);
        controller.enqueue(encoder.encode(`retry: 1000\n${changed(versions)}`));
      },
      cancel: leave,
    });
  }

  get count(): number {
    return this.#waiting.size;
  }

  tell(...versions: readonly Version[]): void {
    if (versions.length > 0) this.#send(changed(versions));
  }

  stop(): void {
    this.#stopping.abort();
    for (const one of this.#waiting) one.close();
    this.#waiting.clear();
  }

  #send(text: string): void {
    const bytes = encoder.encode(text);
    for (const one of this.#waiting) {
      if ((one.desiredSize ?? 0) > -mostWaiting) one.enqueue(bytes);
      else {
        this.#waiting.delete(one);
        one.close();
      }
    }
  }
}

/** Each names the newest version, so that a browser which has missed one asks for it all the same. */
function changed(versions: readonly Version[]): string {
  return versions.map((version) => `event: changed\ndata: ${version}\n\n`).join('');
}
