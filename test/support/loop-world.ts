// A daemon's loop with real files, a real state directory and a real key file; time, the watcher, the
// schedule and the API's answers are the test's.
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { openApiKey } from '../../src/api/api-key.ts';
import type { Confirmation } from '../../src/api/widget-api.ts';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { openState, type StateStore } from '../../src/state/store.ts';
import { Loop, type LoopDeps, type Trigger } from '../../src/sync/loop.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { RateGate } from '../../src/sync/rate-gate.ts';
import { sendChange } from '../../src/sync/send-change.ts';
import type { WidgetId, WidgetSpec } from '../../src/widget.ts';
import { stateOptions } from '../state/fixtures/state-options.ts';
import { temporaryDirectory, writeFile } from './command.ts';
import { FakeClock } from './fake-clock.ts';
import { widgetId } from './sandbox.ts';

/** A widget file's text. */
export function yaml(n: number, name: string): string {
  return `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;
}

export class LoopWorld {
  readonly root = temporaryDirectory();
  readonly widgets = join(this.root, 'widgets');
  readonly clock = new FakeClock();
  readonly state: StateStore;
  readonly loop: Loop;
  /** The display names that the API got, oldest first. */
  readonly puts: string[] = [];
  /** What the loop told, in a word or two each. */
  readonly told: string[] = [];
  readonly outcomes: Outcome[] = [];
  readonly bugs: unknown[] = [];
  readonly stopped: string[] = [];
  hint: () => void = () => {};
  due: () => void = () => {};
  answer: (spec: WidgetSpec, key: string) => Promise<Confirmation> | Confirmation = () => ({
    httpStatus: 200,
    widget: null,
  });

  static async make(
    files: Record<string, string>,
    change: (deps: LoopDeps) => Partial<LoopDeps> = () => ({}),
  ): Promise<LoopWorld> {
    const stateDirectory = temporaryDirectory();
    const state = await openState(stateOptions(stateDirectory));
    const world = new LoopWorld(state, files, change);
    onTestFinished(async () => {
      await world.loop.stop({ deadlineMs: 0 });
      await state.close();
    });
    return world;
  }

  private constructor(
    state: StateStore,
    files: Record<string, string>,
    change: (deps: LoopDeps) => Partial<LoopDeps>,
  ) {
    this.state = state;
    this.write('../key', 'in-first');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    const key = openApiKey({ kind: 'file', path: join(this.root, 'key') });
    const gate = new RateGate({ limit: 1000, windowMs: 1000 }, this.clock);
    const putWidget = async (_id: WidgetId, spec: WidgetSpec) => {
      this.puts.push(spec.display_name ?? '');
      return this.answer(spec, key.text());
    };
    const api = { putWidget, close: async () => {} };
    const deps: LoopDeps = {
      directory: openWidgetDirectory(this.widgets),
      state,
      key,
      send: (request) => sendChange(request, { api, gate, state, clock: this.clock }),
      queuePolicy: {
        concurrency: 1,
        backoff: { baseMs: 1000, capMs: 60_000 },
        maxAttempts: Number.POSITIVE_INFINITY,
        onRefusedKey: 'wait',
      },
      observer: {
        passed: (_look, { trigger }) => void this.told.push(`passed ${trigger}`),
        passFailed: (error, { trigger, retryInMs }) =>
          void this.told.push(`${error.name} ${trigger} ${retryInMs}`),
        keyProblem: () => void this.told.push('key problem'),
        outcome: (outcome) => void this.outcomes.push(outcome),
        retrying: () => void this.told.push('retrying'),
        halted: () => void this.told.push('halted'),
        resumed: () => void this.told.push('resumed'),
      },
      clock: this.clock,
      random: () => 0.5,
      onBug: (error) => this.bugs.push(error),
      watch: async (onHint) => {
        this.hint = onHint;
        return { stop: async () => void this.stopped.push('watch') };
      },
      schedule: (onDue) => {
        this.due = onDue;
        return { stop: async () => void this.stopped.push('schedule') };
      },
    };
    this.loop = new Loop({ ...deps, ...change(deps) });
  }

  write(path: string, text: string): void {
    writeFile(this.widgets, path, text);
  }

  passes(): Trigger[] {
    const prefix = 'passed ';
    return this.told.flatMap((line) =>
      line.startsWith(prefix) ? [line.slice(prefix.length) as Trigger] : [],
    );
  }

  /** Waits for the disk, while time stands still. */
  async until(condition: () => boolean): Promise<void> {
    const startedMs = performance.now();
    while (!condition()) {
      if (performance.now() - startedMs > 20_000) {
        throw new Error(
          `it did not come to that: ${this.told.join(', ')}; ${this.puts.join(', ')}`,
        );
      }
      await turnOfTheLoop();
    }
  }

  /** Starts, and waits until this many widgets have their outcome. */
  async startAndApply(count: number): Promise<void> {
    await this.loop.start();
    await this.until(() => this.outcomes.length === count);
  }
}
