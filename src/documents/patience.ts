// Whether a snapshot may be believed yet. Git may be in the middle of a checkout, an editor in the
// middle of a file, and a file that is gone may be back in a moment. Waits for none of them for ever.
import type { Clock } from '../clock.ts';
import { count, printable } from '../text.ts';
import type { WidgetId } from '../widget.ts';
import { warningAt } from './finding.ts';
import type { GitOperation } from './git-operation.ts';
import { startOfFile } from './source-text.ts';
import type { Finding, Unsettled } from './types.ts';

/** A complete snapshot of one root. */
export interface Snapshot {
  readonly root: string;
  /** The files, with the widget that each declares where it can be told. */
  readonly files: ReadonlyMap<string, WidgetId | null>;
  /** How long the youngest file still has to be left alone; 0 when all have come to rest. */
  readonly settlesInMs: number;
  /** Files with conflict markers. */
  readonly conflicts: readonly string[];
  /** Milliseconds since 1970. */
  readonly changedAtMs: number;
  readonly operation: GitOperation | null;
}

/** While new doubts come up without end, a snapshot is taken as it is after this time. */
const longestDoubtMs = 2000;
/** A file that is gone is looked for once more, as long after as an atomic save may take. */
const goneMs = 200;
/** Git holds its lock for as long as it writes, and leaves it behind when it is killed. */
const staleLockMs = 60_000;
/** A checkout may last longer than that; then something below the root has changed of late. */
const quietTreeMs = 10_000;

export class Patience {
  readonly #clock: Clock;
  #doubtedSinceMs: number | null = null;
  #believed: Pick<Snapshot, 'root' | 'files'> | null = null;
  #missed: ReadonlySet<string> = new Set();
  /** The mark that was seen last, and when it was first seen: its own time may be of another clock. */
  #mark: { readonly path: string; readonly firstMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to wait before anything is read: git writes, and is not known to have given up. */
  beforeReading(operation: GitOperation | null): Unsettled | null {
    const ageMs = this.#ageOf(operation);
    if (operation?.kind !== 'lock' || ageMs >= staleLockMs) return null;
    return waitFor(operation, ageMs);
  }

  /** Null once the snapshot is believed. */
  doubt(snapshot: Snapshot): Unsettled | null {
    const unsettled = this.#gitDoubt(snapshot) ?? this.#fileDoubt(snapshot);
    if (unsettled !== null) return unsettled;
    this.#believed = snapshot;
    this.#missed = new Set();
    return null;
  }

  /** What is to be said of an operation that is no longer waited for. */
  remark({ operation }: Pick<Snapshot, 'operation'>): Finding | null {
    return operation === null ? null : staleMark(operation);
  }

  #gitDoubt({ operation, conflicts, changedAtMs }: Snapshot): Unsettled | null {
    if (operation === null) return null;
    const [conflict] = conflicts;
    if (operation.kind === 'halfway' && conflict !== undefined) {
      return halfMerged(operation, conflict, conflicts.length);
    }
    const ageMs = this.#ageOf(operation);
    const restedMs = this.#clock.now().getTime() - changedAtMs;
    const isStale = ageMs >= staleLockMs && (restedMs >= quietTreeMs || restedMs < 0);
    return isStale ? null : waitFor(operation, ageMs);
  }

  #fileDoubt(snapshot: Snapshot): Unsettled | null {
    const retryInMs = Math.max(snapshot.settlesInMs, this.#misses(snapshot) ? goneMs : 0);
    if (retryInMs === 0) {
      this.#doubtedSinceMs = null;
      return null;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#doubtedSinceMs ??= nowMs;
    const leftMs = this.#doubtedSinceMs + longestDoubtMs - nowMs;
    return leftMs <= 0 ? null : stillMoving(Math.min(retryInMs, leftMs));
  }

  /** Whether a file is gone that was there the time before and has not been looked for again yet. */
  #misses({ root, files }: Snapshot): boolean {
    const believed = this.#believed;
    // Another root is another tree: what was published with it was published at once.
    if (believed === null || believed.root !== root) return false;
    const gone = [...believed.files].filter(([path]) => !files.has(path));
    if (gone.length === 0) return false;
    // A file that was renamed is not gone.
    const declared = new Set(files.values());
    const missed = gone.filter(([, widgetId]) => widgetId === null || !declared.has(widgetId));
    const isNew = missed.some(([path]) => !this.#missed.has(path));
    this.#missed = new Set(missed.map(([path]) => path));
    return isNew;
  }

  #ageOf(operation: GitOperation | null): number {
    if (operation === null) {
      this.#mark = null;
      return 0;
    }
    const nowMs = this.#clock.monotonicMs();
    if (this.#mark?.path !== operation.path) {
      this.#mark = { path: operation.path, firstMs: nowMs };
    }
    const byItsOwnTimeMs = this.#clock.now().getTime() - operation.sinceMs;
    return Math.max(byItsOwnTimeMs, nowMs - this.#mark.firstMs);
  }
}

/** The root, or something in it, was replaced while it was read. */
export function stillMoving(retryInMs = 100): Unsettled {
  return { code: 'moving', message: 'the files are changing at the moment', retryInMs };
}

function waitFor({ name, path }: GitOperation, ageMs: number): Unsettled {
  const retryInMs = Math.min(Math.max(ageMs / 20, 100), 2000);
  return { code: 'git', message: `${name} (${printable(path)})`, retryInMs };
}

function halfMerged({ name }: GitOperation, conflict: string, conflicts: number): Unsettled {
  const more = conflicts > 1 ? ` and ${count(conflicts - 1, 'more file')}` : '';
  const message = `${name}, and ${printable(conflict)}${more} has conflict markers: finish or abort it`;
  return { code: 'git', message, retryInMs: null };
}

function staleMark({ name, path }: GitOperation): Finding {
  return warningAt(startOfFile, 'stale-lock', {
    summary: 'a git operation has stood still for a minute; it is no longer waited for',
    detail: `It says that ${name}. If no git is at work there, remove ${printable(path)}.`,
  });
}
