// Files that were read and of which no plan could be made, since something stands in the way: without them a
// refused key would hide that anything waits.
import type { HeldFile, LoadedTree, WidgetDocument } from '../../model/document.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import type { QueuedStatus } from '../../status/status-record.ts';
import { nameIn } from '../../status/widget-name.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';

/** Hash of the recorded content, by widget. */
type Records = ReadonlyMap<WidgetId, { readonly hash: string }>;

export class UnplannedFiles {
  #tree: LoadedTree | null = null;
  /** What the last plan was made from, by file; null: none was made. */
  #planned: ReadonlyMap<string, string> | null = null;

  readonly hear: Listener = listenerOf({
    'files-loaded': ({ tree }) => {
      this.#tree = tree;
    },
    'plan-made': ({ tree }) => {
      this.#tree = null;
      this.#planned = new Map(tree.documents.map(({ file, hash }) => [file, hash]));
    },
  });

  /** Those that differ from what is recorded, each as a change that has no place yet. */
  changes(records: Records, now: Date): QueuedStatus[] {
    const revision = this.#tree?.revision ?? null;
    return this.#documents()
      .filter(({ widgetId, hash }) => records.get(widgetId)?.hash !== hash)
      .map(({ widgetId, file, spec }) => ({
        ...{ widgetId, file, name: nameIn(asJson(spec)), widgetType: spec.widget_type ?? null },
        reason: records.has(widgetId) ? 'edited' : 'new',
        ...{ fields: [], revision, phase: 'unplanned', place: null, attempts: 0 },
        ...{ answered: null, httpStatus: null, nextTry: null, since: now },
      }));
  }

  /** Those that cannot be used, each with the line of its first error; none: as the last plan has it. */
  get held(): readonly { readonly held: HeldFile; readonly line: number | null }[] {
    const { held = [], problems = [] } = this.#tree ?? {};
    return held.map((one) => {
      const first = problems.find(
        ({ file, severity }) => file === one.file && severity === 'error',
      );
      return { held: one, line: first?.range.start.line ?? null };
    });
  }

  #documents(): readonly WidgetDocument[] {
    const planned = this.#planned;
    if (this.#tree === null) return [];
    return this.#tree.documents.filter(({ file, hash }) => planned?.get(file) !== hash);
  }
}
