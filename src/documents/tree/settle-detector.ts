// Whether a snapshot may be believed yet. Git may be in the middle of a checkout, an editor in the
// middle of a file, and a file that is gone may be back in a moment. Waits for none of them for ever.
import type { Clock } from '../../base/clock.ts';
import { count, printable } from '../../base/text.ts';
import type { Finding, Unsettled } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { GitOperation } from '../git/git-operation.ts';
import { warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';

/** A snapshot of one root. */
export interface Snapshot {
  readonly root: string;
  /** The files, with the widget that each declares where it can be told. */
  readonly files: ReadonlyMap<string, WidgetId | null>;
  /** The fragments that the files extend, and those that they name in vain. */
  readonly fragments: { readonly there: ReadonlySet<string>; readonly missing: readonly string[] };
  /** Whether something was replaced while it was taken. */
  readonly isTorn: boolean;
  /** How long the youngest file still has to be left alone; 0 when all have come to rest. */
  readonly youngForMs: number;
  /** Files with conflict markers. */
  readonly conflicts: readonly string[];
  /** Milliseconds since 1970. */
  readonly changedAtMs: number;
  readonly operation: GitOperation | null;
}

/** A reason that comes up again and again holds a snapshot back for so long, and no longer. */
const longestUnsettledMs = { young: 2000, gone: 10_000, torn: 10_000, refilled: 60_000 };
type Reason = keyof typeof longestUnsettledMs;

/** A file that is gone is looked for once more, as long after as an atomic save may take. */
const goneMs = 200;
/**
 * Git holds its lock for as long as it writes, and leaves it behind when it is killed. All of this is
 * measured by our own clock from when a mark was first seen: that of the files may be another one.
 */
const staleLockMs = 60_000;
/** A checkout may last longer than that; then a file has changed of late. */
const quietTreeMs = 10_000;
/** Nothing is waited for longer, whatever goes on beside it. */
const longestOperationMs = 10 * 60_000;
/** Files that come back one by one are all back when none has come for this long. */
const refilledMs = 2000;

export class SettleDetector {
  readonly #clock: Clock;
  /** Since when, on the monotonic clock, each reason has come up again and again. */
  readonly #reasonSinceMs = new Map<Reason, number>();
  #believed: Pick<Snapshot, 'root' | 'files' | 'fragments'> | null = null;
  /** Files that are gone, and when that was first seen. */
  #missed: ReadonlyMap<string, number> = new Map();
  /** The mark that was seen last, and when it was first seen. */
  #mark: { readonly key: string; readonly firstMs: number } | null = null;
  /** The look of the files the last time that an operation was waited for, and since when. */
  #still: { readonly key: string; readonly sinceMs: number } | null = null;
  /** The files that were there before they were lost, while not all of them are back. */
  #lostFiles: Snapshot['files'] | null = null;
  #back: { readonly count: number; readonly sinceMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to wait before anything is read: git writes, and is not known to have given up. */
  beforeReading(operation: GitOperation | null): Unsettled | null {
    const ageMs = this.#ageOf(operation);
    if (operation?.kind !== 'lock' || ageMs >= staleLockMs) return null;
    this.#startAnew();
    return waitFor(operation, ageMs);
  }

  /** The directory is gone, or nothing is left in it. */
  lost(): void {
    this.#startAnew();
    this.#lostFiles ??= this.#believed?.files ?? null;
    this.#believed = null;
    this.#back = null;
  }

  /** Why the snapshot is not settled; null once it is believed. */
  unsettled(snapshot: Snapshot): Unsettled | null {
    const waiting = this.#unsettledByGit(snapshot);
    if (waiting !== null) {
      this.#startAnew();
      return waiting;
    }
    const waits = [
      this.#within('torn', snapshot.isTorn ? tornMs : 0),
      this.#within('young', snapshot.youngForMs),
      this.#within('refilled', this.#refillsForMs(snapshot)),
      this.#within('gone', this.#missesForMs(snapshot)),
    ];
    const retryInMs = Math.max(...waits);
    if (retryInMs > 0) return stillMoving(retryInMs);
    this.#missed = new Map();
    if (snapshot.files.size === 0) this.lost();
    else {
      this.#believed = snapshot;
      this.#lostFiles = null;
    }
    return null;
  }

  /** The finding about an operation that is no longer waited for. */
  remark({ operation }: Pick<Snapshot, 'operation'>): Finding | null {
    return operation === null ? null : staleMark(operation);
  }

  /** No snapshot is judged now: how long the reasons of the last one lasted says nothing of the next. */
  #startAnew(): void {
    this.#reasonSinceMs.clear();
  }

  #unsettledByGit({ operation, conflicts, changedAtMs, files }: Snapshot): Unsettled | null {
    if (operation === null) return null;
    const [conflict] = conflicts;
    if (operation.kind === 'halfway' && conflict !== undefined) {
      return halfMerged(operation, conflict, conflicts.length);
    }
    const ageMs = this.#ageOf(operation);
    const needsMs = operation.kind === 'lock' ? staleLockMs : quietTreeMs;
    const restedMs = this.#restsForMs(`${changedAtMs} ${files.size}`);
    const isStale = ageMs >= needsMs && restedMs >= quietTreeMs;
    return isStale || ageMs >= longestOperationMs ? null : waitFor(operation, ageMs);
  }

  /** How long the files have looked like this. */
  #restsForMs(key: string): number {
    const nowMs = this.#clock.monotonicMs();
    if (this.#still?.key !== key) this.#still = { key, sinceMs: nowMs };
    return nowMs - this.#still.sinceMs;
  }

  /** How long to wait for more of the files that were lost; 0 when none is missing. */
  #refillsForMs({ files }: Snapshot): number {
    const lost = this.#lostFiles;
    if (lost === null || files.size === 0) return 0;
    if (missingFrom(files, lost).length === 0) return 0;
    const nowMs = this.#clock.monotonicMs();
    if (this.#back?.count !== files.size) this.#back = { count: files.size, sinceMs: nowMs };
    return Math.max(0, this.#back.sinceMs + refilledMs - nowMs);
  }

  /** How long to wait for this reason; 0 where it does not hold, or has lasted too long. */
  #within(reason: Reason, waitMs: number): number {
    if (waitMs === 0) {
      this.#reasonSinceMs.delete(reason);
      return 0;
    }
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#reasonSinceMs.get(reason) ?? nowMs;
    this.#reasonSinceMs.set(reason, sinceMs);
    return Math.max(0, Math.min(Math.ceil(waitMs), sinceMs + longestUnsettledMs[reason] - nowMs));
  }

  /** How much longer to look for files that were there the time before; 0 when none is missed. */
  #missesForMs({ root, files, fragments }: Snapshot): number {
    const believed = this.#believed;
    // Another root is another tree: what was published with it was published at once.
    if (believed === null || believed.root !== root) return 0;
    const nowMs = this.#clock.monotonicMs();
    const lost = fragments.missing.filter((file) => believed.fragments.there.has(file));
    const missed = [...missingFrom(files, believed.files), ...lost];
    this.#missed = new Map(missed.map((path) => [path, this.#missed.get(path) ?? nowMs]));
    const waits = [...this.#missed.values()].map((sinceMs) => sinceMs + goneMs - nowMs);
    return waits.reduce((most, wait) => Math.max(most, wait), 0);
  }

  #ageOf(operation: GitOperation | null): number {
    if (operation === null) {
      this.#mark = null;
      this.#still = null;
      return 0;
    }
    const nowMs = this.#clock.monotonicMs();
    // One lock may follow another under the same name.
    const key = `${operation.path} ${operation.sinceMs}`;
    if (this.#mark?.key !== key) this.#mark = { key, firstMs: nowMs };
    return nowMs - this.#mark.firstMs;
  }
}

