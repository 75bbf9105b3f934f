// What is known of each widget at the moment, beyond its status: how it is now and will be, from the newest
// plan and the records. Keeps the newest plan alone, and draws nothing.
import { canonicalJson, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { HeldFile, Problem, WidgetDocument } from '../../model/document.ts';
import type { Change, Policy, ReportedDrift } from '../../model/plan.ts';
import { asJson, sha256, type WidgetId } from '../../model/widget.ts';
import { resetsOfReleased } from '../../plan/compare/released-fields.ts';
import type { WidgetBodies } from '../../render/page/preview-model.ts';
import { problemsByFile } from '../../render/page/problem-list.ts';
import { bodiesOf, bodyAfter } from '../../render/page/widget-bodies.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import { withDrift } from './with-drift.ts';

type Write = Pick<Change, 'spec' | 'resets' | 'possiblyLeft' | 'sync' | 'hash'>;

/** What a widget's pictures are drawn from. */
export interface WidgetSource {
  /** As it is now; null where that is not known. The same value as long as nothing moves. */
  readonly now: JsonObject | null;
  /** What is to be written, or would be; null where nothing is. */
  readonly write: Write | null;
  /** What the file said last; null where no usable one is known. */
  readonly declared: JsonObject | null;
}

export interface ServedDeps {
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  readonly released: Policy['released'];
}

export class ServedWidgets {
  readonly #deps: ServedDeps;
  #changes = new Map<WidgetId, Change>();
  #documents = new Map<WidgetId, WidgetDocument>();
  #waiting = new Map<WidgetId, Write>();
  #drifted = new Map<WidgetId, ReportedDrift>();
  #problems = new Map<string, Problem[]>();

  constructor(deps: ServedDeps) {
    this.#deps = deps;
  }

  readonly hear: Listener = listenerOf({
    'plan-made': ({ tree, plan }) => {
      this.#changes = byId(plan.changes);
      this.#drifted = byId(plan.drifted);
      this.#documents = byId(tree.documents);
      this.#waiting = new Map(tree.held.flatMap((held) => this.#waitingIn(held)));
      this.#problems = problemsByFile(tree.problems);
    },
    'change-ended': ({ outcome }) => {
      if (outcome.status !== 'applied') return;
      const { widgetId, hash } = outcome.change;
      if (this.#changes.get(widgetId)?.hash === hash) this.#changes.delete(widgetId);
    },
  });

  changeOf(widgetId: string): Change | null {
    return this.#changes.get(widgetId as WidgetId) ?? null;
  }

  problemsOf(file: string): readonly Problem[] {
    return this.#problems.get(file) ?? [];
  }

  /** Null for a widget of which nothing is known but that its file cannot be used. */
  sourceOf(widgetId: string): WidgetSource | null {
    const id = widgetId as WidgetId;
    const record = this.#deps.records.get(id);
    const spec = record === undefined || record.isGone ? null : asJson(record.spec);
    const document = this.#documents.get(id);
    const declared = document === undefined ? spec : asJson(document.spec);
    const change = this.#changes.get(id);
    if (change !== undefined) {
      return { now: change.base?.body ?? spec, write: change, declared: asJson(change.spec) };
    }
    const drift = this.#drifted.get(id);
    if (drift !== undefined && spec !== null && document !== undefined) {
      return { now: withDrift(spec, drift), write: asIs(document), declared };
    }
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      return { now: spec, write: waiting, declared: asJson(waiting.spec) };
    }
    return spec === null && declared === null
      ? null
      : { now: spec ?? declared, write: null, declared };
  }

  #waitingIn({ waiting }: HeldFile): [WidgetId, Write][] {
    if (waiting === undefined) return [];
    const { widgetId, spec } = waiting;
    const before = this.#deps.records.get(widgetId)?.spec ?? {};
    const isReset = this.#deps.released === 'reset';
    const resets = isReset ? resetsOfReleased(Object.keys(before), spec) : {};
    return [[widgetId, { ...asIs(waiting), resets }]];
  }
}

function asIs({ spec, sync, hash }: WidgetDocument): Write {
  return { spec, sync, hash, resets: {} };
}

/** Composed anew each time: only few are looked at. */
export function bodiesIn({ now, write, declared }: WidgetSource): WidgetBodies {
  const after = write === null ? now : bodyAfter(write, now);
  return bodiesOf(now, after, declared);
}

/** The SHA-256 (hex) of what a picture is drawn from; null where there is none. */
export interface PictureDigests {
  /** Without marks, for a list. */
  readonly small: string;
  readonly now: string | null;
  readonly after: string;
}

/** What else decides how a picture looks: raised when something is drawn otherwise, as browsers keep them. */
export const pictureEdition = 'picture 1';

export function digestsOf({ now, write }: WidgetSource): PictureDigests {
  if (write === null) {
    const only = digestOf(now ?? {});
    return { small: only, now: only, after: only };
  }
  const { hash, resets, possiblyLeft, sync } = write;
  const before = now === null ? '' : digestOf(now);
  const rest = JSON.stringify([resets, sync.ignore, possiblyLeft ?? null]);
  const pair = `${pictureEdition} ${before} ${hash} ${rest}`;
  const after = sha256(`${pair} after`);
  return { small: before || after, now: before && sha256(`${pair} now`), after };
}

const digests = new WeakMap<JsonObject, string>();

function digestOf(body: JsonObject): string {
  const known = digests.get(body) ?? sha256(`${pictureEdition} ${canonicalJson(body)}`);
  digests.set(body, known);
  return known;
}

function byId<Item extends { readonly widgetId: WidgetId }>(items: readonly Item[]) {
  return new Map(items.map((item) => [item.widgetId, item]));
}
