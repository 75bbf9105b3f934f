// What the demo says: for a person who sees this program for the first time, in a few lines.
import { count, pathIn, printable } from '../base/text.ts';
import type { Change, FieldChange, Plan } from '../model/plan.ts';
import { asJson } from '../model/widget.ts';
import type { Paints } from './diff/value-swatch.ts';
import { renderFields } from './field-text.ts';

/** How, and of what, the demo speaks. */
export interface DemoOptions {
  readonly colours: Paints;
  /** The widget directory as the user named it. */
  readonly dir: string;
  readonly apiUrl: string;
  readonly stateDirectory: string;
  /** What starts this program in a shell. */
  readonly command: string;
}

export function renderDemoIntro({ colours, dir }: DemoOptions): string[] {
  return [
    `${colours.bold('widget-sync demo:')} a sandbox in this process plays the API; no key, no network.`,
    `It holds an older version of the widgets in ${printable(dir)}, and is forgotten at the end.`,
  ];
}

/** Of a first push, which changes nearly everything, a few fields show what it is about. */
export const mostFirstFields = 2;
/** Of how many files. */
export const mostFirstFiles = 8;
/** Of an edit, all that a person would make by hand. */
export const mostEditedFields = 8;

/** The file that is live now, and its fields from old to new. */
export function renderLive(change: Change, mostFields: number, options: DemoOptions): string[] {
  const { colours } = options;
  const { fields, reason } = change;
  const shown = fields.length <= mostFields ? fields : tellingFirst(change).slice(0, mostFields);
  // Said on the first line, so that a push of many files is read without scrolling.
  const among = shown.length < fields.length ? ', among them:' : '';
  const what = reason === 'drifted' ? 'set back to what git declares' : 'pushed and live';
  return [
    line(colours.green('✓'), change, `${count(fields.length, 'field')} ${what}${among}`, options),
    ...renderFields(shown, colours).map((field) => `    ${field}`),
  ];
}

export function renderMoreLive(files: number, { colours }: DemoOptions): string {
  return colours.dim(`… and ${count(files, 'more file')} pushed and live`);
}

/** What reads at a glance, short texts, before all else; within both, as the file orders it. */
function tellingFirst({ spec, fields }: Change): FieldChange[] {
  const names = Object.keys(spec);
  const isTelling = ({ from, to }: FieldChange) =>
    [from, to].every((value) => typeof value === 'string' && value.length <= 36);
  const place = ({ path }: FieldChange) => {
    const at = names.indexOf(path.slice(1));
    return at === -1 ? names.length : at;
  };
  return [...fields].sort(
    (a, b) => Number(isTelling(b)) - Number(isTelling(a)) || place(a) - place(b),
  );
}

export function renderHeld(
  held: { readonly file: string; readonly code: string },
  options: DemoOptions,
): string {
  const words = `held (${held.code}): its widget stays as it is`;
  return line(options.colours.yellow('!'), held, words, options);
}

export function renderNothingToPush(at: { readonly file: string }, options: DemoOptions): string {
  return line(options.colours.dim('='), at, 'nothing to push: its values are live', options);
}

/** What to try now, and where to look. */
export function renderInvitation(plan: Plan, options: DemoOptions): string[] {
  const { colours, dir, apiUrl, stateDirectory, command } = options;
  const example = exampleOf(plan);
  const end = colours.dim('Ctrl-C ends the demo.');
  if (example === null) {
    const where = printable(dir);
    return [`${colours.bold('Try:')}  put a widget file into ${where} and save it. ${end}`];
  }
  const path = printable(pathIn(dir, example.file));
  const url = `${apiUrl}/api/v1/widget/${example.widgetId}?api_key=in-demo`;
  return [
    `${colours.bold('Try:')}  edit ${colours.bold(path)} and save: another ${example.field} is live in a moment.`,
    '      Misspell the name of a field: the file is held, and its widget stays as it is.',
    `${colours.bold('Look:')} curl '${url}'`,
    `      ${command} history --state ${printable(stateDirectory)}`,
    end,
  ];
}

/** The first file with a text that can be edited; null where there is none. */
function exampleOf({ changes, unchanged }: Plan) {
  const editable = [...changes, ...unchanged].flatMap(({ file, widgetId, spec }) => {
    const body = asJson(spec);
    const field = ['display_name', 'name', 'intro_message'].find(
      (name) => typeof body[name] === 'string',
    );
    return field === undefined ? [] : [{ file, widgetId, field }];
  });
  return editable[0] ?? null;
}

function line(
  mark: string,
  { file }: { readonly file: string },
  words: string,
  { colours, dir }: DemoOptions,
): string {
  return `${mark} ${colours.bold(printable(pathIn(dir, file)))}  ${words}`;
}
