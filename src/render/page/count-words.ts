// How many widgets of which kind a preview shows, in the same words in its title, on the page and on a
// terminal.
import { count } from '../../base/text.ts';
import type { PreviewModel, PreviewStatus } from './preview-model.ts';

export type Counted = readonly (readonly [number: number, words: string])[];

type Summed = Pick<PreviewModel, 'widgets' | 'leftOut' | 'before' | 'orphaned' | 'problems'>;

/** Every widget that a file declares, once; nothing of which there is none. */
export function countWidgets({ widgets, leftOut, before }: Summed): Counted {
  const of = (status: PreviewStatus) => widgets.filter((widget) => widget.status === status).length;
  return some([
    [of('changed'), 'changed'],
    [of('new'), 'new'],
    [of('broken'), 'to be mended'],
    [of('alone'), before.kind === 'nothing' ? 'with nothing to compare with' : 'not compared'],
    [of('waiting'), 'waiting'],
    [of('same') + leftOut, 'as before'],
  ]);
}

/** What stands beside the widgets of the files. */
export function countOthers({ orphaned, problems }: Summed): Counted {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const unusable = new Set(errors.map(({ file }) => file)).size;
  return some([
    [unusable, `${unusable === 1 ? 'file' : 'files'} that could not be used`],
    [orphaned.length, 'with no file any more'],
  ]);
}

function some(counted: Counted): Counted {
  return counted.filter(([number]) => number > 0);
}

/** `2 changed, 1 to be mended, 5 as before (8 widgets), 1 with no file any more`. */
export function summaryWords(model: Summed): string {
  const all = model.widgets.length + model.leftOut;
  const widgets = countWidgets(model);
  const isCalm = widgets.every(([, words]) => words === 'as before');
  const told = isCalm ? 'nothing differs' : inWords(widgets);
  const first = all === 0 ? 'no widget' : `${told} (${count(all, 'widget')})`;
  return [first, ...countOthers(model).map((one) => inWords([one]))].join(', ');
}

function inWords(counted: Counted): string {
  return counted.map(([number, words]) => `${number} ${words}`).join(', ');
}
