// The whole status of an account as JSON: what `status --json` prints and `/status.json` answers.
import type { Json, JsonObject } from '../base/json/json.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import { unknownAccount } from './account-status.ts';
import type { DaemonState } from './daemon-state.ts';
import { statusJson } from './status-json.ts';
import type { AccountStatus, WidgetStatus } from './widget-status.ts';

export interface Told {
  readonly records: readonly AppliedRecord[];
  readonly account: AccountStatus;
  /** The process that holds the state; null for none. */
  readonly holder: object | null;
  readonly daemon: DaemonState;
  /** The version of widget-sync that tells. */
  readonly version: string;
  readonly now: Date;
}

/** Of an account of which no process has left anything. */
export const nothingLeft = {
  ...{ records: [], account: unknownAccount, holder: null },
  daemon: 'none',
} as const satisfies Partial<Told>;

const noPass = {
  ...{ time: null, command: null, directory: null, revision: null, commit: null, source: null },
  ...{ files: null, unseen: [] },
  ...{ obstacles: [], waiting: null, api_rate: null, refused_checksum: null, blind: null },
  ...{ lifetime: null, queue: [], blocked: null, pending: null },
};
const noFindings = { held: [], failed: [], drifted: [], orphaned: [], kept: [] };

export function accountJson(told: Told) {
  return {
    ...accountFrame(told),
    applied: inOrder(told.records).map(appliedJson),
    widgets: told.account.widgets.map(widgetJson),
  };
}

/** All of it but the two lists that have an entry for each widget: those are empty. */
export function accountFrame({ records, account, holder, daemon, version, now }: Told) {
  const { record, counts } = account;
  const found = record === null ? { ...noPass, ...noFindings } : statusJson(record);
  const {
    held = [],
    failed = [],
    drifted = [],
    orphaned = [],
    kept = [],
    ...pass
  }: JsonObject = found;
  return {
    ...{ format_version: '1.0', version, asked_at: now.toISOString() },
    ...pass,
    ...{ process: holder, daemon, applied: [], held, failed, drifted, orphaned, kept, widgets: [] },
    summary: {
      applied: records.length,
      ...{ held: lengthOf(held), failed: lengthOf(failed), drifted: lengthOf(drifted) },
      ...{ orphaned: lengthOf(orphaned), kept: lengthOf(kept) },
      states: counts,
    },
  };
}

/** As `applied` lists them. */
export function inOrder(records: readonly AppliedRecord[]): AppliedRecord[] {
  return [...records].sort(byFile);
}

function lengthOf(list: Json): number {
  return Array.isArray(list) ? list.length : 0;
}

/** An entry of `applied`. */
export function appliedJson({
  widgetId,
  file,
  hash,
  revision,
  isEdited,
  appliedAt,
}: AppliedRecord) {
  const applied_at = appliedAt.toISOString();
  const edited = isEdited && { edited: true };
  return { widget_id: widgetId, file, hash, revision, ...edited, applied_at };
}

/** An entry of `widgets`. */
export function widgetJson(widget: WidgetStatus) {
  const { widgetId, file, name, widgetType, state, reason, code, line, revision } = widget;
  return {
    ...{ widget_id: widgetId, file, name, widget_type: widgetType, state, reason, code, line },
    since: widget.since?.toISOString() ?? null,
    until: widget.until?.toISOString() ?? null,
    applied_at: widget.appliedAt?.toISOString() ?? null,
    revision,
    ...(widget.isEdited && { edited: true }),
  };
}

function byFile(a: AppliedRecord, b: AppliedRecord): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.widgetId < b.widgetId ? -1 : 1;
}
