// What the account went through: every request with what it stored or showed, and every edit by a
// person. The checks read nothing else of the past.
import { systemClock } from '../../src/base/clock.ts';
import type { JsonObject } from '../../src/base/json/json.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';

export interface Entry {
  readonly request: SandboxRequest;
  /** Which run of the daemon sent it, from 1. */
  readonly daemon: number;
  /** A write that was stored: the widget before and after it; null for all else. */
  stored: Stored | null;
  /** A read that was carried out: the widgets that it could show; null for all else. */
  shown: ReadonlyMap<string, JsonObject> | null;
}

export interface Stored {
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Its place among all that was stored, from 1. */
  readonly turn: number;
  /** Nobody waited for an answer any more. */
  readonly isLate: boolean;
}

/** A person changed fields in the dashboard. */
export interface Edit {
  readonly widgetId: WidgetId;
  readonly fields: JsonObject;
  readonly atMs: number;
}

export class Journal {
  readonly entries: Entry[] = [];
  readonly edits: Edit[] = [];
  /** The widgets that had a record when a run of the daemon ended, by its number. */
  readonly recorded = new Map<number, ReadonlySet<string>>();
  readonly #former = new Map<string, JsonObject>();
  readonly #daemon: () => number;
  /** Writes that were carried out and not looked at yet. */
  #unseen: (() => void)[] = [];
  #turn = 0;

  /** `daemon` says which run of the daemon is the last one that was started. */
  constructor(daemon: () => number) {
    this.#daemon = daemon;
  }

  arrive(request: SandboxRequest): Entry {
    const entry: Entry = { request, daemon: this.#daemon(), stored: null, shown: null };
    this.entries.push(entry);
    return entry;
  }

  /** To be called right before the sandbox carries the request out, if it does. */
  handled(entry: Entry, sandbox: Sandbox, moment: 'now' | 'former'): void {
    const { method, widgetId, endedAtMs } = entry.request;
    if (method === 'GET') {
      const present = sandbox.widgets().map((widget) => [String(widget['id']), widget] as const);
      const former = moment === 'former' ? [...this.#former] : [];
      const isAsked = ([id]: readonly [string, JsonObject]) => widgetId === null || id === widgetId;
      entry.shown = new Map([...present, ...former].filter(isAsked));
      return;
    }
    const before = widgetId === null ? null : sandbox.widget(widgetId);
    const isLate = endedAtMs !== null;
    this.#unseen.push(() => {
      const after = before === null ? null : sandbox.widget(String(before['id']));
      if (before === null || after === null || after === before) return;
      this.#turn += 1;
      this.#former.set(String(before['id']), before);
      entry.stored = { before, after, turn: this.#turn, isLate };
    });
    // Whatever the sandbox does with it, it does before this comes.
    setImmediate(() => this.#look());
  }

  /** Between two requests, never in the middle of one. */
  async edit(sandbox: Sandbox, edit: Omit<Edit, 'atMs'>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#look();
    const before = sandbox.widget(edit.widgetId);
    sandbox.edit(edit.widgetId, edit.fields);
    if (before !== null) this.#former.set(edit.widgetId, before);
    this.edits.push({ ...edit, atMs: systemClock.monotonicMs() });
  }

  #look(): void {
    for (const look of this.#unseen.splice(0)) look();
  }
}
