// The only three errors that are thrown on purpose. What a user mends by editing a widget file is a
// problem, which is data; anything else that is thrown is a bug.

/** The command, its flags or its environment cannot be used. The message says what to do. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The state directory cannot be used: unwritable, taken by another process, full. */
export class StateError extends Error {
  override name = 'StateError';
}

/** Another process may write the state from now on, and send for it. This one does neither any more. */
export class TenureLostError extends StateError {
  override name = 'TenureLostError';

  /** `why`: the end of a sentence. */
  constructor(why = 'another replica has taken it over') {
    super(`this replica no longer holds the account: ${why}`);
  }
}

/** One part of a request body that the API refused. */
export interface RefusedField {
  /** JSON Pointer into the body; '' when the API named no field. */
  readonly path: string;
  readonly message: string;
}

export interface ApiErrorFacts {
  /** HTTP status, or null when no answer came. */
  readonly status: number | null;
  /** `later`: the same request may succeed. `never`: not until the file, the key or the account changes. */
  readonly retry: 'later' | 'never';
  /** `account`: no such request can succeed, whatever the widget (401). */
  readonly scope: 'widget' | 'account';
  /** How long the API asks everyone to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
  readonly refusedFields: readonly RefusedField[];
}

/** A request that did not end confirmed. Made only where responses are classified. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number | null;
  readonly retry: 'later' | 'never';
  readonly scope: 'widget' | 'account';
  readonly retryAfterMs: number | null;
  readonly refusedFields: readonly RefusedField[];

  constructor(message: string, facts: ApiErrorFacts) {
    super(message);
    this.status = facts.status;
    this.retry = facts.retry;
    this.scope = facts.scope;
    this.retryAfterMs = facts.retryAfterMs;
    this.refusedFields = facts.refusedFields;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system error code (`ENOENT`, `EACCES`, …), or null. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : null;
}
