// The daemon's ports: it reads no more than it does not know yet, hands a plan to the queue of changes
// without waiting for its end, and asks for the next look that a tree makes necessary.

import type { Clock } from '../../base/clock.ts';
import { StateError, UsageError } from '../../base/errors.ts';
import type { LoadedTree, Unsettled, WidgetDocument } from '../../model/document.ts';
import type { LiveView, Plan, Policy } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { Emit, Refusal } from '../events.ts';
import { LiveCache } from '../live/live-cache.ts';
import type { ChangeQueue } from '../queue/change-queue.ts';
import { recordFindings, type Unsaved } from '../queue/record-findings.ts';
import type { ChangeGate } from './change-gate.ts';
import type { FileTriggers } from './file-triggers.ts';
import { look, orphansOf } from './look.ts';
import type { LoopDeps } from './loop-types.ts';
import type { DeclaringFiles } from './notes/forget-orders.ts';
import {
  handOver,
  type Judged,
  type NoSight,
  type PassPorts,
  planFrom,
  type Scope,
  type Sight,
} from './run-pass.ts';
import { SettledPlan } from './settled-plan.ts';
import type { WorkQueue } from './work-queue.ts';

export interface DaemonPassDeps
  extends Pick<
    LoopDeps,
    'directory' | 'state' | 'live' | 'inherited' | 'inOrder' | 'policy' | 'emit' | 'clock' | 'onBug'
  > {
  readonly changes: ChangeQueue;
  readonly changeGate: ChangeGate;
  readonly files: Pick<FileTriggers, 'looked'>;
  readonly work: Pick<WorkQueue, 'addAfter' | 'done'>;
  /** The files can be believed. */
  readonly onSettled: () => void;
  readonly stopping: AbortSignal;
}

/** A file that was being written is at rest by then. */
const writingMs = 500;

export class DaemonPass implements PassPorts {
  readonly emit: Emit;
  readonly clock: Clock;
  readonly #deps: DaemonPassDeps;
  readonly #cache = new LiveCache();
  readonly #settled = new SettledPlan();
  /** Widgets that files declare, and orphans. */
  #concerned: readonly Pick<WidgetDocument, 'widgetId' | 'hash'>[] = [];
  #files: DeclaringFiles | null = null;
  #hasSeenAll = false;
  /** The last plan of which nothing is left to record. */
  #recorded: Plan | null = null;
  /** The commit of the last pass; undefined before the first. */
  #revision: string | null | undefined = undefined;

  constructor(deps: DaemonPassDeps) {
    this.#deps = deps;
    this.emit = deps.emit;
    this.clock = deps.clock;
  }

