// What the widget files of a commit declared, and those of the commits between it and the one that is checked out.
// Reads git's objects, and opens no folder that is equal in two commits twice.
import { posix } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { printable } from '../../../base/text.ts';
import type { KnownContent } from '../../../model/document.ts';
import type {
  DeclaredContent,
  DeclaredThen,
  DeclaredWidget,
  LaterContent,
} from '../../../model/since/declared-then.ts';
import type { WidgetId } from '../../../model/widget.ts';
import type { FileContent } from '../../check/file-content.ts';
import { isOver } from '../../check/sync-policy.ts';
import { changesBetween, type Side } from '../brought-changes.ts';
import { topIn } from '../brought-files.ts';
import { type CommittedContent, CommitWidgets, type ParsedBlob } from '../commit-widgets.ts';
import { type GitRepository, withRepository } from '../git-repository.ts';
import { type FileDifference, GitTrees, MissingObject } from '../git-tree.ts';
import { commitOf, type GitCommit } from '../read-commit.ts';
import { commitNamed } from '../resolve-commit.ts';

export interface DeclaredAsked {
  /** An id or its beginning, a branch, a tag, and ways back from there. */
  readonly since: string;
  /** `--root`, where it was said. */
  readonly root: string | null;
  /**
   * `applied`: what a pass would have applied then, or since, is asked for; `written`: what that commit alone says,
   * suspended files among it. Default: `applied`.
   */
  readonly of?: 'applied' | 'written';
}

export interface DeclaredHere extends DeclaredThen {
  /** Whether the commit has the widget directory at all. */
  readonly hasDirectory: boolean;
  /** What was parsed, by the SHA-256 (hex) of the bytes: most files are the same now. */
  readonly parsed: ReadonlyMap<string, FileContent>;
}

/** Throws `UsageError` where the commit is not here, or not with all its files. */
export function readDeclared(directory: string, asked: DeclaredAsked): DeclaredHere {
  const declared = withRepository(directory, (repository) => readFrom(repository, asked));
  if (declared !== null) return declared;
  throw new UsageError(
    `--since: ${printable(directory)} is in no git checkout, so that no commit can be looked up`,
  );
}

function readFrom(
  repository: GitRepository,
  { since, root, of = 'applied' }: DeclaredAsked,
): DeclaredHere {
  const start = commitNamed(repository, since);
  const { objects } = repository;
  const contents = new Map<string, ParsedBlob>();
  const shared = { objects, trees: new GitTrees(objects), entries: new Map(), contents };
  const top = topIn(repository, root);
  const place = posix.relative(`/${top}`, `/${repository.place}`);
  const sideOf = ({ tree, time }: GitCommit): Side => {
    const at = { tree, top, place };
    // What was suspended then was not applied then.
    return { at, widgets: new CommitWidgets(shared, at, time) };
  };
  try {
    const folder = shared.trees.at(start.tree, posix.join(top, place));
    const widgets = new Declared();
    let before = sideOf(start);
    for (const [file, blob] of filesOf(before, shared.trees)) {
      const found = before.widgets.contentOf(file, blob);
      widgets.begin(
        file,
        usable(of === 'written' ? { ...found, suspension: null } : found, start.time),
      );
    }
    for (const commit of of === 'written' ? [] : commitsSince(repository, start)) {
      const after = sideOf(commit);
      for (const change of changesBetween(before, after, shared.trees)) {
        widgets.add(later(change, after, commit));
      }
      before = after;
    }
    const { id, subject, author, time } = start;
    const commit = { id, subject, author, time };
    const parsed = new Map(
      [...contents.values()].map(({ digest, content }) => [digest, content] as const),
    );
    return { commit, hasDirectory: folder?.kind === 'folder', widgets: widgets.all(), parsed };
  } catch (error) {
    if (!(error instanceof MissingObject)) throw error;
    throw new UsageError(
      `--since: ${error.message} of ${printable(since)} is not in this clone: it was made without all files (--filter), or is damaged. git diff --stat ${start.id} fetches what is missing.`,
    );
  }
}

function filesOf(side: Side, trees: GitTrees): [string, string][] {
  return changesBetween(null, side, trees).flatMap(({ path, after }) =>
    after === null ? [] : [[path, after] as [string, string]],
  );
}

interface Usable extends DeclaredContent {
  readonly widgetId: WidgetId;
}

/** Null for what no pass would have applied then; with the widget that it names, if any. */
function usable(
  found: CommittedContent,
  time: Date,
): { readonly widgetId: WidgetId | null; readonly content: Usable | null } {
  const { widgetId, widget, suspension, findings, broken, digest, extends: named } = found;
  const isBroken = broken !== null || findings.some(({ severity }) => severity === 'error');
  const isHeld = suspension !== null && !isOver(suspension, time);
  if (isBroken || isHeld || widget === null) return { widgetId, content: null };
  const content = { widgetId: widget.widgetId, content: widget, digest };
  return { widgetId, content: named === undefined ? content : { ...content, extends: named } };
}

interface Later {
  readonly file: string;
  readonly content: KnownContent;
  readonly time: Date;
}

function later({ path, after }: FileDifference, side: Side, { time }: GitCommit): Later | null {
  if (after === null) return null;
  const { content } = usable(side.widgets.contentOf(path, after), time);
  return content === null ? null : { file: path, content: content.content, time };
}

/** So many commits are looked back through; whoever applies more rarely names one that is nearer. */
const mostCommits = 1000;

/**
 * Those between the two, the oldest first, by first parents, without both ends. None where the line does not lead
 * there, as after a push by force, or this clone has too little of it.
 */
function commitsSince({ objects, ...repository }: GitRepository, start: GitCommit): GitCommit[] {
  const line: GitCommit[] = [];
  let at: GitCommit | null = commitNamed({ objects, ...repository }, 'HEAD');
  while (at !== null && at.id !== start.id && line.length <= mostCommits) {
    line.push(at);
    const parent: string | undefined = at.parents[0];
    at = parent === undefined ? null : commitOf(objects, parent);
  }
  return at?.id === start.id ? line.slice(1).reverse() : [];
}

/** Gathers what several commits declare of each widget. */
class Declared {
  readonly #first = new Map<WidgetId, { file: string; content: Usable | null }>();
  readonly #later = new Map<WidgetId, LaterContent[]>();
  readonly #files = new Map<WidgetId, string>();

  /** Two files that name one widget hold each other, whatever they say of it. */
  begin(file: string, { widgetId, content }: ReturnType<typeof usable>): void {
    if (widgetId === null) return;
    this.#first.set(widgetId, { file, content: this.#first.has(widgetId) ? null : content });
  }

  add(found: Later | null): void {
    if (found === null) return;
    const { file, content, time } = found;
    const { widgetId } = content;
    this.#files.set(widgetId, file);
    this.#later.set(widgetId, [{ content, time }, ...(this.#later.get(widgetId) ?? [])]);
  }

  all(): ReadonlyMap<WidgetId, DeclaredWidget> {
    const ids = new Set([...this.#first.keys(), ...this.#later.keys()]);
    const widgets = new Map<WidgetId, DeclaredWidget>();
    for (const widgetId of ids) {
      const first = this.#first.get(widgetId);
      const declared = first?.content ?? null;
      const later = this.#later.get(widgetId) ?? [];
      if (declared === null && later.length === 0) continue;
      const file = this.#files.get(widgetId) ?? first?.file ?? '';
      widgets.set(widgetId, { file, declared, later });
    }
    return widgets;
  }
}
