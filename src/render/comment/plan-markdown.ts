// The plan as a comment on a pull request or merge request: counts and cost at the top, one fold for each
// widget. It renders alike on GitHub and GitLab, and whatever a file holds does nothing there.
import { listed, pathIn } from '../../base/text.ts';
import { type Excess, excessWords } from '../../config/change-limit.ts';
import type { Rate } from '../../config/rate.ts';
import type { Origin, Problem } from '../../model/document.ts';
import type { Plan, WidgetAt } from '../../model/plan.ts';
import type { WidgetId, WidgetSpec } from '../../model/widget.ts';
import { type Shared, shareFields } from '../../plan/trace/shared-fields.ts';
import { affectedWords } from '../fragments/affected-words.ts';
import {
  fileIn,
  fragmentLines,
  groupNote,
  groupTitle,
  originText,
  releaseLines,
} from '../fragments/fragment-words.ts';
import { filesHeld, heldTogether, manyHeld, namedFrom } from '../fragments/held-together.ts';
import { markdownCode, markdownText } from '../markdown.ts';
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
} from '../plan-words.ts';
import { renderCost } from '../request-cost.ts';
import { visibleWords } from '../visible-parts.ts';
import { fitSections, type Item, type Section } from './fit-sections.ts';
import { type Folded, keptItem, lineItem, sharedItem, widgetItem } from './widget-fold.ts';

export interface CommentOptions {
  /** The widget directory as the user named it, put before every file. */
  readonly directory: string;
  /** Another directory that a widget without a file was applied from; null or absent: this one. */
  readonly otherRoot?: (widgetId: WidgetId) => string | null;
  /** The rate that the cost is reckoned at. */
  readonly rate: Rate;
  /** What is wrong with the files. */
  readonly problems: readonly Problem[];
  /** Where `--max-changes` would refuse the plan. */
  readonly refusal: Excess | null;
  /** What else is to be known, a paragraph each. */
  readonly notes: readonly string[];
  /** The account of several that it is about. */
  readonly account?: string;
  /** The most characters of a part of a comment, which has no marker; null or absent: it is all of one. */
  readonly room?: number | null;
  /** Where the pictures of `preview --out` lie, without a slash at the end; null for none. */
  readonly pictures: string | null;
}

/** GitHub takes comments of 65,536 characters, GitLab longer ones: in UTF-16 units, with room to spare. */
export const longestComment = 60_000;

/** By this line CI finds the comment that it wrote before. */
export const commentMarker = '<!-- widget-sync plan -->';

/** Ends with a newline. */
export function renderPlanMarkdown(plan: Plan, options: CommentOptions): string {
  const head = headOf(plan, options);
  const room = options.room ?? longestComment;
  const body = fitSections(sectionsOf(plan, options), room - head.length);
  return head + body;
}

function headOf(plan: Plan, options: CommentOptions): string {
  const { rate, refusal, notes, directory, account, room = null } = options;
  const { head, words } = sumWords(plan);
  const unusual = unusualWords(plan);
  const paragraphs = [
    `### ${account === undefined ? '' : `${markdownCode(account)}: `}${head} ${words}`,
    // GitHub makes a line break of each line end, GitLab does not.
    [visibleWords(plan), renderCost(plan, rate)]
      .filter((line) => line !== null)
      .map(markdownText)
      .join('<br>'),
    reachText(plan, directory),
    unusual === null ? null : `⚠️ **Unusual:** ${markdownText(unusual)}`,
    refusal === null ? null : refusalText(plan, refusal, account),
    ...notes.map(markdownText),
    plan.changes.length === 0 || plan.hidesValues
      ? null
      : `Checksum: ${markdownCode(plan.checksum)}`,
  ];
  const shown = paragraphs.filter((paragraph) => paragraph !== null);
  return `${room === null ? `${commentMarker}\n` : ''}${shown.join('\n\n')}\n`;
}

/** So many fragments are named: a comment has room for few lines above its folds. */
const mostFragments = 20;

function reachText(plan: Plan, directory: string): string | null {
  const reach = fragmentLines(plan, directory).map(
    ({ path, words }) => `${markdownCode(path)} ${markdownText(words)}`,
  );
  const lines = [...reach, ...releaseLines(plan, directory).map(markdownText)];
  return lines.length === 0 ? null : listed(lines, mostFragments, '<br>');
}

function refusalText({ checksum, hidesValues }: Plan, excess: Excess, account?: string): string {
  const words = excessWords(excess, account).replace(/--max-changes|max_changes/, '`$&`');
  const why = `${words}: nothing would be sent.`;
  if (hidesValues) return `⛔ **Would be refused:** ${why}`;
  const whose = account === undefined ? '' : ` --account ${account}`;
  const advice = `If it is meant: \`widget-sync apply --checksum ${checksum}${whose}\``;
  return `⛔ **Would be refused:** ${why} ${advice}`;
}

