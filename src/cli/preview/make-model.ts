// Files and what is known of before → the model of a preview. Remembers what each file said last, so that a
// broken one keeps its picture.
import type { JsonObject } from '../../base/json/json.ts';
import type { HeldFile, LoadedTree, Problem, WidgetDocument } from '../../model/document.ts';
import type { Policy } from '../../model/plan.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import { resetsOfReleased } from '../../plan/compare/released-fields.ts';
import {
  type Before,
  groupOf,
  type OrphanedWidget,
  type PreviewGroup,
  type PreviewModel,
  type PreviewStatus,
  type PreviewWidget,
  type WidgetBodies,
} from '../../render/page/preview-model.ts';
import { problemsByFile } from '../../render/page/problem-list.ts';
import { bodiesOf, bodyAfter } from '../../render/page/widget-bodies.ts';
import { nameIn } from '../../status/widget-name.ts';

/** What is known of the widgets before. */
export interface BeforeView {
  readonly told: Before;
  readonly widgets: ReadonlyMap<WidgetId, BeforeWidget>;
  /** Files that cannot be used there: of their widgets nothing is known. */
  readonly unusable: readonly Pick<HeldFile, 'file' | 'widgetId'>[];
}

/** The same widget as the same value, from one view to the next, saves comparing it again. */
export interface BeforeWidget {
  readonly body: JsonObject;
  /** The fields that a file declared; those that it no longer declares are set back. */
  readonly declared: readonly string[];
  /** Its file; null where that is not known. */
  readonly file: string | null;
  /** Neither a file declared it nor the account had it any more. */
  readonly isGone?: boolean;
}

export interface Asked {
  readonly directory: string;
  readonly released: Policy['released'];
  /** Only what differs. */
  readonly isChangedOnly: boolean;
}

/** A widget as it was compared, and with what. */
interface Compared {
  readonly hash: string;
  readonly sync: WidgetDocument['sync'];
  readonly before: BeforeWidget | null;
  readonly bodies: WidgetBodies;
}

export class ModelMaker {
  readonly #asked: Asked;
  #compared = new Map<WidgetId, Compared>();
  /** The widget that a file declared when it could last be used. */
  readonly #lastIn = new Map<string, WidgetId>();

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  make(tree: LoadedTree, view: BeforeView): PreviewModel {
    const problems = problemsByFile(tree.problems);
    const waiting = tree.held.flatMap((held) =>
      held.waiting === undefined ? [] : [{ document: held.waiting, held }],
    );
    const usable = [...tree.documents.map((document) => ({ document, held: null })), ...waiting];
    const widgets = usable.map(({ document, held }) =>
      this.#usable(document, { held, view, problems: problems.get(document.file) ?? [] }),
    );
    const known = new Set(widgets.map(({ widgetId }) => widgetId));
    for (const held of tree.held) {
      const widgetId = held.waiting === undefined ? this.#widgetOf(held, view) : null;
      if (widgetId === null || known.has(widgetId)) continue;
      known.add(widgetId);
      widgets.push(
        this.#heldNow(widgetId, held, { view, problems: problems.get(held.file) ?? [] }),
      );
    }
    this.#forgetAllBut(known);
    const shown = this.#asked.isChangedOnly ? widgets.filter(isToShow) : widgets;
    const declaring = new Set(widgets.map(({ file }) => file));
    return {
      directory: this.#asked.directory,
      revision: tree.revision,
      before: view.told,
      widgets: inOrder(shown),
      leftOut: widgets.length - shown.length,
      orphaned: orphanedIn(view, known),
      problems: tree.problems.filter(({ file }) => !declaring.has(file)),
      unsettled: null,
    };
  }

