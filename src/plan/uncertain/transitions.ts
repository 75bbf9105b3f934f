// The transitions of a write trail: one function for each arrow above `WriteTrail`. They only say what is to
// be recorded; the sender of the write saves it.

import { equalJson, type Json, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Adoption, Change, LiveWidget } from '../../model/plan.ts';
import { omitFields, ownValue, pickFields, sameValue } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { certain, type Replaced, type SentValues } from '../../model/write-trail.ts';
import { correctionsSoFar } from '../decide.ts';
import { leftBy, mayHideUnconfirmed, stillShown } from './read-through.ts';
import { echoOf } from './server-echo.ts';
import { keptBesideAfter, unappliedOn, unappliedSoFar } from './unapplied-widget.ts';

type Moment = AppliedRecord['appliedAt'];

export interface Write {
  readonly change: Change;
  /** The widget that the write is laid upon; null: not read. */
  readonly base: LiveWidget | null;
  /** The body that is sent. */
  readonly body: JsonObject;
}

/**
 * To be on disk before the request leaves: after a crash, or an answer that was lost, the widget may hold
 * either content, and only this tells the next pass that the applied hash proves nothing. The record itself
 * where the same content is sent again.
 */
export function beginWrite(record: AppliedRecord, write: Write, at: Moment): AppliedRecord {
  const { change, base, body } = write;
  // Ignored places in them are the dashboard's, and as they were sent they tell nothing of this write.
  const sent = sentFields(change, body);
  const stood = base === null ? {} : replacedValues(Object.keys(sent), base.body);
  return alsoUnconfirmed(record, { hash: change.hash, sent, stood }, at);
}

/** The fields of the body that the change is about. */
export function sentFields(change: Pick<Change, 'spec' | 'resets'>, body: JsonObject): JsonObject {
  return pickFields(body, setBy(change));
}

/**
 * Another process has written the widget perhaps, which no longer was to: until a late enough read or a write
 * tells, the record proves nothing. The record itself where the same content has landed perhaps.
 */
export function doubt(
  record: AppliedRecord,
  { hash, sent }: { readonly hash: string; readonly sent: JsonObject },
  at: Moment,
): AppliedRecord {
  return alsoUnconfirmed(record, { hash, sent, stood: {} }, at);
}

/** A body that has landed perhaps. */
interface LandedPerhaps {
  readonly hash: string;
  /** The fields that it sets. */
  readonly sent: JsonObject;
  /** What stood in them, as far as that was read. */
  readonly stood: JsonObject;
}

function alsoUnconfirmed(
  record: AppliedRecord,
  { hash, sent, stood }: LandedPerhaps,
  at: Moment,
): AppliedRecord {
  const { trail } = record;
  const isSame = hash === record.hash;
  if (isSame && trail.state === 'confirmed') return record;
  const pending = trail.state === 'unconfirmed' ? trail : null;
  const { replaced, earlier, beside } = trail;
  return {
    ...record,
    trail: {
      state: 'unconfirmed',
      hash: isSame && pending !== null ? pending.hash : hash,
      at,
      isOneOfSeveral: pending !== null && (pending.isOneOfSeveral || pending.hash !== hash),
      sent: alsoSent(pending?.sent, setOtherwise(sent, record)),
      // A later write replaces what an earlier one has set, or what stood there before.
      before: { ...stood, ...pending?.before },
      replaced,
      earlier,
      beside,
    },
  };
}

export interface AnsweredWrite extends Write {
  /** The widget in the answer; null where the answer has none. */
  readonly widget: JsonObject | null;
}

export function confirmWrite(
  record: AppliedRecord | null,
  { change, base, body, widget }: AnsweredWrite,
  at: Moment,
): AppliedRecord {
  const { widgetId, file, digest, hash, spec, sync, revision } = change;
  const given = { ...body, ...widget };
  const recent = recentWrites(record, at);
  const set = { ...recent.set, ...change.possiblyLeft, ...setBy(change) };
  const unspoken = Object.keys(omitFields(asJson(spec), { ...widget }));
  const keptBeside = keptBesideAfter(change, given, record);
  const confirmed: AppliedRecord = {
    ...{ widgetId, file, digest, hash, spec, sync, revision },
    ...extendsOf(change),
    ...(change.isEdited && { isEdited: change.isEdited }),
    echo: echoOf(change, given),
    appliedAt: at,
    trail: {
      state: 'confirmed',
      isEchoKnown: unspoken.length === 0,
      isRepeated: isRepetition(record, hash),
      replaced: base === null ? null : replacedValues(Object.keys(set), base.body),
      earlier: recent.replaced,
      beside: pickFields(given, omitFields(set, spec)),
    },
    ...(record?.spelling !== undefined && { spelling: 'unread' }),
    ...(Object.keys(keptBeside).length > 0 && { keptBeside }),
    corrections: correctionsAfter(change, record, at.getTime()),
  };
  return { ...confirmed, ...unappliedSoFar(confirmed, record) };
}