  async look(scope: Scope): Promise<Sight | NoSight> {
    const { state, changeGate, onSettled, stopping } = this.#deps;
    const startedMs = this.clock.monotonicMs();
    const onFiles = (tree: LoadedTree) => this.#onFiles(tree, this.clock.monotonicMs() - startedMs);
    const onLive = this.onLive.bind(this);
    const found = await look(scope, stopping, { ...this.#deps, onFiles, onLive });
    if ('unsettled' in found) return found;
    const seen = { ...found, live: this.#inTime(found.live, found.tree.documents) };
    this.#concerned = [...seen.tree.documents, ...orphansOf(seen.tree, state)];
    this.#hasSeenAll = this.#concerned.every(({ widgetId }) => seen.live.widgets.has(widgetId));
    this.#files = seen.tree;
    if (this.#hasSeenAll) this.emit({ kind: 'all-seen', ...seen });
    onSettled();
    await changeGate.prepare();
    return seen;
  }

  plan(seen: Sight, send: Policy['send']): Plan {
    const { state, policy } = this.#deps;
    // How long a commit took to be live can be told of the one that has just arrived: what an older
    // one brought is sent now for another reason.
    const isNewCommit = this.#revision !== undefined && this.#revision !== seen.tree.revision;
    const tree = isNewCommit ? seen.tree : { ...seen.tree, committedAt: null };
    const known = send === 'changed' ? this.#settled.of(seen, state.records) : null;
    if (known !== null) return known;
    const nowMs = this.clock.now().getTime();
    const plan = planFrom({ ...seen, tree }, { ...policy, send, nowMs }, state);
    if (send === 'changed') this.#settled.keep(plan, seen, state.records);
    return plan;
  }

  check(plan: Plan, scope: Scope): Refusal | 'look at all' | null {
    const { changeGate, live } = this.#deps;
    const refusal = changeGate.check(plan);
    const isUnseen = refusal !== null && scope === 'pending' && live.readable;
    return isUnseen && changeGate.asksAnew(refusal) ? 'look at all' : refusal;
  }

  async send(plan: Plan): Promise<void> {
    handOver(plan, this.#deps.changes);
    this.#deps.work.done('pass');
  }

  async record({ tree, plan, refusal }: Judged): Promise<readonly Unsaved[]> {
    const { state, changes, changeGate } = this.#deps;
    const now = this.clock.now();
    this.#revision = tree.revision;
    this.#lookAgain(tree);
    await changeGate.keep(plan, refusal);
    // The same one again rests on the same records: see `SettledPlan`.
    if (plan === this.#recorded) return [];
    const isBusy = (widgetId: WidgetId) => changes.has(widgetId);
    const unsaved = await recordFindings(plan, { state, isBusy }, now);
    this.#recorded = unsaved.length === 0 ? plan : null;
    return unsaved;
  }

  /** The widgets that a sweep reads. */
  get concernedIds(): ReadonlySet<WidgetId> {
    return new Set(this.#concerned.map(({ widgetId }) => widgetId));
  }

  /** The files as they could be believed last; null: never yet. */
  get files(): DeclaringFiles | null {
    return this.#files;
  }

  /** Whether the last look knew what is live of each of them. */
  get hasSeenAll(): boolean {
    return this.#hasSeenAll;
  }

  /** Caches what was read of widgets, beside what their files declared then. */
  onLive(view: LiveView, concerned = this.#concerned): void {
    this.#cache.put(this.#inTime(view, concerned), concerned, this.clock.now().getTime());
  }

  /** Without what was read while a request of an earlier process could still land on top of it. */
  #inTime(
    view: LiveView,
    declared: readonly Pick<WidgetDocument, 'widgetId' | 'hash'>[],
  ): LiveView {
    const { inherited } = this.#deps;
    if (inherited.isEmpty) return view;
    const early = declared.filter((content) => {
      const live = view.widgets.get(content.widgetId);
      const isRead = live !== undefined && live !== 'absent';
      return isRead && inherited.isTooEarly(content, live.readAtMs);
    });
    if (early.length === 0) return view;
    const widgets = new Map(view.widgets);
    for (const { widgetId } of early) widgets.delete(widgetId);
    return { ...view, widgets };
  }

  /** Another account, or other rights: nothing that was read holds. */
  forgetLive(): void {
    this.#cache.clear();
  }

  /** Beside a pass: tells what the files say by now, and drops what they no longer say. */
  lookAside(): void {
    const { directory, inOrder, onBug } = this.#deps;
    const startedMs = this.clock.monotonicMs();
    const seen = directory.look();
    if (!('tree' in seen)) return;
    const { tree } = seen;
    const lookedMs = this.clock.monotonicMs() - startedMs;
    if (inOrder === undefined || tree.revision === this.#revision) {
      this.#onFiles(tree, lookedMs);
      return;
    }
    const tell = (behind: Unsettled | null) => {
      if (behind === null) this.#onFiles(tree, lookedMs);
    };
    // A store that cannot tell now is asked again by the pass, which says so.
    inOrder(tree).then(tell, (error) => {
      if (!(error instanceof StateError || error instanceof UsageError)) onBug(error);
    });
  }

  #onFiles(tree: LoadedTree, lookedMs: number): LiveView {
    const { state, files, changes } = this.#deps;
    files.looked(lookedMs, tree);
    this.emit({ kind: 'files-loaded', tree });
    // Before anything is read, which may take long: what the files no longer say is not sent.
    changes.retain(tree.documents);
    const concerned = [...tree.documents, ...orphansOf(tree, state)];
    return this.#cache.get(concerned, state, this.clock.now().getTime());
  }

  /** Though nothing tells of it: a suspension ends, or a file was being written. */
  #lookAgain({ held, nextUntil }: LoadedTree): void {
    const { work } = this.#deps;
    if (held.some(({ code }) => code === 'changing-file')) {
      work.addAfter('pass', writingMs, 'unsettled');
    }
    if (nextUntil === null) return;
    work.addAfter('pass', nextUntil.getTime() - this.clock.now().getTime(), 'until');
  }
}