  #usable(document: WidgetDocument, { held, view, problems }: Around): PreviewWidget {
    const { widgetId, file } = document;
    this.#lastIn.set(file, widgetId);
    const before = view.widgets.get(widgetId) ?? null;
    const bodies = this.#compare(document, before);
    const uncompared = before === null ? whyUncompared(document, view) : null;
    const status = held === null ? statusOf(bodies, uncompared, view) : 'waiting';
    const why = held && { code: held.code, message: held.message };
    return { widgetId, file, status, bodies, held: why, problems, uncompared };
  }

  #compare(document: WidgetDocument, before: BeforeWidget | null): WidgetBodies {
    const { widgetId, hash, sync } = document;
    const earlier = this.#compared.get(widgetId);
    if (earlier?.hash === hash && earlier.sync === sync && earlier.before === before) {
      return earlier.bodies;
    }
    const after = afterOf(document, before, this.#asked.released);
    const bodies = bodiesOf(before?.body ?? null, after, asJson(document.spec));
    this.#compared.set(widgetId, { hash, sync, before, bodies });
    return bodies;
  }

  /** Also a file that no longer says whose it is has its widget, where that is known from before. */
  #widgetOf({ file, widgetId }: HeldFile, { widgets }: BeforeView): WidgetId | null {
    const last = widgetId ?? this.#lastIn.get(file);
    if (last !== undefined) return last;
    for (const [known, before] of widgets) if (before.file === file) return known;
    return null;
  }

  #heldNow(
    widgetId: WidgetId,
    held: HeldFile,
    { view, problems }: Omit<Around, 'held'>,
  ): PreviewWidget {
    const before = view.widgets.get(widgetId) ?? null;
    const last = this.#compared.get(widgetId);
    const { after = null, declared = null } = last?.bodies ?? {};
    const bodies =
      last?.before === before ? last.bodies : bodiesOf(before?.body ?? null, after, declared);
    const uncompared = before === null ? whyUncompared({ ...held, widgetId }, view) : null;
    const shown = { widgetId, file: held.file, bodies, uncompared };
    // It is being written at the moment, and says soon what it says then.
    if (held.code === 'changing-file' && after !== null) {
      return { ...shown, status: statusOf(bodies, uncompared, view), held: null, problems: [] };
    }
    const { code, message } = held;
    return { ...shown, status: 'broken', held: { code, message }, problems };
  }

  #forgetAllBut(known: ReadonlySet<WidgetId>): void {
    for (const widgetId of this.#compared.keys()) {
      if (!known.has(widgetId)) this.#compared.delete(widgetId);
    }
    for (const [file, widgetId] of this.#lastIn) {
      if (!known.has(widgetId)) this.#lastIn.delete(file);
    }
  }
}

interface Around {
  readonly held: HeldFile | null;
  readonly view: BeforeView;
  readonly problems: readonly Problem[];
}

function afterOf(
  { spec, sync }: WidgetDocument,
  before: BeforeWidget | null,
  released: Policy['released'],
): JsonObject {
  const resets = released === 'reset' ? resetsOfReleased(before?.declared ?? [], spec) : {};
  return bodyAfter({ spec, resets, sync }, before?.body ?? null);
}

function statusOf(
  { before, changes }: WidgetBodies,
  uncompared: string | null,
  { told }: BeforeView,
): PreviewStatus {
  if (before !== null) return changes.length > 0 ? 'changed' : 'same';
  return told.kind === 'nothing' || uncompared !== null ? 'alone' : 'new';
}

/** A file that cannot be used is of the widget that it names, else of the one that a file of its path has. */
function whyUncompared(
  { file, widgetId }: Pick<WidgetDocument, 'file' | 'widgetId'>,
  { told, unusable }: BeforeView,
): string | null {
  if (told.kind !== 'directory') return null;
  const found = unusable.find((one) =>
    one.widgetId === null ? one.file === file : one.widgetId === widgetId,
  );
  return found === undefined
    ? null
    : `cannot be compared: ${found.file} cannot be used in ${told.directory}`;
}

function orphanedIn({ widgets }: BeforeView, known: ReadonlySet<WidgetId>): OrphanedWidget[] {
  const orphaned = [...widgets]
    .filter(([widgetId, { isGone }]) => !known.has(widgetId) && isGone !== true)
    .map(([widgetId, { body, file }]) => ({ widgetId, file, name: nameIn(body) }));
  const place = ({ widgetId, file }: OrphanedWidget) => file ?? widgetId;
  return orphaned.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function isToShow(widget: PreviewWidget): boolean {
  return widget.uncompared !== null || (widget.status !== 'same' && widget.status !== 'alone');
}

const ranks: { readonly [group in PreviewGroup]: number } = {
  differ: 0,
  mend: 1,
  alone: 2,
  waiting: 3,
  same: 4,
};

function inOrder(widgets: readonly PreviewWidget[]): PreviewWidget[] {
  const rank = (widget: PreviewWidget) => ranks[groupOf(widget)];
  return [...widgets].sort((a, b) => rank(a) - rank(b) || (a.file < b.file ? -1 : 1));
}
