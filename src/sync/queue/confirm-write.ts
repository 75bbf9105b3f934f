// What is recorded, and told, of a write that the API has confirmed.
import type { Confirmation } from '../../api/widget-api.ts';
import type { Clock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord, HistoryEntry } from '../../model/applied-record.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { omitFields, ownValue, pickFields } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { correctionsSoFar } from '../../plan/decide.ts';
import { echoOf } from '../../plan/uncertain/server-echo.ts';
import { type Trail, trailOf } from '../../plan/uncertain/stale-reads.ts';
import { keptWidget } from '../../plan/uncertain/unapplied-widget.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { SendRequest } from './queue-deps.ts';
import { keptBesideAfter, keptSoFar } from './unapplied-so-far.ts';
import type { ConfirmedWrite } from './unsaved-records.ts';

type Applied = Extract<Attempt, { status: 'applied' }>;

/** What was sent on top of what, and the API's word on it. */
export interface Written {
  readonly base: LiveWidget | null;
  readonly body: JsonObject;
  readonly confirmation: Confirmation;
  /** What was recorded before it was sent. */
  readonly before: AppliedRecord | null;
}

export interface RecordingDeps {
  readonly state: Pick<StateStore, 'records'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function confirmedWrite(
  { change }: Pick<SendRequest, 'change'>,
  written: Written,
  { state, clock }: RecordingDeps,
): ConfirmedWrite {
  const { widgetId, file, digest, hash, spec, sync, revision } = change;
  const appliedAt = clock.now();
  const earlier = state.records.get(widgetId);
  const confirmed = {
    widgetId,
    file,
    digest,
    hash,
    spec,
    sync,
    ...echoIn(change, written),
    revision,
    appliedAt,
    unconfirmedHash: null,
    ...replacedIn(change, written, trailOf(written.before, appliedAt)),
    corrections: correctionsAfter(change, earlier, appliedAt),
  };
  const record = { ...confirmed, ...keptSoFar(confirmed, written.before) };
  return {
    change,
    record,
    attempt: {
      status: 'applied',
      httpStatus: written.confirmation.httpStatus,
      ...keptBy(record),
    },
    found: earlier,
  };
}

/** As a plan tells it of the record from now on. */
function keptBy(record: AppliedRecord): Pick<Applied, 'kept' | 'keptSince'> {
  const keptSince = record.keptSince ?? record.appliedAt;
  const kept = keptWidget(record, record, { live: null, sinceMs: keptSince.getTime() });
  return kept === null ? { kept: [] } : { kept: kept.fields, keptSince };
}

function echoIn(
  change: Change,
  { body, confirmation, before }: Written,
): Pick<AppliedRecord, 'echo' | 'isEchoUnknown' | 'spelling' | 'keptBeside'> {
  const given = { ...body, ...confirmation.widget };
  const keptBeside = keptBesideAfter(change, given, before);
  const rare = {
    ...(before?.spelling !== undefined && { spelling: 'unread' as const }),
    ...(Object.keys(keptBeside).length > 0 && { keptBeside }),
  };
  const echo = echoOf(change, given);
  const isTold =
    Object.keys(omitFields(asJson(change.spec), { ...confirmation.widget })).length === 0;
  return isTold ? { echo, ...rare } : { echo, ...rare, isEchoUnknown: true };
}

/** What later reads are judged by, as long as they may be late. */
function replacedIn(
  { spec, resets, perhapsLeft }: Change,
  { base, body, confirmation }: Written,
  { before, set: setBefore }: Trail,
): Pick<AppliedRecord, 'replaced' | 'replacedBefore' | 'leftBeside'> {
  const set = { ...setBefore, ...perhapsLeft, ...resets, ...asJson(spec) };
  const beside = omitFields(set, spec);
  const left = pickFields({ ...body, ...confirmation.widget }, beside);
  return {
    replaced: base === null ? null : replacedValues(Object.keys(set), base.body),
    ...(before.length > 0 && { replacedBefore: before }),
    ...(Object.keys(beside).length > 0 && { leftBeside: left }),
  };
}

/** What a write of these fields replaces; an API may leave out what is null. */
export function replacedValues(names: readonly string[], body: JsonObject): JsonObject {
  return Object.fromEntries(names.map((name) => [name, ownValue(body, name) ?? null]));
}

export function entryOf(
  { change, attempt }: SendRequest,
  { record }: ConfirmedWrite,
): HistoryEntry {
  const { widgetId, file, reason, hash, revision, fields } = change;
  return {
    time: record.appliedAt,
    widgetId,
    file,
    reason,
    hash,
    revision,
    fields: fields.map((field) => field.path),
    attempts: attempt,
  };
}

function correctionsAfter(change: Change, earlier: AppliedRecord | undefined, now: Date): number {
  const before = earlier === undefined ? 0 : correctionsSoFar(earlier, now.getTime());
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
