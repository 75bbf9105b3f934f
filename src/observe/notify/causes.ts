// The newest status of an account → what people should hear of, as it stands now. Pure: whether it lasts, and
// who was told already, is for others.
import { oneLine } from '../../base/text.ts';
import type { Member, NotificationType, NotifiedWidget } from '../../model/notify/notification.ts';
import { refusalOf } from '../../status/refusal.ts';
import type {
  FailedStatus,
  Obstacle,
  ObstacleKind,
  StatusRecord,
} from '../../status/status-record.ts';
import type { AccountStatus, WidgetStatus } from '../../status/widget-status.ts';
import type { Work } from '../../sync/events.ts';

/** One thing that needs a hand, or that people asked to hear of. */
export interface Cause extends Member {
  readonly type: NotificationType;
  /** Null where that is not known. */
  readonly since: Date | null;
  /** The service may be to blame, which has hiccups that nobody need hear of. */
  readonly mayBeHiccup: boolean;
  /** A mistake in a fragment, which others may meet as well: it is told once. */
  readonly mistake?: string;
  /** Made when it is told: most causes are looked at many times, and told once. */
  readonly tell: () => Telling;
}

export interface Telling {
  /** What is so, of whatever it is about; one line. */
  readonly title: string;
  /** Why, and where to look. */
  readonly text: string;
  /** Null where the whole account is concerned. */
  readonly widget: NotifiedWidget | null;
  /** JSON Pointers. */
  readonly fields: readonly string[];
  /** Its name, where what is found is of several. */
  readonly account?: string;
}

export interface Found {
  /** By `Cause.key`. */
  readonly present: ReadonlyMap<string, Cause>;
  /** Widgets of which nothing can be said now, for they are on their way or wait for the service. */
  readonly undecided: ReadonlySet<string>;
  /** The service, the key or the API's limit keeps everything from being sent. */
  readonly isTroubled: boolean;
}

/** Holds no times, counts or ids of requests: what stays the same has the same cause. */
export function keyOf(type: NotificationType, subject: string | null, code: string | null) {
  return `${type} ${code ?? '-'} ${subject ?? '-'}`;
}

/** What the status alone does not tell. */
export interface Circumstances {
  /**
   * When the service was last in the way. Failures from before say more of it than of their widgets, which are
   * about to be tried again.
   */
  readonly troubledUntil: Date | null;
  /** What is to blame where a pass or a sweep failed by an answer, or for want of one. */
  readonly blamed: ReadonlyMap<Work, 'service' | 'key'>;
}

export function findCauses(
  { record, widgets }: AccountStatus,
  { troubledUntil, blamed }: Circumstances,
): Found {
  const present = new Map<string, Cause>();
  for (const obstacle of record?.obstacles ?? []) {
    const cause = causeOfObstacle(obstacle, blamed);
    // The worst comes first, and two may have one cause.
    if (!present.has(cause.key)) present.set(cause.key, cause);
  }
  const isTroubled = [...present.values()].some(({ type }) => troubles.has(type));
  const undecided = new Set<string>();
  const details = new Details(record);
  for (const widget of widgets) {
    const failed = widget.state === 'failed' ? details.failedOf(widget) : undefined;
    const isEarlier = failed !== undefined && failed.time <= (troubledUntil ?? neverSince);
    const isOfService = widget.state === 'failed' && refusalOf(failed) === null;
    if (widget.state === 'pending' || (isOfService && (isTroubled || isEarlier))) {
      undecided.add(widget.widgetId ?? widget.file);
      continue;
    }
    const cause = causeOfWidget(widget, details);
    if (cause !== null) present.set(cause.key, cause);
  }
  return { present, undecided, isTroubled };
}

const neverSince = new Date(Number.NEGATIVE_INFINITY);

const troubles: ReadonlySet<NotificationType> = new Set(['key.refused', 'service.down']);

