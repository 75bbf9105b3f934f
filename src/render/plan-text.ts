// The plan for people: in colour on a terminal, equally readable without in a log. Everything that
// comes from a file is made harmless to the terminal first.
import picocolors from 'picocolors';
import { pathIn, printable } from '../base/text.ts';
import type { Rate } from '../config/rate.ts';
import type { Origin } from '../model/document.ts';
import type { FieldChange, Plan, Reason } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import { type Shared, shareFields } from '../plan/trace/shared-fields.ts';
import { columnWidth, padding } from './diff/columns.ts';
import { type Paints, paintsWithSwatches } from './diff/value-swatch.ts';
import { renderFields, renderKept } from './field-text.ts';
import {
  fragmentLines,
  groupNote,
  groupTitle,
  originText,
  releaseLines,
} from './fragments/fragment-words.ts';
import { filesHeld, heldTogether, manyHeld, namedFrom } from './fragments/held-together.ts';
import {
  adoptedWords,
  changeWords,
  driftWords,
  goneWords,
  heldWords,
  ignoredWords,
  keptWords,
  leftWords,
  nothingDeleted,
  orphanedWords,
  sumWords,
  unusualWords,
  vanishedWords,
} from './plan-words.ts';
import { renderCost } from './request-cost.ts';
import { visibleWords } from './visible-parts.ts';

export interface RenderOptions {
  readonly colour: boolean;
  /** Whether colours are shown beside their spelling, too: the terminal takes 24 bits of colour. */
  readonly swatches?: boolean;
  /** Only where true: no text is cut, however long it is. */
  readonly isFull?: boolean;
  /** The widget directory as the user named it, put before every file. */
  readonly directory: string;
  /** Another directory that a widget without a file was applied from; null or absent: this one. */
  readonly otherRoot?: (widgetId: WidgetId) => string | null;
  /** The rate that the cost is reckoned at. */
  readonly rate: Rate;
}

