// The plan for people: in colour on a terminal, equally readable without in a log. Everything that
// comes from a file is made harmless to the terminal first.
import picocolors from 'picocolors';
import { pathIn, printable } from '../base/text.ts';
import type { Rate } from '../config/rate.ts';
import type { Change, Plan, Reason } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import { columnWidth, padding } from './diff/columns.ts';
import { type Paints, paintsWithSwatches } from './diff/value-swatch.ts';
import { renderFields, renderKept } from './field-text.ts';
import {
  adoptedWords,
  changeWords,
  driftWords,
  goneWords,
  heldWords,
  ignoredWords,
  keptWords,
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
  /** The widget directory as the user named it, put before every file. */
  readonly directory: string;
  /** Another directory that a widget without a file was applied from; null or absent: this one. */
  readonly otherRoot?: (widgetId: WidgetId) => string | null;
  /** The rate that the cost is reckoned at. */
  readonly rate: Rate;
}

/** Lines without a newline at the end. A change without field changes has no body. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  const few = picocolors.createColors(options.colour);
  const colours = options.swatches ? paintsWithSwatches(few) : few;
  const row = rowRenderer(plan, options, colours);
  const sections = [
    renderChanges(plan, row, colours),
    plan.adopted.map((at) => row(colours.green('='), at, adoptedWords)),
    renderDrifted(plan, row, colours),
    renderKeptWidgets(plan, row, colours),
    plan.ignored.map((at) => row(colours.dim('·'), at, colours.dim(ignoredWords(at)))),
    plan.vanished.map((at) => row(colours.yellow('!'), at, printable(vanishedWords(at)))),
    renderHeld(plan, row, colours),
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

function renderChanges({ changes }: Plan, row: RenderRow, colours: Paints): string[] {
  return changes.flatMap((change, index) => {
    const { mark, paint } = reasons[change.reason];
    const head = row(paint(colours)(mark), change, changeWords(change));
    const lines = [head, ...body(change, colours)];
    return lines.length > 1 && index + 1 < changes.length ? [...lines, ''] : lines;
  });
}

function renderDrifted({ drifted }: Plan, row: RenderRow, colours: Paints): string[] {
  return drifted.flatMap((drift) => [
    row(colours.magenta('≠'), drift, driftWords(drift)),
    ...body(drift, colours),
  ]);
}

function renderHeld({ held }: Plan, row: RenderRow, colours: Paints): string[] {
  return held.flatMap((file) => [
    row(colours.yellow('!'), file, printable(heldWords(file))),
    ...body({ fields: file.waits ?? [] }, colours),
  ]);
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

function body({ fields }: Pick<Change, 'fields'>, colours: Paints): string[] {
  return renderFields(fields, colours).map((line) => `    ${line}`);
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
