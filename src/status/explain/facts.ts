// What the record of an account says of one widget, brought together for its gates.
import type {
  DriftedStatus,
  FailedStatus,
  HeldStatus,
  Obstacle,
  ObstacleKind,
  QueuedStatus,
  StatusRecord,
  UnappliedStatus,
} from '../status-record.ts';
import type { Asked, Gate } from './explanation.ts';

export interface Facts extends Asked {
  readonly held: HeldStatus | null;
  readonly failed: FailedStatus | null;
  readonly queued: QueuedStatus | null;
  readonly drifted: DriftedStatus | null;
  readonly kept: UnappliedStatus | null;
  /** The file was read, and something keeps a plan from being made of it. */
  readonly isUnplanned: boolean;
  readonly isOrphaned: boolean;
  readonly isUnseen: boolean;
  /** Nothing of the file is still to come to the account. */
  readonly isSettled: boolean;
  readonly obstacle: (by: ObstacleKind) => Obstacle | null;
}

export function factsOf(asked: Asked): Facts {
  const { record, widget } = asked;
  const find = <One extends Placed>(list: readonly One[] | undefined) => ours(widget, list ?? []);
  const held = find(record?.held);
  const failed = find(record?.failed);
  const queued = find(record?.queue.filter(isToChange));
  const drifted = find(record?.drifted);
  const isOrphaned = held === null && find(record?.orphaned) !== null;
  const isOpen = [held, failed, queued, drifted].some((one) => one !== null);
  return {
    ...asked,
    ...{ held, failed, queued, drifted, isOrphaned },
    isUnplanned: queued?.phase === 'unplanned',
    kept: find(record?.kept),
    isUnseen: record?.unseen.includes(widget.widgetId ?? '') ?? false,
    isSettled: !isOpen && !isOrphaned,
    obstacle: (by) => obstacleOf(record, by),
  };
}

interface Placed {
  readonly widgetId: string | null;
  readonly file: string;
}

/** Of two files that declare one widget, what is said of the very file. */
function ours<One extends Placed>({ widgetId, file }: Placed, list: readonly One[]): One | null {
  const isOurs = (one: Placed) =>
    widgetId === null || one.widgetId === null ? one.file === file : one.widgetId === widgetId;
  const found = list.filter(isOurs);
  return found.find((one) => one.file === file) ?? found[0] ?? null;
}

/** What is sent again alters nothing: the widget is as git declares it. */
function isToChange({ reason, fields }: QueuedStatus): boolean {
  return reason !== 'forced' || fields.length > 0;
}

/** The directory as a word of a command: none where none is known, which means the usual one. */
export function directoryOf(record: StatusRecord | null): string[] {
  return record === null ? [] : [record.directory];
}

function obstacleOf(record: StatusRecord | null, by: ObstacleKind): Obstacle | null {
  return record?.obstacles.find((one) => one.by === by) ?? null;
}

export const noPlanYet = 'no plan could be made of it yet';

/** What a gate comes to, without its name. */
export type Answer = Omit<Gate, 'gate'>;

const nothing = { until: null, act: null, isToMend: false } as const;

export function passed(says: string): Answer {
  return { state: 'passed', says, ...nothing };
}

export function unknown(says: string, act: string | null = null): Answer {
  return { state: 'unknown', says, ...nothing, act };
}

export function notReached(says = ''): Answer {
  return { state: 'not-reached', says, ...nothing };
}

export function waits(says: string, until: Date | null = null, act: string | null = null): Answer {
  return { state: 'waits', says, until, act, isToMend: false };
}

/** Something to mend. */
export function stopped(says: string, act: string): Answer {
  return { state: 'stopped', says, until: null, act, isToMend: true };
}

/** Meant so by somebody, who alone ends it. */
export function stoppedOnPurpose(says: string, act: string): Answer {
  return { ...stopped(says, act), isToMend: false };
}

/** `14:02:11Z`, or, of another day, with the day: to be found so in the log. */
export function timeText(time: Date, now: Date): string {
  const text = time.toISOString().replace(/\.\d+Z$/, 'Z');
  return text.slice(0, 10) === now.toISOString().slice(0, 10) ? text.slice(11) : text;
}

interface Origin {
  readonly revision: string | null;
  readonly isEdited?: true;
}

/** A commit as people read it, and whether the file was as it has it; `''` where none is known. */
export function fromRevision({ revision, isEdited }: Origin): string {
  return revision === null ? '' : ` from ${revision.slice(0, 8)}${isEdited ? '+edited' : ''}`;
}
