// Fields that unconfirmed writes have set and the file does not declare are set back where a read shows that
// one landed. Any other value there is not ours to touch.
import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { WidgetDocument } from '../../model/document.ts';
import { isIgnored, keepIgnored } from '../../model/ignored-fields.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { isShownAs } from '../../model/unapplied-fields.ts';
import { omitFields, ownValue, sameValue } from '../../model/value-at.ts';
import { isEmpty, settableFields } from '../../model/widget-fields.ts';
import type { SentValues, Unconfirmed } from '../../model/write-trail.ts';
import { mayHideUnconfirmed } from './read-through.ts';

interface States {
  readonly document: Pick<WidgetDocument, 'spec' | 'sync'>;
  readonly applied: Pick<AppliedRecord, 'trail'> | null;
  /** Null: unknown. */
  readonly live: LiveWidget | null;
}

/** The values to look for in the read that a write is laid upon, since this one does not tell. */
export function possiblyLeft(states: States): SentValues {
  const { document, applied } = states;
  if (applied?.trail.state !== 'unconfirmed' || isSeen(states)) return {};
  const { sent } = applied.trail;
  return Object.fromEntries(
    Object.entries(sent).filter(([name]) => !Object.hasOwn(document.spec, name)),
  );
}

/**
 * The fields, by name, that are to be set back: the read shows that a write landed, or may be too early
 * for that and shows what could not be sent to put it back.
 */
export function leftBehind(states: States): string[] {
  const { document, applied, live } = states;
  if (live === null || applied?.trail.state !== 'unconfirmed') return [];
  const { trail } = applied;
  const landed = landedFields(trail.sent, live.body, document.sync.ignore).filter(
    (name) => !stoodBefore(name, trail, live.body),
  );
  return isSeen(states) ? landed : [...landed, ...unsettable(trail.sent, live.body)];
}

/**
 * The fields, by name, that an unconfirmed write may have set and that hold something else by now, which is not
 * what stood there before either: somebody has changed them since, and they stay so.
 */
export function leftToDashboard(states: Required<States>): string[] {
  const { document, applied, live } = states;
  if (live === null || applied?.trail.state !== 'unconfirmed' || !isSeen(states)) return [];
  const { sent, before } = applied.trail;
  const landed = landedFields(sent, live.body, document.sync.ignore);
  return Object.keys(sent).filter((name) => {
    const value = ownValue(live.body, name);
    const isSaid = Object.hasOwn(document.spec, name) || landed.includes(name);
    if (isSaid || value === undefined || isEmpty(name, value)) return false;
    return !isIgnored(`/${name}`, document.sync.ignore) && !sameValue(before[name], value);
  });
}

/** The fields that a write upon `base` sets back, of those that are possibly left. */
export function fieldsLeft(
  sent: SentValues,
  base: JsonObject,
  ignore: readonly string[],
): string[] {
  return [...landedFields(sent, base, ignore), ...unsettable(sent, base)];
}

/** The fields for which the read holds nothing that could be sent to put them back. */
function unsettable(sent: SentValues, body: JsonObject): string[] {
  return Object.keys(omitFields(sent, settableFields(body)));
}

/** Whether the read shows what is live for certain. */
export function isSeen({ applied, live }: Pick<States, 'applied' | 'live'>): boolean {
  return live !== null && (applied === null || !mayHideUnconfirmed(applied.trail, live.readAtMs));
}

/** The fields that hold what was sent to them. What is ignored was sent as the dashboard had it. */
function landedFields(sent: SentValues, body: JsonObject, ignore: readonly string[]): string[] {
  return Object.entries(sent)
    .filter(([name, values]) =>
      values.some((value) => {
        const composed = keepIgnored({ [name]: value }, body, ignore);
        return isShownAs(ownValue(composed, name), ownValue(body, name));
      }),
    )
    .map(([name]) => name);
}

/** Whether it holds what the bodies were sent upon: spelled much like theirs, that is not ours yet. */
function stoodBefore(name: string, { before, sent }: Unconfirmed, body: JsonObject): boolean {
  const value = ownValue(body, name);
  const isAsBefore = Object.hasOwn(before, name) && sameValue(before[name], value);
  return isAsBefore && !sent[name]?.some((one) => sameValue(one, value));
}
