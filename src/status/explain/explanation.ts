// Where a widget stands on its way from a file to live: the gates in order, and the one that it stands at.
// Types only.
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { DaemonState } from '../daemon-state.ts';
import type { StatusRecord } from '../status-record.ts';
import type { WidgetStatus } from '../widget-status.ts';

/** In the order in which content passes them. `daemon` is none of the widget's, and stands before all. */
export const gateNames = [
  'daemon',
  'files',
  'read',
  'valid',
  'alone',
  'suspended',
  'account',
  'applied',
  'live',
  'drift',
  'limit',
  'queue',
  'rate',
  'service',
  'key',
  'sent',
  'answered',
  'confirmed',
  'seen',
] as const;

export type GateName = (typeof gateNames)[number];

/** `waits`: ends by itself. `stopped`: wants somebody. `unknown`: what is recorded does not tell. */
export type GateState = 'passed' | 'waits' | 'stopped' | 'unknown' | 'not-reached';

export interface Gate {
  readonly gate: GateName;
  readonly state: GateState;
  /** For people, without a full stop. */
  readonly says: string;
  /** When it opens by itself, where that is known. */
  readonly until: Date | null;
  /** What to do about it, with the exact command where there is one; null: nothing. */
  readonly act: string | null;
  /** Something is to be mended, and not merely meant so. */
  readonly isToMend: boolean;
}

/** Null as gate: the content of the file is live, as far as is recorded. */
export interface Verdict extends Omit<Gate, 'gate'> {
  readonly gate: GateName | null;
}

/** The content that is live, as far as it was sent from here. */
export interface LiveContent {
  readonly since: Date;
  readonly revision: string | null;
  /** Only where true: the file was not as that commit has it. */
  readonly isEdited?: true;
  /** Whether it was written, or found so in the account. */
  readonly cameBy: 'write' | 'adoption';
}

export interface Explanation {
  readonly widgetId: string | null;
  readonly file: string;
  readonly name: string | null;
  /** Null where nothing was ever applied. */
  readonly live: LiveContent | null;
  readonly verdict: Verdict;
  readonly gates: readonly Gate[];
  readonly daemon: DaemonState;
  /** When the last pass succeeded, which all this is of; null: none is recorded. */
  readonly asOf: Date | null;
}

/** The last line of the history that tells of the widget. */
export interface LastWrite {
  readonly time: Date;
  readonly reason: string;
  readonly hash: string;
  readonly fields: readonly string[];
  readonly attempts: number;
}

/** A widget that was found, or, with nothing but a file, one that was asked for and is not known. */
export type Subject = Pick<WidgetStatus, 'widgetId' | 'file' | 'name'>;

export interface Asked {
  readonly widget: Subject;
  readonly record: StatusRecord | null;
  readonly applied: AppliedRecord | null;
  /** Null: none, or none that is known. */
  readonly lastWrite: LastWrite | null;
  readonly daemon: DaemonState;
  /** Whether a process has the state, such as a daemon that is `gone` since it hangs. */
  readonly isHeld: boolean;
  readonly now: Date;
  readonly command: TypedCommand;
}

/** Those that are advised somewhere. */
export type AdvisedCommand =
  | 'apply'
  | 'explain'
  | 'forget'
  | 'import'
  | 'plan'
  | 'run'
  | 'status'
  | 'validate';

/** A command of this program as it is to be typed here: each word is one word for the shell as well. */
export type TypedCommand = (name: AdvisedCommand, ...words: readonly string[]) => string;
