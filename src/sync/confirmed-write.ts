// What is recorded, and told, of a write that the API has confirmed.
import type { Confirmation } from '../api/widget-api.ts';
import type { JsonObject } from '../json.ts';
import { correctionsSoFar } from '../plan/decide.ts';
import { echoOf } from '../plan/echo.ts';
import type { Change, LiveWidget } from '../plan/types.ts';
import { pickFields } from '../plan/value-at.ts';
import { hideRegistered } from '../secrets.ts';
import type { AppliedRecord, HistoryEntry } from '../state/record.ts';
import { keptFields } from './kept-fields.ts';
import type { SendDeps, SendRequest } from './send-change.ts';
import type { ConfirmedWrite } from './unrecorded.ts';

/** What was sent on top of what, and the API's word on it. */
export interface Written {
  readonly base: LiveWidget | null;
  readonly body: JsonObject;
  readonly confirmation: Confirmation;
}

export function confirmedWrite(
  { change }: SendRequest,
  { base, body, confirmation }: Written,
  { state, clock }: Pick<SendDeps, 'state' | 'clock'>,
): ConfirmedWrite {
  const { widgetId, file, digest, hash, spec, sync, revision } = change;
  const declared = { ...change.resets, ...spec };
  const given = pickFields({ ...body, ...confirmation.widget }, declared);
  const time = clock.now();
  const kept = keptFields(pickFields(body, declared), given);
  return {
    change,
    record: {
      widgetId,
      file,
      digest,
      hash,
      spec,
      sync,
      echo: withoutKey(echoOf(change, { ...body, ...confirmation.widget })),
      revision,
      appliedAt: time,
      unconfirmedHash: null,
      replaced: base === null ? null : withoutKey(pickFields(base.body, declared)),
      corrections: correctionsAfter(change, state.records.get(widgetId), time),
    },
    attempt: { status: 'applied', httpStatus: confirmation.httpStatus, kept },
    found: state.records.get(widgetId),
  };
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

/** An API that repeats the request's URL in a field must not bring the key into the state. */
function withoutKey<Values extends JsonObject | null>(values: Values): Values {
  return JSON.parse(hideRegistered(JSON.stringify(values)));
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
