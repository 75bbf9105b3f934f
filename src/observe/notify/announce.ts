// Causes → the messages that tell of them: each its own, or of many of one type a single one. Pure.
import { count } from '../../base/text.ts';
import {
  type Announcement,
  type Notification,
  type NotificationType,
  severityOf,
} from '../../model/notify/notification.ts';
import { sha256 } from '../../model/widget.ts';
import type { Cause } from './causes.ts';

/** What every message has beside its cause. */
export interface Occasion {
  readonly now: Date;
  readonly newId: () => string;
  readonly commit: Notification['commit'];
  readonly source: Notification['source'];
}

/** More of one type at once are one message, which names so many. */
export const mostApart = 5;

/** The causes have one type. */
export function announce(causes: readonly Cause[], occasion: Occasion): Announcement[] {
  const groups = causes.length > mostApart ? [causes] : byMistake(causes);
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const told = group.length === 1 ? oneWords(first) : manyWords(first.type, group);
    const message = messageFor(first.type, 'raised', { ...told, occasion });
    const members = group.map(({ key, subject }) => ({ key, subject }));
    return [{ message, since: earliest(group, occasion.now), members, isTold: false }];
  });
}

/** In their order; most have none in common. */
function byMistake(causes: readonly Cause[]): Cause[][] {
  const groups = new Map<string, Cause[]>();
  for (const cause of causes) {
    const key = JSON.stringify(cause.mistake ?? [cause.key]);
    groups.set(key, [...(groups.get(key) ?? []), cause]);
  }
  return [...groups.values()];
}

function earliest(group: readonly Cause[], now: Date): Date {
  return group.reduce((found, { since }) => (since !== null && since < found ? since : found), now);
}

interface Words
  extends Pick<Notification, 'cause' | 'title' | 'text' | 'count' | 'widgets' | 'fields'> {
  /** That it is about, where not all that is told is of one account. */
  readonly account?: string | undefined;
}

function oneWords({ key, tell }: Cause): Words {
  const { widget, ...told } = tell();
  return { ...told, cause: sha256(key), count: 1, widgets: widget === null ? [] : [widget] };
}

function manyWords(type: NotificationType, group: readonly Cause[]): Words {
  const named = group.slice(0, mostApart).map(({ tell }) => tell());
  const more = group.length - named.length;
  const [first] = group;
  const isOne = first?.mistake !== undefined && byMistake(group).length === 1;
  const lines = isOne
    ? [`${first.mistake}:`, ...named.map(({ title, widget }) => widget?.file ?? title)]
    : named.map(({ title, text }) => `${title}: ${text}`);
  return {
    cause: sha256(JSON.stringify([type, group.map(({ key }) => key).sort()])),
    title: manyTitle(type, group.length),
    text: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    count: group.length,
    widgets: named.flatMap(({ widget }) => widget ?? []),
    fields: [],
  };
}

function manyTitle(type: NotificationType, many: number): string {
  const what = type === 'account.unfollowed' ? 'account' : 'widget';
  return `${count(many, what)} ${manyWere[type] ?? 'need a hand'}`;
}

const manyWere: { readonly [type in NotificationType]?: string } = {
  'widget.failed': 'failed',
  'file.held': 'are held',
  'drift.found': 'were changed in the dashboard',
  'drift.fought-over': 'are fought over',
  'widget.orphaned': 'have no file any more',
  'account.unfollowed': 'are not followed',
};

interface Facts extends Words {
  readonly occasion: Occasion;
  readonly ends?: readonly string[];
}

export function messageFor(
  type: NotificationType,
  state: Notification['state'],
  { occasion, ends = [], account, ...words }: Facts,
): Notification {
  const { now, newId, commit } = occasion;
  const what = { id: newId(), type, state, severity: severityOf[type], time: now };
  const source = { ...occasion.source, ...(account !== undefined && { account }) };
  return { ...what, ends, ...words, commit, source };
}

/** An announcement, and since when it has been over. */
export interface Over {
  readonly one: Announcement;
  readonly endedAt: Date;
  /** Default: how long it lasted. */
  readonly why?: string;
}

/** Of one type: a message for each, or a single one for all. */
export function announceEnds(over: readonly Over[], occasion: Occasion): Announcement[] {
  if (over.length <= mostApart) return over.map((one) => ended([one], occasion));
  return [ended(over, occasion)];
}

function ended(over: readonly Over[], occasion: Occasion): Announcement {
  const [first] = over;
  if (first === undefined) throw new Error('nothing is over');
  const { message, since } = first.one;
  const { why = `It lasted ${lasted(since, first.endedAt)}.` } = first;
  const account = over.length === 1 ? message.source.account : undefined;
  const ends = over.map(({ one }) => one.message.cause);
  const all = over.reduce((sum, { one }) => sum + one.message.count, 0);
  const words =
    over.length === 1
      ? { ...message, text: why }
      : {
          ...message,
          cause: sha256(JSON.stringify([message.type, [...ends].sort()])),
          title: manyTitle(message.type, all),
          text: over
            .slice(0, mostApart)
            .map(({ one }) => one.message.title)
            .join('\n'),
          count: all,
          widgets: over.flatMap(({ one }) => one.message.widgets).slice(0, mostApart),
          fields: [],
        };
  const { cause, text, count: amount, widgets, fields } = words;
  const told = { cause, title: `Resolved: ${words.title}`, text, count: amount, widgets, fields };
  return {
    message: messageFor(message.type, 'cleared', { ...told, account, ends, occasion }),
    since,
    members: [],
    isTold: false,
  };
}

/** The same once more: it lasts. Who was told of it stays told, whatever becomes of this message. */
export function announceAgain(one: Announcement, { now, newId }: Occasion): Announcement {
  const { message, since } = one;
  const lasts = `It has lasted ${lasted(since, now)}.`;
  const [text = ''] = message.text.split(`\n${lastedMark}`);
  return {
    ...one,
    message: { ...message, id: newId(), time: now, text: `${text}\n${lasts}` },
  };
}

const lastedMark = 'It has lasted ';

/** `12 minutes`: whole units, the largest that there is more than one of. */
function lasted(since: Date, until: Date): string {
  const seconds = Math.max(0, Math.round((until.getTime() - since.getTime()) / 1000));
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ] as const;
  const unit = units.find(([length]) => seconds >= 2 * length);
  return unit === undefined
    ? count(seconds, 'second')
    : count(Math.floor(seconds / unit[0]), unit[1]);
}