/**
 * Lines without a newline at the end. A change without field changes has no body. What more than two changes of
 * a traced plan have from one line of a fragment is shown once, above them.
 */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  const few = picocolors.createColors(options.colour);
  const painted = options.swatches ? paintsWithSwatches(few) : few;
  const colours: Paints = options.isFull ? { ...painted, isFull: true } : painted;
  const row = rowRenderer(plan, options, colours);
  const shared = shareFields(plan.changes);
  const body = bodyRenderer(options, colours);
  const sections = [
    renderReach(plan, options, colours),
    ...shared.groups.map((group, at) => [
      colours.bold(groupTitle(group, at)),
      ...body(group.fields),
    ]),
    renderChanges(plan, { row, body, partsOf: shared.partsOf }, colours),
    plan.adopted.map((at) => row(colours.green('='), at, adoptedWords)),
    renderDrifted(plan, { row, body }, colours),
    renderKeptWidgets(plan, row, colours),
    plan.ignored.map((at) => row(colours.dim('·'), at, colours.dim(ignoredWords(at)))),
    plan.vanished.map((at) => row(colours.yellow('!'), at, printable(vanishedWords(at)))),
    (plan.left ?? []).map((at) => row(colours.dim('·'), at, printable(leftWords(at)))),
    renderHeld(plan, { row, body, directory: options.directory }, colours),
    renderOrphaned(plan, row, colours),
    plan.gone.map((at) => row(colours.dim('?'), at, goneWords)),
    [
      ...unusualLines(plan, colours),
      summaryLine(plan, colours),
      ...visibleLines(plan),
      colours.dim(renderCost(plan, options.rate)),
    ],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

/** How far the fragments reach that change something, and what they say no more. */
function renderReach(plan: Plan, { directory }: RenderOptions, colours: Paints): string[] {
  return [
    ...fragmentLines(plan, directory).map(
      ({ path, words }) => `${colours.bold(printable(path))} ${words}`,
    ),
    ...releaseLines(plan, directory).map((line) => `${colours.magenta('×')} ${printable(line)}`),
  ];
}

/** The parts that rows are made of. */
interface Parts {
  readonly row: RenderRow;
  readonly body: RenderBody;
}

function renderChanges(
  { changes }: Plan,
  { row, body, partsOf }: Parts & Pick<Shared, 'partsOf'>,
  colours: Paints,
): string[] {
  return changes.flatMap((change, index) => {
    const { mark, paint } = reasons[change.reason];
    const { own, groups } = partsOf(change);
    const head = row(paint(colours)(mark), change, changeWords(change) + groupNote(groups));
    const lines = [head, ...body(own)];
    return lines.length > 1 && index + 1 < changes.length ? [...lines, ''] : lines;
  });
}

function renderDrifted({ drifted }: Plan, { row, body }: Parts, colours: Paints): string[] {
  return drifted.flatMap((drift) => [
    row(colours.magenta('≠'), drift, driftWords(drift)),
    ...body(drift.fields),
  ]);
}

function renderHeld(
  { held, fragments }: Plan,
  { row, body, directory }: Parts & Pick<RenderOptions, 'directory'>,
  colours: Paints,
): string[] {
  const mark = colours.yellow('!');
  return heldTogether(held, heldWords).flatMap((group) => {
    const [first] = group;
    const words = printable(heldWords(namedFrom(directory, first, fragments)));
    if (group.length === 1) return [row(mark, first, words), ...body(first.waits ?? [])];
    const files = filesHeld(group, (file) => pathIn(directory, file));
    return [`${mark} ${colours.bold(manyHeld(group))} ${words}`, `    ${printable(files)}`];
  });
}

function renderKeptWidgets({ kept }: Plan, row: RenderRow, colours: Paints): string[] {
  return kept.flatMap((one) => [
    row(colours.yellow('≈'), one, keptWords(one)),
    ...renderKept(one.fields, colours).map((line) => `    ${line}`),
  ]);
}

function renderOrphaned({ orphaned }: Plan, row: RenderRow, colours: Paints): string[] {
  if (orphaned.length === 0) return [];
  return [
    ...orphaned.map((at) => row(colours.magenta('?'), at, orphanedWords)),
    colours.dim(`  ${nothingDeleted}`),
  ];
}

type RenderBody = (fields: readonly FieldChange[]) => string[];

function bodyRenderer({ directory }: RenderOptions, colours: Paints): RenderBody {
  const placeOf = (origin: Origin) => originText(origin, directory);
  return (fields) => renderFields(fields, colours, placeOf).map((line) => `    ${line}`);
}

interface ReasonStyle {
  readonly mark: string;
  readonly paint: (colours: Paints) => (text: string) => string;
}

const reasons: Readonly<Record<Reason, ReasonStyle>> = {
  // Nothing is created: the widget is there, and only its record is not.
  new: { mark: '~', paint: (colours) => colours.yellow },
  edited: { mark: '~', paint: (colours) => colours.yellow },
  drifted: { mark: '≠', paint: (colours) => colours.yellow },
  forced: { mark: '↻', paint: (colours) => colours.cyan },
};

interface Row {
  readonly file: string;
  readonly widgetId: WidgetId | null;
}

type RenderRow = (mark: string, at: Row, words: string) => string;

/** Files and ids in columns, so that a plan of a thousand lines can be skimmed. */
function rowRenderer(plan: Plan, options: RenderOptions, colours: Paints): RenderRow {
  const { changes, adopted, drifted, kept, ignored, vanished, held, orphaned, gone } = plan;
  const { left = [] } = plan;
  const elsewhere = new Map(
    [...orphaned, ...gone].map((at) => [at.widgetId, options.otherRoot?.(at.widgetId) ?? null]),
  );
  const pathOf = ({ file, widgetId }: Row) => {
    const root = widgetId === null ? null : elsewhere.get(widgetId);
    return printable(pathIn(root ?? options.directory, file));
  };
  const rows: Row[] = [
    ...changes,
    ...adopted,
    ...drifted,
    ...kept,
    ...ignored,
    ...vanished,
    ...left,
    ...held,
    ...orphaned,
    ...gone,
  ];
  const width = columnWidth(rows.map(pathOf), 48);
  return (mark, at, words) => {
    const path = pathOf(at);
    const id = at.widgetId === null ? 'unknown ' : at.widgetId.slice(0, 8);
    return `${mark} ${colours.bold(path)}${padding(path, width)}  ${colours.dim(id)}  ${words}`;
  };
}

function unusualLines(plan: Plan, colours: Paints): string[] {
  const words = unusualWords(plan);
  return words === null ? [] : [`${colours.yellow('Unusual:')} ${words}`];
}

function visibleLines(plan: Plan): string[] {
  const words = visibleWords(plan);
  return words === null ? [] : [words];
}

function summaryLine(plan: Plan, colours: Paints): string {
  const { head, words } = sumWords(plan);
  return `${colours.bold(head)} ${words}`;
}
