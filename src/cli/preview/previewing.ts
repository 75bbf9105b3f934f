// What a preview is made from, and the one line that says what it found.
import { printable } from '../../base/text.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree } from '../../model/document.ts';
import { summaryWords } from '../../render/page/count-words.ts';
import type { Before, PreviewModel } from '../../render/page/preview-model.ts';
import { whyEmptied } from '../../sync/loop/look.ts';
import type { Output } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import type { BeforeSource, BeforeWanted } from './before-source.ts';
import type { BeforeView, ModelMaker } from './make-model.ts';
import type { Target } from './write-preview.ts';

export interface PreviewRequest extends Request {
  readonly before: BeforeWanted;
  readonly isChangedOnly: boolean;
  readonly json: boolean;
  /** Null: a page that is served. */
  readonly out: Target | null;
  readonly port: number;
}

/** A directory that is looked at, and what it is compared with. */
export interface Previewing {
  readonly request: PreviewRequest;
  readonly directory: WidgetDirectory;
  readonly before: BeforeSource;
  readonly maker: ModelMaker;
}

export function summaryOf(model: PreviewModel): string {
  const { before } = model;
  const words = summaryWords(model);
  return before.kind === 'nothing' ? words : `${words}, compared with ${comparison[before.kind]}`;
}

const comparison: Readonly<Record<Exclude<Before['kind'], 'nothing'>, string>> = {
  applied: 'what was applied',
  live: 'what is live',
  directory: 'the other directory',
};

/** Why files are taken for gone, not for removed, as `plan` and `apply` take them; null where they are not. */
export function whyNothingLeft(
  tree: LoadedTree,
  { told, widgets }: BeforeView,
  { dir }: Pick<WidgetDirectory, 'dir'>,
): string | null {
  return told.kind === 'applied' ? whyEmptied(tree, { dir, recorded: widgets.size }) : null;
}

export function sayUncompared({ widgets }: PreviewModel, stderr: Output): void {
  for (const { file, uncompared } of widgets) {
    if (uncompared !== null) {
      stderr.write(`widget-sync: ${printable(file)} ${printable(uncompared)}\n`);
    }
  }
}
