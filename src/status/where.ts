// What has become of a commit: whether what it brought is live, and if not, why. Pure.
import { type AppliedRecord, isConfirmed } from '../model/applied-record.ts';
import type { BroughtFile, Standing } from '../model/commit.ts';
import type { StatusRecord } from './status-record.ts';
import type { AccountStatus, WidgetStatus } from './widget-status.ts';

/**
 * `live`: the API has confirmed it. `superseded`: a later content has taken its place. `waits`: it is to be
 * sent. `removed`: the commit has removed the file; the widget stays as it is.
 */
export const whereStates = [
  'failed',
  'held',
  'waits',
  'suspended',
  'removed',
  'superseded',
  'live',
] as const;

export type WhereState = (typeof whereStates)[number];

export interface WidgetWhere {
  readonly widgetId: string | null;
  readonly file: string;
  readonly state: WhereState;
  /** Nothing more is to come of it: it is live, or something later is, or nothing is meant to be sent. */
  readonly isDone: boolean;
  /** It is not done, and only a person changes that. */
  readonly isStuck: boolean;
  readonly since: Date | null;
  /** For people; null where there is nothing to add. */
  readonly reason: string | null;
  /** A problem code, or the code of a held file. */
  readonly code: string | null;
  readonly line: number | null;
  /** The commit whose content is live now; null where that is not known, or nothing was ever applied. */
  readonly revision: string | null;
}

export interface Where {
  /** Whether the last pass saw the commit, or a later one; `unknown` where this cannot be told. */
  readonly seen: 'yes' | 'no' | 'unknown';
  /** Sorted by state, worst first, then by file. */
  readonly widgets: readonly WidgetWhere[];
}

export interface Known {
  readonly records: ReadonlyMap<string, AppliedRecord>;
  readonly account: AccountStatus;
  /** How a commit stands to the one that is asked for. */
  readonly standingOf: (revision: string) => Standing;
}

export function whereIs(files: readonly BroughtFile[], known: Known): Where {
  const { record } = known.account;
  const pass = passAt(record, known);
  const findings = findingsIn(known.account);
  const widgets = files.map((file) => {
    const { widgetId } = file;
    const applied = widgetId === null ? null : (known.records.get(widgetId) ?? null);
    const place = { widgetId, file: file.file, revision: applied?.revision ?? null };
    return { ...place, ...fateOf(file, { ...known, ...pass, applied, findings }) };
  });
  return { seen: pass.seen, widgets: widgets.sort(byStateAndFile) };
}

interface Pass {
  readonly seen: Where['seen'];
  /** Beside the commit; null where no pass, or none of a known commit, was recorded. */
  readonly standing: Standing | null;
  readonly revision: string | null;
}

function passAt(record: StatusRecord | null, { standingOf }: Known): Pass {
  if (record === null || record.time === null) {
    return { seen: 'no', standing: null, revision: null };
  }
  const { revision } = record;
  if (revision === null) return { seen: 'unknown', standing: null, revision };
  const standing = standingOf(revision);
  const seen = standing === 'unknown' ? 'unknown' : standing === 'other' ? 'no' : 'yes';
  return { seen, standing, revision };
}

type Fate = Omit<WidgetWhere, 'widgetId' | 'file' | 'revision'>;

type Facts = Known & Pass & { readonly applied: AppliedRecord | null; readonly findings: Findings };

//  the first that holds
//  ─────────────────────────────────────────────────────────────────────────────────────
//  the content is the applied one, and confirmed            live
//  what is applied came with a later commit, or an edit     superseded
//  the last pass has not seen the commit                    waits
//  the last pass has found something of the widget          as it found
//  the last pass was of a later commit                      superseded: by what is applied
//  the content itself cannot be sent                        held, suspended
//  otherwise                                                waits
function fateOf(file: BroughtFile, facts: Facts): Fate {
  const { applied, standing, seen } = facts;
  const { content } = file;
  const finding = findingOf(file, facts.findings);
  if (content.kind === 'removed') return removed(finding, facts);
  if (applied !== null && content.kind === 'declared' && isLive(applied, content.hash)) {
    const isMoved = finding?.state === 'drifted';
    return { ...done('live', applied.appliedAt), reason: isMoved ? finding.reason : null };
  }
  if (applied !== null && isLater(applied, facts)) {
    return { ...done('superseded', applied.appliedAt), reason: byLater(applied) };
  }
  if (seen === 'no') return waits(notSeen(facts));
  if (finding !== null) return asFound(finding, standing);
  if (standing === 'later') {
    const reason =
      applied === null ? 'its file is gone since' : 'a later commit declares again what is live';
    return { ...done('superseded', applied?.appliedAt ?? null), reason };
  }
  if (content.kind === 'suspended') return { ...done('suspended', null), reason: content.message };
  if (content.kind === 'broken') {
    const { code, line, message } = content;
    return { ...stuck('held'), reason: message, code, line };
  }
  return waits(otherContent(facts));
}

