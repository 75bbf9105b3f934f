// The plan for people: in colour on a terminal, equally readable without in a log. Everything that
// comes from a file is made harmless to the terminal first.
import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import type { HeldFile } from '../documents/types.ts';
import { count, printable } from '../text.ts';
import { fieldName, renderValues } from './render-values.ts';
import type { PlanSummary } from './summarize-plan.ts';
import { summarizePlan } from './summarize-plan.ts';
import type { Change, FieldChange, Plan, Reason } from './types.ts';

export interface RenderOptions {
  readonly colour: boolean;
  /** The widget directory as the user named it, put before every file. */
  readonly directory: string;
}

/** Lines without a newline at the end. A change without field changes has no body. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  const colours = picocolors.createColors(options.colour);
  const row = rowRenderer(plan, options.directory, colours);
  const lines: string[] = [];
  for (const [index, change] of plan.changes.entries()) {
    const { mark, paint, words } = reasons[change.reason];
    lines.push(row(paint(colours)(mark), change, words(change)));
    for (const line of renderFields(change.fields, colours)) lines.push(`    ${line}`);
    if (change.fields.length > 0 && index + 1 < plan.changes.length) lines.push('');
  }
  const adopted = plan.adopted.map((at) =>
    row(colours.green('='), at, 'adopt: is as git declares'),
  );
  const held = plan.held.map((file) => row(colours.yellow('!'), file, heldWords(file)));
  const orphaned = plan.orphaned.map((at) =>
    row(colours.magenta('?'), at, 'orphaned: applied once, no file now'),
  );
  if (orphaned.length > 0) {
    orphaned.push(colours.dim('  Nothing is deleted: an orphaned widget stays as it is.'));
  }
  const sections = [lines, adopted, held, orphaned, [summaryLine(plan, colours)]];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

interface ReasonStyle {
  readonly mark: string;
  readonly paint: (colours: Colors) => (text: string) => string;
  readonly words: (change: Change) => string;
}

const reasons: Readonly<Record<Reason, ReasonStyle>> = {
  new: {
    mark: '+',
    paint: (colours) => colours.green,
    words: ({ fields }) => `new: never applied before, ${count(fields.length, 'field')}`,
  },
  edited: {
    mark: '~',
    paint: (colours) => colours.yellow,
    words: ({ fields }) => `edited: ${count(fields.length, 'field')} changed`,
  },
  drifted: {
    mark: '≠',
    paint: (colours) => colours.yellow,
    words: () => 'drifted: the widget may not be as declared',
  },
  forced: {
    mark: '↻',
    paint: (colours) => colours.cyan,
    words: () => 'forced: unchanged, sent again',
  },
};

function heldWords({ code, message }: HeldFile): string {
  return `held (${code}): ${printable(message)}`;
}

interface Row {
  readonly file: string;
  readonly widgetId: string | null;
}

type RenderRow = (mark: string, at: Row, words: string) => string;

/** Files and ids in columns, so that a plan of a thousand lines can be skimmed. */
function rowRenderer(plan: Plan, directory: string, colours: Colors): RenderRow {
  const pathOf = ({ file }: Row) => printable(joinPath(directory, file));
  const rows: Row[] = [...plan.changes, ...plan.adopted, ...plan.held, ...plan.orphaned];
  const width = columnWidth(rows.map(pathOf), 48);
  return (mark, at, words) => {
    const path = pathOf(at);
    const id = at.widgetId === null ? 'unknown ' : at.widgetId.slice(0, 8);
    return `${mark} ${colours.bold(path)}${padding(path, width)}  ${colours.dim(id)}  ${words}`;
  };
}

function joinPath(directory: string, file: string): string {
  if (directory === '' || directory === '.') return file;
  return directory.endsWith('/') ? `${directory}${file}` : `${directory}/${file}`;
}

function renderFields(fields: readonly FieldChange[], colours: Colors): string[] {
  const width = columnWidth(
    fields.map(({ path }) => fieldName(path)),
    32,
  );
  return fields.flatMap((field) => {
    const name = fieldName(field.path);
    const [first = '', ...rest] = renderValues(field, colours);
    // A text of several lines begins below the name, near the margin: it needs the width.
    const head = `${fieldMark(field, colours)} ${name}`;
    if (first === '') return [head, ...rest.map((line) => `    ${line}`)];
    const indent = ' '.repeat(Math.max(width, [...name].length) + 4);
    return [`${head}${padding(name, width)}  ${first}`, ...rest.map((line) => `${indent}${line}`)];
  });
}

function fieldMark(field: FieldChange, colours: Colors): string {
  if (field.from === undefined) return colours.green('+');
  return field.to === undefined ? colours.red('-') : colours.yellow('~');
}

/** The widest of the texts; one far too long stands out alone instead of moving all others. */
function columnWidth(texts: readonly string[], most: number): number {
  return texts.reduce((width, text) => {
    const length = [...text].length;
    return length <= most ? Math.max(width, length) : width;
  }, 0);
}

function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - [...text].length));
}

function summaryLine(plan: Plan, colours: Colors): string {
  const summary = summarizePlan(plan);
  const aside = [
    summary.held > 0 ? `${summary.held} held` : null,
    summary.orphaned > 0 ? `${summary.orphaned} orphaned` : null,
  ].filter((part) => part !== null);
  if (summary.update + summary.adopt === 0) {
    return `${[`${colours.bold('No changes.')} ${settled(summary)}`, ...aside].join(', ')}.`;
  }
  const parts = [
    summary.update > 0 ? `${summary.update} to update` : null,
    summary.adopt > 0 ? `${summary.adopt} to adopt` : null,
    ...aside,
    summary.unchanged > 0 ? `${summary.unchanged} unchanged` : null,
  ].filter((part) => part !== null);
  return `${colours.bold('Plan:')} ${parts.join(', ')} (${count(summary.total, 'widget')})`;
}

function settled({ unchanged }: PlanSummary): string {
  const rest = unchanged === 1 ? 'is as git declares it' : 'are as git declares them';
  return `${count(unchanged, 'widget')} ${rest}`;
}
