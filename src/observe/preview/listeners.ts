// Browsers that wait to hear of changes (server-sent events, of the HTML standard).
import { sharedController } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Timers } from '../../base/timers.ts';

/** More are no people. */
const mostListeners = 50;
/** Whatever stands between may cut what is silent for longer. */
const signOfLifeMs = 20_000;
/** Who takes nothing of so much is gone. */
const mostWaiting = 100;

const encoder = new TextEncoder();

type Waiting = ReadableStreamDefaultController<Uint8Array>;

export class Listeners {
  readonly #waiting = new Set<Waiting>();
  readonly #stopping = sharedController();
  /** Rejects with what nobody expected. */
  readonly ended: Promise<void>;

  constructor(clock: Clock) {
    const delays = new Timers(clock, this.#stopping.signal);
    this.ended = delays.every(signOfLifeMs, () => this.#send(':\n\n'));
  }

  /** What a new listener is sent, beginning with what is so now; null where there are too many. */
  open(version: number): ReadableStream<Uint8Array> | null {
    if (this.#waiting.size >= mostListeners) return null;
    let mine: Waiting | null = null;
    const leave = () => {
      if (mine !== null) this.#waiting.delete(mine);
    };
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        mine = controller;
        this.#waiting.add(controller);
        controller.enqueue(encoder.encode(`retry: 1000\n${changed(version)}`));
      },
      cancel: leave,
    });
  }

  tell(version: number): void {
    this.#send(changed(version));
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

/** Which version of the page is the newest: who missed one asks for it all the same. */
function changed(version: number): string {
  return `event: changed\ndata: ${version}\n\n`;
}
