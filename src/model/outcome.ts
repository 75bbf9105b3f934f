// The ends of a change and of its attempts. Types only.

import type { Change } from './plan.ts';
import type { SendFailure } from './send-failure.ts';
import type { UnappliedField } from './unapplied-fields.ts';

/** The end of one attempt to send a change. */
export type Attempt =
  | {
      readonly status: 'applied';
      readonly httpStatus: number;
      readonly kept: readonly UnappliedField[];
      /** When the API first kept some of this content otherwise; absent where nothing is kept so. */
      readonly keptSince?: Date;
    }
  | { readonly status: 'failed'; readonly error: SendFailure }
  /** Nothing was sent: the queue was told to hold or to stop first. */
  | { readonly status: 'withdrawn' };

/** The end of one change. */
export type Outcome =
  | {
      readonly status: 'applied';
      readonly change: Change;
      readonly attempts: number;
      readonly durationMs: number;
      readonly httpStatus: number;
      readonly kept: readonly UnappliedField[];
      /** The attempt's. */
      readonly keptSince?: Date;
      /** Since the commit was made whose content this is; absent where that is not known. */
      readonly sinceCommitMs?: number;
    }
  | {
      readonly status: 'failed';
      readonly change: Change;
      readonly attempts: number;
      readonly durationMs: number;
      readonly error: SendFailure;
    }
  /** Never sent, because the queue stopped first or the account's key was refused. */
  | { readonly status: 'unsent'; readonly change: Change; readonly why: string };