/** An adoption replaced nothing, and of a body that was lost nothing is known. */
function isRepetition(record: AppliedRecord | null, hash: string): boolean {
  if (record?.hash !== hash) return false;
  return record.trail.state === 'confirmed' && record.trail.replaced !== null;
}

/** The record of a widget that was found as git declares it. */
export function adopt(adoption: Adoption, revision: string | null, at: Moment): AppliedRecord {
  const { document, echo, applied, live } = adoption;
  const { widgetId, file, digest, hash, spec, sync } = document;
  const { replaced, set } = recentWrites(applied, at);
  // The widget that was found is then partly put together from what was sent.
  const isEchoKnown = replaced.length === 0 || applied === null || !lacksEcho(applied);
  const beside = replacedValues(Object.keys(omitFields(set, spec)), live.body);
  return {
    ...{ widgetId, file, digest, hash, spec, sync, echo, revision },
    ...extendsOf(document),
    appliedAt: at,
    trail: { ...certain, isEchoKnown, earlier: replaced, beside },
    ...unappliedOn(adoption),
    corrections: 0,
  };
}

/** With the digest it tells, at the next start, that nothing has to be parsed. */
function extendsOf({ extends: paths }: Pick<AppliedRecord, 'extends'>) {
  return paths === undefined ? {} : { extends: paths };
}

function lacksEcho({ trail }: AppliedRecord): boolean {
  return trail.state === 'confirmed' && !trail.isEchoKnown;
}

/** A record is written again with each write, and no API lags by so many. */
const mostEarlier = 8;

/** The values that reads may still show once another record takes this one's place, and their fields. */
function recentWrites(
  record: AppliedRecord | null,
  at: Moment,
): { readonly replaced: readonly Replaced[]; readonly set: JsonObject } {
  if (record === null) return { replaced: [], set: {} };
  const unconfirmed = mayHideUnconfirmed(record.trail, at.getTime())
    ? [leftBy(record), record.trail.before, ...bodiesOf(record.trail.sent)]
    : [];
  const since = unconfirmed.map((values) => ({ at, values }));
  const replaced = [...since, ...stillShown(record, at.getTime())].slice(0, mostEarlier);
  if (replaced.length === 0) return { replaced, set: {} };
  return { replaced, set: Object.assign({}, ...unconfirmed, leftBy(record)) };
}

function bodiesOf(sent: SentValues): JsonObject[] {
  const fields = Object.entries(sent);
  const most = Math.max(0, ...fields.map(([, values]) => values.length));
  return Array.from({ length: most }, (_, n) =>
    Object.fromEntries(
      fields.flatMap(([name, values]) => values.slice(n, n + 1).map((one) => [name, one])),
    ),
  );
}

function setBy({ spec, resets }: Pick<Change, 'spec' | 'resets'>): JsonObject {
  return { ...resets, ...asJson(spec) };
}

/** The values of these fields before the write; an API may leave out a null. */
function replacedValues(names: readonly string[], body: JsonObject): JsonObject {
  return Object.fromEntries(names.map((name) => [name, ownValue(body, name) ?? null]));
}

/** The fields that a write sets otherwise than they were applied. */
function setOtherwise(set: JsonObject, { spec }: AppliedRecord): JsonObject {
  const applied = asJson(spec);
  return Object.fromEntries(
    Object.entries(set).filter(([name, value]) => !sameValue(value, ownValue(applied, name))),
  );
}

/** An outage that outlasts so many edits of one field is rarer than a record that must stay small. */
const mostSent = 8;

/** Any one of them may be live, until a write is confirmed. */
function alsoSent(before: SentValues = {}, body: JsonObject): SentValues {
  const added = Object.entries(body).map(([name, value]): [string, Json[]] => {
    const others = (before[name] ?? []).filter((sent) => !equalJson(sent, value));
    return [name, [value, ...others].slice(0, mostSent)];
  });
  return { ...before, ...Object.fromEntries(added) };
}

function correctionsAfter(change: Change, record: AppliedRecord | null, nowMs: number): number {
  const before = record === null ? 0 : correctionsSoFar(record, nowMs);
  switch (change.reason) {
    case 'new':
    case 'edited':
      return 0;
    case 'forced':
      return before;
    case 'drifted':
      return before + 1;
  }
}