/**
 * The files that were there and no longer are. A file that was renamed is not missing: its widget is
 * declared.
 */
function missingFrom(files: Snapshot['files'], earlier: Snapshot['files']): string[] {
  const gone = [...earlier].filter(([path]) => !files.has(path));
  if (gone.length === 0) return [];
  const declared = new Set(files.values());
  return gone
    .filter(([, widgetId]) => widgetId === null || !declared.has(widgetId))
    .map(([path]) => path);
}

const tornMs = 100;

/** The root, or something in it, was replaced while it was read. */
export function stillMoving(retryInMs = tornMs): Unsettled {
  return { code: 'moving', message: 'the files are changing at the moment', retryInMs };
}

function waitFor({ kind, name, path }: GitOperation, ageMs: number): Unsettled {
  const retryInMs = Math.min(Math.max(Math.round(ageMs / 20), 100), 2000);
  // A git that was killed leaves its lock behind, and that lock is not worth waiting for.
  const advice = kind === 'lock' ? '; if no git is at work there, remove that file' : '';
  return { code: 'git', message: `${name} (${printable(path)})${advice}`, retryInMs };
}

function halfMerged({ name }: GitOperation, conflict: string, conflicts: number): Unsettled {
  const files =
    conflicts === 1
      ? `${printable(conflict)} has`
      : `${printable(conflict)} and ${count(conflicts - 1, 'more file')} have`;
  const message = `${name}, and ${files} conflict markers: finish or abort it`;
  return { code: 'git', message, retryInMs: null };
}

function staleMark({ kind, name, path }: GitOperation): Finding {
  const advice =
    kind === 'lock'
      ? `If no git is at work there, remove ${printable(path)}.`
      : `Finish or abort it (${printable(path)}).`;
  return warningAt(startOfFile, 'stale-lock', {
    summary: 'a git operation has stood still; it is no longer waited for',
    detail: `It says that ${name}. ${advice}`,
  });
}
