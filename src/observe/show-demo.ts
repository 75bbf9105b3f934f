// The listener of the demo: what happens, for a person who watches it for the first time. Of what goes
// wrong on the way the log tells, as it does of any run.

import type { HeldFile, LoadedTree, WidgetDocument } from '../model/document.ts';
import type { Plan } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';
import {
  type DemoOptions,
  mostEditedFields,
  mostFirstFields,
  mostFirstFiles,
  renderDemoIntro,
  renderHeld,
  renderInvitation,
  renderLive,
  renderMoreLive,
  renderNothingToPush,
} from '../render/demo-text.ts';
import { type ExcerptOptions, renderProblems } from '../render/problem-text.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import { problemKey } from './pass-notices.ts';

export interface DemoDeps extends DemoOptions, ExcerptOptions {
  readonly print: (text: string) => void;
  /** The time as a person's clock shows it. */
  readonly timeOfDay: () => string;
}

export interface Demo {
  readonly hear: Listener;
  /** Before anything happens. */
  begin(): void;
}

/** First what is pushed at the start; once all of that has ended, what to try, and what comes of it. */
export function showDemo(deps: DemoDeps): Demo {
  const news = newsOfFiles();
  const awaited = new Set<WidgetId>();
  let plan: Plan | null = null;
  let isInvited = false;
  let pushed = 0;

  const say = (lines: readonly string[]) => deps.print(`${lines.join('\n')}\n`);
  const tell = ([first = '', ...others]: readonly string[]) => {
    if (!isInvited) return say([first, ...others, '']);
    say(['', `${deps.colours.dim(deps.timeOfDay())} ${first}`, ...others]);
  };
  const inviteOnce = () => {
    if (isInvited || plan === null || awaited.size > 0) return;
    if (pushed > mostFirstFiles) tell([renderMoreLive(pushed - mostFirstFiles, deps)]);
    say(renderInvitation(plan, deps));
    isInvited = true;
  };
  const hear = listenerOf({
    'plan-made': ({ tree, plan: made, refusal }) => {
      plan = made;
      // A change that an earlier plan asked for and this one does not is dropped, and never ends.
      awaited.clear();
      if (refusal === null) for (const { widgetId } of made.changes) awaited.add(widgetId);
      const { problems, held, untouched } = news(tree, made);
      const excerpts = problems.length === 0 ? [] : [renderProblems(problems, deps).trimEnd()];
      const trouble = [...held.map((one) => renderHeld(one, deps)), ...excerpts];
      if (trouble.length > 0) tell(trouble);
      if (isInvited) for (const one of untouched) tell([renderNothingToPush(one, deps)]);
      inviteOnce();
    },
    'change-ended': ({ outcome }) => {
      awaited.delete(outcome.change.widgetId);
      if (outcome.status === 'applied') {
        pushed += 1;
        const mostFields = isInvited ? mostEditedFields : mostFirstFields;
        const isShown = isInvited || pushed <= mostFirstFiles;
        if (isShown) tell(renderLive(outcome.change, mostFields, deps));
      }
      inviteOnce();
    },
  });
  return { begin: () => say([...renderDemoIntro(deps), '']), hear };
}

/** Gives the problems of each pass that were not there in the one before. */
function newsOfFiles() {
  let saidBefore: ReadonlySet<string> = new Set();
  let digestsBefore: ReadonlyMap<string, string> = new Map();
  return ({ problems, held, documents }: LoadedTree, { unchanged }: Plan) => {
    // A file that is being written is whole in a moment.
    const lasting = held.filter(({ code }) => code !== 'changing-file');
    const isNew = (key: string) => !saidBefore.has(key);
    const isEdited = ({ file, digest }: WidgetDocument) => digestsBefore.get(file) !== digest;
    const news = {
      problems: problems.filter((problem) => isNew(problemKey(problem))),
      held: lasting.filter((one) => isNew(heldKey(one))),
      /** Edited, or mended, and all the same as it is live. */
      untouched: unchanged.filter(isEdited),
    };
    saidBefore = new Set([...problems.map(problemKey), ...lasting.map(heldKey)]);
    digestsBefore = new Map(documents.map(({ file, digest }) => [file, digest]));
    return news;
  };
}

function heldKey({ file, code }: HeldFile): string {
  return JSON.stringify([file, code]);
}