function isLive(applied: AppliedRecord, hash: string): boolean {
  return applied.hash === hash && isConfirmed(applied) && applied.isGone !== true;
}

/** An edit on top of the commit is later, too. */
function isLater({ revision, isEdited }: AppliedRecord, { standingOf }: Facts): boolean {
  if (revision === null) return false;
  const standing = standingOf(revision);
  return standing === 'later' || (standing === 'same' && isEdited === true);
}

function byLater({ revision, isEdited }: AppliedRecord): string {
  return `by ${revision?.slice(0, 8)}${isEdited ? '+edited' : ''}, which is live`;
}

function removed(finding: WidgetStatus | null, facts: Facts): Fate {
  const reason = 'its file was removed; the widget stays as it is';
  if (facts.seen === 'no') return { ...open('removed'), reason: notSeen(facts) };
  return { ...done('removed', finding?.state === 'orphaned' ? finding.since : null), reason };
}

function asFound(
  { state, reason, code, line, since, queued }: WidgetStatus,
  standing: Standing | null,
): Fate {
  const found = { reason, code, line, since };
  switch (state) {
    case 'failed':
      return { ...(queued === null ? stuck(state) : open(state)), ...found };
    case 'held':
      return { ...(code === 'changing-file' ? open(state) : stuck(state)), ...found };
    case 'suspended':
      return { ...done(state, since), ...found };
    case 'orphaned':
      return standing === 'later'
        ? { ...done('superseded', since), reason: 'its file is gone since' }
        : waits('the last pass found no file of it: was it removed and not committed?');
    case 'pending':
    case 'drifted':
    case 'applied':
      return { ...waits(reason), since: queued?.since ?? since };
  }
}

/** What the last pass found, by widget and by file; not that a widget was applied once. */
interface Findings {
  readonly byId: ReadonlyMap<string | null, WidgetStatus>;
  readonly byFile: ReadonlyMap<string, WidgetStatus>;
}

function findingsIn({ widgets }: AccountStatus): Findings {
  const found = widgets.filter(({ state }) => state !== 'applied');
  return {
    byId: new Map(found.map((widget) => [widget.widgetId, widget])),
    byFile: new Map(found.map((widget) => [widget.file, widget])),
  };
}

function findingOf({ widgetId, file }: BroughtFile, { byId, byFile }: Findings) {
  const ofFile = byFile.get(file) ?? null;
  if (widgetId === null || ofFile?.widgetId === widgetId) return ofFile;
  return byId.get(widgetId) ?? (ofFile?.widgetId === null ? ofFile : null);
}

function notSeen({ account, revision }: Facts): string {
  if (account.record?.time == null) return 'no pass was made here yet';
  return `the last pass has not seen this commit: it was at ${revision?.slice(0, 8) ?? 'none'}`;
}

function otherContent({ applied, standing, revision }: Facts): string {
  if (applied !== null && !isConfirmed(applied)) return 'its write is not confirmed yet';
  if (standing === 'same') {
    return 'the last pass of this commit found another content: the file is edited, or another directory is watched';
  }
  return revision === null
    ? 'another content is live, and it is not known of which commit the files are'
    : `another content is live, of ${revision.slice(0, 8)}, which this clone does not tell apart from it`;
}

const nothing = { reason: null, code: null, line: null };

function done(state: WhereState, since: Date | null): Fate {
  return { ...nothing, state, isDone: true, isStuck: false, since };
}

function open(state: WhereState): Fate {
  return { ...nothing, state, isDone: false, isStuck: false, since: null };
}

function stuck(state: WhereState): Fate {
  return { ...open(state), isStuck: true };
}

function waits(reason: string | null): Fate {
  return { ...open('waits'), reason };
}

/** Whether to wait longer is in vain: nothing of it is on its way, and something is stuck. */
export function isInVain({ seen, widgets }: Where): boolean {
  const left = widgets.filter(({ isDone }) => !isDone);
  return seen === 'yes' && left.length > 0 && left.every(({ isStuck }) => isStuck);
}

function byStateAndFile(a: WidgetWhere, b: WidgetWhere): number {
  if (a.state !== b.state) return whereStates.indexOf(a.state) - whereStates.indexOf(b.state);
  return a.file < b.file ? -1 : 1;
}