export const obstacleWords = {
  key: { type: 'key.refused', title: 'The API refuses the key' },
  service: { type: 'service.down', title: 'The API is down' },
  limit: { type: 'service.down', title: 'The API takes no more requests' },
  pass: { type: 'pass.failed', title: 'No pass can be made' },
  changes: { type: 'plan.refused', title: 'A plan waits for an approval' },
  sweep: { type: 'pass.failed', title: 'What is live cannot be read' },
  'key-file': { type: 'pass.failed', title: 'The key file cannot be used' },
} as const satisfies Record<ObstacleKind, { type: NotificationType; title: string }>;

function causeOfObstacle({ by, says, since }: Obstacle, blamed: Circumstances['blamed']): Cause {
  const is = (by === 'pass' || by === 'sweep' ? blamed.get(by) : undefined) ?? by;
  const { type, title } = obstacleWords[is];
  return {
    ...{ key: keyOf(type, null, is), type, subject: null, since },
    mayBeHiccup: type === 'service.down',
    tell: () => ({ title, text: oneLine(says, longest.reason), widget: null, fields: [] }),
  };
}

/** What the record tells of a widget beside its state. */
class Details {
  readonly #failed: ReadonlyMap<string, FailedStatus>;
  readonly #drifted: ReadonlyMap<string, StatusRecord['drifted'][number]>;

  constructor(record: StatusRecord | null) {
    this.#failed = new Map(record?.failed.map((one) => [one.widgetId, one]));
    this.#drifted = new Map(record?.drifted.map((one) => [one.widgetId, one]));
  }

  failedOf({ widgetId }: WidgetStatus): FailedStatus | undefined {
    return this.#failed.get(widgetId ?? '');
  }

  driftedOf({ widgetId }: WidgetStatus) {
    return this.#drifted.get(widgetId ?? '');
  }
}

function causeOfWidget(widget: WidgetStatus, details: Details): Cause | null {
  switch (widget.state) {
    case 'failed': {
      const failed = details.failedOf(widget);
      const refusal = refusalOf(failed);
      const code = refusal === null ? 'unavailable' : String(refusal);
      return causeFor(widget, 'widget.failed', code, () => ({
        is: refusal === null ? 'cannot be written' : `was refused (${refusal})`,
        why: failed?.error ?? widget.reason,
        fields: widget.queued?.fields ?? [],
      }));
    }
    case 'held': {
      const cause = causeFor(widget, 'file.held', widget.code, () => ({ is: 'is held' }));
      if (widget.code !== 'broken-fragment' || widget.reason === null) return cause;
      return { ...cause, mistake: oneLine(widget.reason, longest.reason) };
    }
    case 'drifted': {
      const { why, fields = [] } = details.driftedOf(widget) ?? {};
      return why === 'fought-over'
        ? causeFor(widget, 'drift.fought-over', null, () => ({ is: 'is fought over', fields }))
        : causeFor(widget, 'drift.found', null, () => ({
            is: 'was changed in the dashboard',
            fields,
          }));
    }
    case 'orphaned':
      return causeFor(widget, 'widget.orphaned', null, () => ({ is: 'has no file any more' }));
    case 'pending':
    case 'suspended':
    case 'applied':
      return null;
  }
}

interface Words {
  /** Continues the widget's name. */
  readonly is: string;
  /** Default: the widget's own reason. */
  readonly why?: string | null;
  readonly fields?: readonly string[];
}

function causeFor(
  widget: WidgetStatus,
  type: NotificationType,
  code: string | null,
  words: () => Words,
): Cause {
  const subject = widget.widgetId ?? widget.file;
  return {
    ...{ key: keyOf(type, subject, code), type, subject, since: widget.since },
    mayBeHiccup: code === 'unavailable',
    tell: () => tellOf(widget, words()),
  };
}

function tellOf({ widgetId, file, name, line, reason }: WidgetStatus, words: Words): Telling {
  const why = oneLine(words.why ?? reason ?? '', longest.reason).replace(/\.$/, '');
  const at = oneLine(file, longest.reason);
  const place = line === null ? at : `${at}, line ${line}`;
  return {
    title: `${oneLine(name ?? file, longest.name)} ${words.is}`,
    text: why === '' ? `${place}.` : `${why} (${place}).`,
    widget: { widgetId, file, name },
    fields: words.fields ?? [],
  };
}

/** Characters. */
const longest = { name: 80, reason: 300 };
