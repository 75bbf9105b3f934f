// `--since`: what counts as applied where nothing is recorded.
import { printable } from '../../base/text.ts';
import type { FileContent } from '../../documents/check/file-content.ts';
import { readDeclared } from '../../documents/git/since/read-declared.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Commit } from '../../model/commit.ts';
import type { WidgetId } from '../../model/widget.ts';
import { assumeApplied } from '../../plan/uncertain/assume-applied.ts';

export interface Assumed {
  /** Null where nothing was said to be applied, on purpose. */
  readonly commit: Commit | null;
  readonly records: ReadonlyMap<WidgetId, AppliedRecord>;
  /** What was parsed of the commit, by the SHA-256 (hex) of the bytes; absent where no commit was read. */
  readonly parsed?: ReadonlyMap<string, FileContent>;
  /** For people; null where there is nothing to say. */
  readonly remark: string | null;
}

/** Throws `UsageError` where the commit is not here, or not with all its files. */
export function assumeSince(
  since: string,
  { directory, root }: { readonly directory: string; readonly root: RootWords },
): Assumed {
  if (since === 'none') return { commit: null, records: new Map(), remark: null };
  // What git and its hosts give for the commit before the first one.
  if (/^0{40}(0{24})?$/.test(since)) {
    const remark = '--since names the commit before all others: nothing counts as applied.';
    return { commit: null, records: new Map(), remark };
  }
  const { hasDirectory, parsed, ...declared } = readDeclared(directory, {
    since,
    root: root.root ?? null,
  });
  const id = declared.commit.id.slice(0, 10);
  const remark = hasDirectory
    ? null
    : `There is no ${printable(directory)} in ${id}: nothing of it counts as applied.`;
  return { commit: declared.commit, records: assumeApplied(declared), parsed, remark };
}
