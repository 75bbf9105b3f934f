// What is told to people who do not watch: a message, and how it is written as JSON.
import type { JsonObject } from '../../base/json/json.ts';
import type { Commit } from '../commit.ts';

export const severities = ['info', 'warning', 'error'] as const;

/** From the least to the worst. */
export type Severity = (typeof severities)[number];

/** Every type of message and how bad it is. */
export const severityOf = {
  'widgets.applied': 'info',
  'widget.failed': 'error',
  'file.held': 'warning',
  'drift.found': 'info',
  'drift.fought-over': 'warning',
  'widget.orphaned': 'info',
  'plan.refused': 'warning',
  'key.refused': 'error',
  'service.down': 'error',
  'pass.failed': 'error',
  'account.unfollowed': 'error',
  'accounts-file.refused': 'warning',
} as const satisfies Record<string, Severity>;

export type NotificationType = keyof typeof severityOf;

export const notificationTypes = Object.keys(severityOf) as readonly NotificationType[];

/** Sent only where a target asks for them by name. */
export const quietTypes: readonly NotificationType[] = ['widgets.applied'];

export const notificationStates = ['raised', 'cleared', 'happened'] as const;

/** `raised`: it began, or lasts (`--notify-again`); `cleared`: it is over; `happened`: it has no end. */
export type NotificationState = (typeof notificationStates)[number];

export interface NotifiedWidget {
  readonly widgetId: string | null;
  readonly file: string;
  readonly name: string | null;
}

/** Where a message comes from. */
export interface Source {
  /** Where one process follows several: the name of the account. */
  readonly account?: string;
  readonly directory: string;
  readonly host: string;
}

export interface Notification {
  /** The same in every try to deliver it. */
  readonly id: string;
  readonly type: NotificationType;
  readonly state: NotificationState;
  readonly severity: Severity;
  readonly time: Date;
  /** A hash of what it is about: its type, its widget and a code; of several widgets, of all of theirs. */
  readonly cause: string;
  /** The causes of earlier messages that are over; empty unless `cleared`. */
  readonly ends: readonly string[];
  /** One line. */
  readonly title: string;
  /** Lines of plain text. */
  readonly text: string;
  /** Of widgets, of files where no widget is named, or of accounts that are not followed. */
  readonly count: number;
  /** The first few. */
  readonly widgets: readonly NotifiedWidget[];
  /** JSON Pointers. */
  readonly fields: readonly string[];
  readonly commit: Commit | null;
  readonly source: Source;
  /** It tells of nothing: somebody tries whether messages arrive. */
  readonly isTest?: true;
}

/** A cause that was told and of which it was not told yet that it is over. */
export interface Announcement {
  /** The message that was made last of it. */
  readonly message: Notification;
  /** When it began. */
  readonly since: Date;
  /** What it is about: one, or several that were told together. It is over when all of them are. */
  readonly members: readonly Member[];
  /** Whether a target took a message of it: this one, or an earlier one that this one repeats. */
  readonly isTold: boolean;
}

export interface Member {
  /** The cause as text; `Notification.cause` is its hash. */
  readonly key: string;
  /** The widget's id, or its file; null where the whole account is concerned. */
  readonly subject: string | null;
}

/** The message as webhooks get it and as it is kept. */
export function notificationJson(message: Notification): JsonObject {
  const { id, type, state, severity, time, cause, ends, title, text, count } = message;
  const { widgets, fields, commit, source } = message;
  const { account, ...from } = source;
  return {
    format_version: '1.0',
    ...(account !== undefined && { account }),
    ...{ id, type, state, severity, time: time.toISOString(), cause, ends: [...ends] },
    ...{ title, text, count },
    widgets: widgets.map(({ widgetId, file, name }) => ({ widget_id: widgetId, file, name })),
    fields: fields.map((path) => ({ path })),
    commit: commit && { ...commit, time: commit.time.toISOString() },
    source: from,
    test: message.isTest === true,
  };
}
