// The plan for people: in colour on a terminal, equally readable without in a log. Everything that
// comes from a file is made harmless to the terminal first.
import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import { count, pathIn, printable } from '../base/text.ts';
import type { Rate } from '../config/rate.ts';
import { fieldName } from '../model/field-name.ts';
import type {
  Change,
  FieldChange,
  HeldWidget,
  IgnoredFields,
  Plan,
  Reason,
  ReportedDrift,
  UnappliedWidget,
  VanishedFields,
} from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import { columnWidth, padding } from './diff/columns.ts';
import { renderFields, renderKept } from './field-text.ts';
import { renderPrice } from './request-cost.ts';
import { summarizePlan } from './summarize-plan.ts';
import { utcTime } from './time.ts';
import { isUnusual } from './unusual-changes.ts';

export interface RenderOptions {
  readonly colour: boolean;
  /** The widget directory as the user named it, put before every file. */
  readonly directory: string;
  /** Another directory that a widget without a file was applied from; null or absent: this one. */
  readonly otherRoot?: (widgetId: WidgetId) => string | null;
  /** What the price is reckoned at. */
  readonly rate: Rate;
}

/** Lines without a newline at the end. A change without field changes has no body. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  const colours = picocolors.createColors(options.colour);
  const row = rowRenderer(plan, options, colours);
  const sections = [
    renderChanges(plan, row, colours),
    plan.adopted.map((at) => row(colours.green('='), at, 'adopt: is as git declares')),
    renderDrifted(plan, row, colours),
    renderKeptWidgets(plan, row, colours),
    plan.ignored.map((at) => row(colours.dim('·'), at, colours.dim(ignoredWords(at)))),
    plan.vanished.map((at) => row(colours.yellow('!'), at, vanishedWords(at))),
    renderHeld(plan, row, colours),
    renderOrphaned(plan, row, colours),
    plan.gone.map((at) => row(colours.dim('?'), at, 'gone from the account too: no longer listed')),
    [
      ...unusualLines(plan, colours),
      summaryLine(plan, colours),
      colours.dim(renderPrice(plan, options.rate)),
    ],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

function renderChanges({ changes }: Plan, row: RenderRow, colours: Colors): string[] {
  return changes.flatMap((change, index) => {
    const { mark, paint, words } = reasons[change.reason];
    const lines = [row(paint(colours)(mark), change, words(change)), ...body(change, colours)];
    return lines.length > 1 && index + 1 < changes.length ? [...lines, ''] : lines;
  });
}

function renderDrifted({ drifted }: Plan, row: RenderRow, colours: Colors): string[] {
  return drifted.flatMap((drift) => [
    row(colours.magenta('≠'), drift, driftWords(drift)),
    ...body(drift, colours),
  ]);
}

function renderHeld({ held }: Plan, row: RenderRow, colours: Colors): string[] {
  return held.flatMap((file) => [
    row(colours.yellow('!'), file, heldWords(file)),
    ...body({ fields: file.waits ?? [] }, colours),
  ]);
}

function renderKeptWidgets({ kept }: Plan, row: RenderRow, colours: Colors): string[] {
  return kept.flatMap((one) => [
    row(colours.yellow('≈'), one, keptWords(one)),
    ...renderKept(one.fields, colours).map((line) => `    ${line}`),
  ]);
}

function renderOrphaned({ orphaned }: Plan, row: RenderRow, colours: Colors): string[] {
  if (orphaned.length === 0) return [];
  return [
    ...orphaned.map((at) => row(colours.magenta('?'), at, 'orphaned: applied once, no file now')),
    colours.dim('  Nothing is deleted: an orphaned widget stays as it is.'),
  ];
}

function body({ fields }: Pick<Change, 'fields'>, colours: Colors): string[] {
  return renderFields(fields, colours).map((line) => `    ${line}`);
}

interface ReasonStyle {
  readonly mark: string;
  readonly paint: (colours: Colors) => (text: string) => string;
  readonly words: (change: Change) => string;
}

const reasons: Readonly<Record<Reason, ReasonStyle>> = {
  // Nothing is created: the widget is there, and only its record is not.
  new: {
    mark: '~',
    paint: (colours) => colours.yellow,
    words: ({ fields }) => `new: nothing recorded of it yet, ${count(fields.length, 'field')}`,
  },
  edited: {
    mark: '~',
    paint: (colours) => colours.yellow,
    words: ({ fields }) =>
      fields.length === 0
        ? 'edited: sent again, the last write may not be visible yet'
        : `edited: ${count(fields.length, 'field')} changed${conflictWords(fields)}`,
  },
  drifted: {
    mark: '≠',
    paint: (colours) => colours.yellow,
    words: ({ fields }) =>
      fields.length === 0
        ? 'drifted: the widget may not be as declared'
        : `drifted: ${count(fields.length, 'field')} to set back`,
  },
  forced: {
    mark: '↻',
    paint: (colours) => colours.cyan,
    words: ({ fields }) =>
      fields.length === 0
        ? 'forced: unchanged, sent again'
        : `forced: ${count(fields.length, 'field')} to set back`,
  },
};

function conflictWords(fields: readonly FieldChange[]): string {
  const conflicts = fields.filter(({ by }) => by === 'both').length;
  return conflicts === 0 ? '' : `, ${conflicts} of them in the dashboard too`;
}

function driftWords({ fields, why, untilMs }: ReportedDrift): string {
  const what = `${count(fields.length, 'field')} changed in the dashboard`;
  if (why === 'policy') return `drifted: ${what}, only reported`;
  const until = untilMs === null ? '' : ` before ${utcTime(untilMs)}`;
  return `fought over: ${what} again, not corrected${until}`;
}

function keptWords({ fields, sinceMs }: UnappliedWidget): string {
  const since = utcTime(sinceMs);
  return `the API keeps ${count(fields.length, 'field')} otherwise than sent, since ${since}`;
}

function ignoredWords({ paths }: IgnoredFields): string {
  return `ignored as the file says: ${paths.map(fieldName).join(', ')}`;
}

function vanishedWords({ names }: VanishedFields): string {
  return `no longer in the API's answers, and left as applied: ${names.join(', ')}`;
}

function heldWords({ code, message, waits }: HeldWidget): string {
  const held = `held (${code}): ${printable(message)}`;
  if (waits === undefined) return held;
  const waiting = count(waits.length, 'field');
  return `${held}; ${waits.length === 0 ? 'nothing waits' : `what waits: ${waiting}`}`;
}

interface Row {
  readonly file: string;
  readonly widgetId: WidgetId | null;
}

type RenderRow = (mark: string, at: Row, words: string) => string;

/** Files and ids in columns, so that a plan of a thousand lines can be skimmed. */
function rowRenderer(plan: Plan, options: RenderOptions, colours: Colors): RenderRow {
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

/** Among a thousand changes they would be overlooked. */
function unusualLines({ changes }: Plan, colours: Colors): string[] {
  const unusual = changes.filter(({ fields }) => fields.some(isUnusual)).length;
  if (unusual === 0) return [];
  const what = `${count(unusual, 'widget')} would become another kind of widget (widget_type)`;
  const advice = 'check that its widget_id is the one that is meant';
  return [`${colours.yellow('Unusual:')} ${what}: ${advice}`];
}

function summaryLine(plan: Plan, colours: Colors): string {
  const summary = summarizePlan(plan);
  const kept = keptOnly(plan);
  const unchanged = summary.unchanged - kept;
  const unmanaged = plan.unmanaged ?? 0;
  const aside = [
    summary.drifted > 0 ? `${summary.drifted} drifted (left so)` : null,
    kept > 0 ? `${kept} kept otherwise by the API` : null,
    summary.held > 0 ? `${summary.held} held` : null,
    summary.orphaned > 0 ? `${summary.orphaned} orphaned` : null,
  ].filter((part) => part !== null);
  const others = unmanaged > 0 ? [`${unmanaged} more unmanaged`] : [];
  if (summary.update + summary.adopt === 0) {
    // Where nothing is as declared, what stands aside says all there is.
    const quiet = unchanged > 0 || aside.length === 0 ? [settled(unchanged)] : [];
    return `${colours.bold('No changes.')} ${[...quiet, ...aside, ...others].join(', ')}.`;
  }
  const parts = [
    summary.update > 0 ? `${summary.update} to update` : null,
    summary.adopt > 0 ? `${summary.adopt} to adopt` : null,
    ...aside,
    unchanged > 0 ? `${unchanged} unchanged` : null,
    ...others,
  ].filter((part) => part !== null);
  // The sum of one part would only say it again.
  const sum = parts.length === 1 ? '' : ` (${count(summary.total, 'widget')})`;
  return `${colours.bold('Plan:')} ${parts.join(', ')}${sum}`;
}

/** Widgets with nothing to be done about them, which are all the same not as git declares them. */
function keptOnly({ unchanged, kept }: Plan): number {
  const ids = new Set(kept.map(({ widgetId }) => widgetId));
  return unchanged.filter(({ widgetId }) => ids.has(widgetId)).length;
}

function settled(unchanged: number): string {
  const rest = unchanged === 1 ? 'is as git declares it' : 'are as git declares them';
  return `${count(unchanged, 'widget')} ${rest}`;
}