function sectionsOf(plan: Plan, options: CommentOptions): Section[] {
  const { adopted, ignored, vanished, left = [], orphaned, gone } = plan;
  const { directory, otherRoot } = options;
  const shared = shareFields(plan.changes);
  const placeOf = (origin: Origin) => originText(origin, directory);
  const lines = (widgets: readonly WidgetAt[], words: string) =>
    widgets.map((at) => lineItem({ ...widgetAt(at, directory), words }));
  const without = (widgets: readonly WidgetAt[], words: string) =>
    widgets.map((at) =>
      lineItem({ ...widgetAt(at, otherRoot?.(at.widgetId) ?? directory), words }),
    );
  return [
    {
      title: 'Shared by many',
      noun: 'group',
      items: shared.groups.map((group, at) =>
        sharedItem({ words: groupTitle(group, at), fields: group.fields, placeOf }),
      ),
    },
    {
      title: 'To update',
      noun: 'widget',
      items: changeItems(plan, shared, { ...options, placeOf }),
    },
    { title: 'Drifted, and left so', noun: 'widget', items: driftItems(plan, options) },
    { title: 'Kept otherwise by the API', noun: 'widget', items: keptItems(plan, options) },
    { title: 'Held', noun: 'file', items: heldItems(plan, options) },
    { title: 'Problems', noun: 'problem', items: problemItems(options) },
    {
      title: 'Left as they are',
      noun: 'widget',
      items: [
        ...ignored.map((at) => lineItem({ ...widgetAt(at, directory), words: ignoredWords(at) })),
        ...vanished.map((at) => lineItem({ ...widgetAt(at, directory), words: vanishedWords(at) })),
        ...left.map((at) => lineItem({ ...widgetAt(at, directory), words: leftWords(at) })),
        ...without(orphaned, `${orphanedWords}. ${nothingDeleted}`),
        ...without(gone, goneWords),
      ],
    },
    { title: 'To adopt', noun: 'widget', items: lines(adopted, adoptedWords) },
  ];
}

function changeItems(
  { changes }: Plan,
  { partsOf }: Shared,
  { directory, pictures, placeOf }: CommentOptions & Required<Pick<Folded, 'placeOf'>>,
): Item[] {
  return changes.map((change) => {
    const { own, groups } = partsOf(change);
    return widgetItem({
      ...widgetAt(change, directory),
      spec: change.spec,
      words: changeWords(change),
      note: groupNote(groups),
      fields: own,
      isChanged: change.fields.length > 0,
      pictures,
      isNew: change.reason === 'new',
      placeOf,
    });
  });
}

function driftItems({ drifted }: Plan, options: CommentOptions): Item[] {
  const { pictures } = options;
  return drifted.map((drift) =>
    widgetItem({
      ...widgetAt(drift, options.directory),
      words: driftWords(drift),
      fields: drift.fields,
      pictures,
    }),
  );
}

function keptItems({ kept }: Plan, options: CommentOptions): Item[] {
  return kept.map((one) =>
    keptItem({ ...widgetAt(one, options.directory), words: keptWords(one) }, one.fields),
  );
}

function heldItems({ held, fragments }: Plan, { directory, pictures }: CommentOptions): Item[] {
  return heldTogether(held, heldWords).map((group) => {
    const [first] = group;
    const words = heldWords(namedFrom(directory, first, fragments));
    if (group.length === 1) {
      const fields = first.waits ?? [];
      return widgetItem({ ...widgetAt(first, directory), words, fields, pictures });
    }
    const files = filesHeld(group, (file) => pathIn(directory, file));
    const line = () => `- ${markdownText(`${manyHeld(group)} ${words} (${files})`)}\n`;
    return { whole: line, brief: line };
  });
}

function problemItems({ problems, directory }: CommentOptions): Item[] {
  return problems.map((problem) => {
    const { severity, file, range, summary, code, detail } = problem;
    const affected = affectedWords(problem, directory);
    const path = fileIn(directory, file);
    // The problem of the directory itself has no line.
    const place = file === '.' ? directory : `${path}:${range.start.line}:${range.start.column}`;
    const words = () =>
      `${withChips(summary)} (${markdownCode(code)}). ${withChips(detail)}${affected === null ? '' : ` (${markdownText(affected)})`}`;
    const line = () => `- ${signs[severity]} ${markdownCode(place)}: ${words()}\n`;
    return { whole: line, brief: line };
  });
}

const signs: Readonly<Record<Problem['severity'], string>> = {
  error: '❌',
  warning: '⚠️',
  note: 'ℹ️',
};

/** Colours that a problem speaks of, as GitHub and GitLab show them. */
function withChips(text: string): string {
  const parts = text.split(/(?<![\w#])(#[0-9a-f]{6})(?![\w#])/i);
  return parts.map((part, at) => (at % 2 === 1 ? `\`${part}\`` : markdownText(part))).join('');
}

interface Place {
  readonly path: string;
  readonly widgetId: WidgetId | null;
  readonly spec: WidgetSpec | null;
}

function widgetAt(
  { file, widgetId }: { readonly file: string; readonly widgetId: WidgetId | null },
  directory: string,
): Place {
  return { path: pathIn(directory, file), widgetId, spec: null };
}
