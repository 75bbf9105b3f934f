// A snapshot: what is applied and live of each widget at one moment, as far as that can be said without values.
// It is published, so that a plan can be made where no key may be. Types only.
import type { Json } from '../../base/json/json.ts';
import type { WidgetId } from '../widget.ts';

export interface Snapshot extends SnapshotOrigin {
  /** Sorted by file, then by widget id. */
  readonly widgets: readonly SnapshotWidget[];
}

export interface SnapshotOrigin {
  /** When what is live was read. */
  readonly time: Date;
  /** Of the program that took it. */
  readonly version: string;
  /** The commit that was checked out then, which has the values; null where none could be told. */
  readonly revision: string | null;
  /** Its name in the file of accounts; absent where the command line named the only one. */
  readonly account?: string;
  readonly values: SnapshotValues;
}

/**
 * `none`: not one; `declared`: of the fields that differ from what git declares, with all that people have put into
 * an object that git declares.
 */
export type SnapshotValues = 'none' | 'declared';

/** The places are JSON Pointers into the body. */
export interface SnapshotWidget {
  readonly widgetId: WidgetId;
  readonly file: string;
  /**
   * `hashSpec` of what the commit declares, which all places are told against; null where it is not the commit that
   * says what was applied, so that they are told against that.
   */
  readonly hash: string | null;
  /** The fields, by name, that were applied; null where nothing is recorded of it. */
  readonly declared: readonly string[] | null;
  /** Where somebody has changed it since. */
  readonly differs: readonly string[];
  /** Where the commit says otherwise than what was applied. */
  readonly pending: readonly string[];
  /** Those of both that live does not have. */
  readonly lacks: readonly string[];
  /** The fields, by name, that nobody declares and that are not empty. */
  readonly set: readonly string[];
  /** Fields, by name, that the API no longer speaks of. */
  readonly vanished: readonly string[];
  /** Values that may be told, by place: null, '', [] and {} always, others as `SnapshotValues` says. */
  readonly live: Readonly<Record<string, Json>>;
  readonly standing: Standing;
}

/** `unread`: it could not be read; `unusable`: it nests too deeply to be compared. */
export type Standing = (typeof standings)[number];

export const standings = ['read', 'absent', 'unread', 'unusable'] as const;
