// One attempt to send one change: leave from the budget, the request, the record of what the API
// confirmed. Decides nothing about trying again.
import type { Confirmation, WidgetApi } from '../api/widget-api.ts';
import type { Clock } from '../clock.ts';
import { ApiError, StateError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { diffFields } from '../plan/diff-fields.ts';
import type { Change } from '../plan/types.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { StateStore } from '../state/store.ts';
import { asJson } from '../widget.ts';
import type { Attempt, KeptField } from './outcome.ts';
import type { RateGate } from './rate-gate.ts';

export interface SendDeps {
  readonly api: WidgetApi;
  readonly gate: RateGate;
  readonly state: Pick<StateStore, 'records' | 'save' | 'confirm'>;
  readonly clock: Clock;
}

export interface SendRequest {
  readonly change: Change;
  readonly priority: number;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  /** Aborts the wait for leave to start. */
  readonly waiting: AbortSignal;
  /** Aborts the request itself. */
  readonly inFlight: AbortSignal;
}

/** Never throws what a change can meet: API and state errors come back as values. */
export async function sendChange(request: SendRequest, deps: SendDeps): Promise<Attempt> {
  const earlier = deps.state.records.get(request.change.widgetId);
  try {
    await markUnconfirmed(earlier, request.change, deps);
    const permit = await deps.gate.take(request.priority, request.waiting);
    if (permit === null) {
      await restore(earlier, deps);
      return { status: 'withdrawn' };
    }
    const confirmation = await deps.api
      .putWidget(request.change.widgetId, request.change.spec, request.inFlight)
      .finally(() => permit.seen());
    return await recordConfirmed(request, confirmation, deps);
  } catch (error) {
    if (error instanceof StateError) return { status: 'failed', error };
    if (!(error instanceof ApiError)) throw error;
    if (error.retryAfterMs !== null) deps.gate.hold(error.retryAfterMs);
    if (surelyNotStored(error)) await restore(earlier, deps);
    return { status: 'failed', error };
  }
}

// Written before the request: after a crash, or an answer that was lost, the widget may hold
// either body, and only this tells the next pass that the applied hash proves nothing.
async function markUnconfirmed(
  earlier: AppliedRecord | undefined,
  change: Change,
  { state }: SendDeps,
): Promise<void> {
  if (earlier === undefined || earlier.hash === change.hash) return;
  if (earlier.unconfirmedHash === change.hash) return;
  await state.save({ ...earlier, unconfirmedHash: change.hash });
}

async function restore(earlier: AppliedRecord | undefined, { state }: SendDeps): Promise<void> {
  if (earlier === undefined || state.records.get(earlier.widgetId) === earlier) return;
  await state.save(earlier);
}

/** A refusal by the API itself; 408 and 5xx may come from a proxy after the write was stored. */
function surelyNotStored(error: ApiError): boolean {
  return error.status !== null && error.status >= 400 && error.status < 500 && error.status !== 408;
}

async function recordConfirmed(
  request: SendRequest,
  confirmation: Confirmation,
  { state, clock }: SendDeps,
): Promise<Attempt> {
  const { change } = request;
  const echo = declaredPart(asJson(change.spec), confirmation.widget);
  const kept = keptFields(asJson(change.spec), echo);
  const time = clock.now();
  await state.confirm(
    {
      widgetId: change.widgetId,
      file: change.file,
      digest: change.digest,
      hash: change.hash,
      spec: change.spec,
      echo: kept.length > 0 ? echo : null,
      revision: change.revision,
      appliedAt: time,
      unconfirmedHash: null,
    },
    {
      time,
      widgetId: change.widgetId,
      file: change.file,
      reason: change.reason,
      hash: change.hash,
      revision: change.revision,
      fields: change.fields.map((field) => field.path),
      attempts: request.attempt,
    },
  );
  return { status: 'applied', httpStatus: confirmation.httpStatus, kept };
}

/** What the API gave back of the declared fields; a field it did not mention counts as stored. */
function declaredPart(spec: JsonObject, widget: JsonObject | null): JsonObject {
  const given = Object.entries(widget ?? {}).filter(([name]) => Object.hasOwn(spec, name));
  return { ...spec, ...Object.fromEntries(given) };
}

function keptFields(spec: JsonObject, echo: JsonObject): KeptField[] {
  return diffFields(spec, echo).map(({ path, from, to }) => ({
    path,
    ...(from !== undefined && { sent: from }),
    ...(to !== undefined && { kept: to }),
  }));
}
