// What a preview is made from, and the one line that says what it found.
import { count } from '../../base/text.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { type Before, differs, type PreviewModel } from '../../render/page/preview-model.ts';
import type { Request } from '../wiring/account.ts';
import type { BeforeSource, BeforeWanted } from './before-source.ts';
import type { ModelMaker } from './make-model.ts';
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

type Summed = Pick<PreviewModel, 'widgets' | 'leftOut' | 'before'>;

export function summaryOf({ widgets, leftOut, before }: Summed): string {
  const all = count(widgets.length + leftOut, 'widget');
  if (before.kind === 'nothing') return `${all}, and nothing to compare with`;
  const different = widgets.filter(differs).length;
  return `${different} of ${all} ${different === 1 ? 'differs' : 'differ'} from ${comparison[before.kind]}`;
}

const comparison: Readonly<Record<Exclude<Before['kind'], 'nothing'>, string>> = {
  applied: 'what was applied',
  live: 'what is live',
  directory: 'the other directory',
};
