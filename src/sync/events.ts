// Everything that happens while the files and the account are kept in step, as one stream: the log, the
// status and the exit code listen to it. Refuses to do anything: it is the words and their shapes.

import type { SentRequest } from '../api/exchange.ts';
import type { ApiError, StateError, UsageError } from '../base/errors.ts';
import type { JsonObject } from '../base/json/json.ts';
import type { Rate } from '../config/rate.ts';
import type { LoadedTree, Unsettled } from '../model/document.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Change, Plan, WidgetAt } from '../model/plan.ts';
import type { SendFailure } from '../model/send-failure.ts';
import type { WidgetId } from '../model/widget.ts';
import type { Wait } from './rate/wait.ts';

/** Why everything is looked at: at the start, by schedule, by SIGHUP or `resync`, or (`resend`) by SIGUSR2. */
export type SweepTrigger = 'start' | 'resync' | 'signal' | 'resend';

/** Why a pass is made. */
export type Trigger =
  | SweepTrigger
  | 'files'
  | 'key'
  | 'approved'
  | 'forgotten'
  | 'suspect'
  | 'unsettled'
  | 'outdated'
  | 'until'
  | 'retry';

/** A pass makes a plan and sends it; a sweep reads what is live of every widget. */
export type Work = 'pass' | 'sweep';

/** Why a plan that was made is not sent. */
export type Refusal = TooManyChanges | OtherPlan;

export interface TooManyChanges {
  readonly code: 'too-many-changes';
  /** The checksum of the plan as it is now. */
  readonly checksum: string;
  /** Widgets that it would change and that no earlier plan was allowed to change so. */
  readonly changes: number;
  /** The most that are allowed. */
  readonly most: number;
  /** Only where nobody said a limit, and it is on since the files extend fragments, or did before. */
  readonly limit?: 'auto';
  /** See `Excess.leaving`. */
  readonly leaving?: true;
}

/** A person has asked for the plan of another checksum. */
export interface OtherPlan {
  readonly code: 'other-plan';
  readonly checksum: string;
  readonly changes: number;
}

/** The errors by which a pass or a sweep may fail; any other is a bug. */
export type WorkFailure = UsageError | StateError | ApiError;

export type SyncEvent =
  | FileEvent
  | PassEvent
  | ChangeEvent
  | ReadEvent
  | RateEvent
  | RequestEvent
  /** The status of the account is another one: at most twice a second. */
  | { readonly kind: 'status-changed' }
  /** A message for people has reached its target, was given up, or found no room in the queue. */
  | { readonly kind: 'notification-ended'; readonly result: 'sent' | 'failed' | 'dropped' };

type FileEvent =
  /** The files were read; what is live may still have to be. */
  | { readonly kind: 'files-loaded'; readonly tree: LoadedTree }
  /** The files cannot be believed, for so long by now: nothing is decided, they are looked at again. */
  | {
      readonly kind: 'files-unsettled';
      readonly unsettled: Unsettled;
      readonly sinceMs: number;
      readonly trigger: Trigger;
    }
  /** Events cannot be relied on, so that the files are looked at this often; null: they can again. */
  | { readonly kind: 'files-polled'; readonly why: string | null; readonly intervalMs: number };

type PassEvent =
  /** Sent in the same moment, unless it was refused. */
  | {
      readonly kind: 'plan-made';
      /** The files that it was made from. */
      readonly tree: LoadedTree;
      readonly plan: Plan;
      readonly refusal: Refusal | null;
      readonly trigger: Trigger;
      readonly durationMs: number;
    }
  /** A pass has found something of the widget without a request, and could not record it. */
  | {
      readonly kind: 'finding-unsaved';
      readonly widget: WidgetAt;
      readonly error: SendFailure;
    }
  /** The directory, the state or the API could not be used; the work is done again in `retryInMs`. */
  | {
      readonly kind: 'work-failed';
      readonly work: Work;
      readonly error: WorkFailure;
      readonly trigger: Trigger;
      readonly retryInMs: number;
    }
  /** The record of a widget without a file went, since a person asked for that. */
  | { readonly kind: 'record-forgotten'; readonly widget: WidgetAt }
  /** A person has asked that all that is live be looked at: that begins now. */
  | { readonly kind: 'resync-ordered' }
  /** The API refused the key meanwhile: the work is done once another key is in force. */
  | { readonly kind: 'work-halted'; readonly work: Work; readonly trigger: Trigger }
  /** A sweep has read what is live. */
  | { readonly kind: 'sweep-ended' }
  /** Another key is in force. */
  | { readonly kind: 'key-changed' }
  /** The key file changed and cannot be used; the earlier key stays in force. */
  | { readonly kind: 'key-unusable'; readonly problem: string }
  /** The key file holds the key in force again. */
  | { readonly kind: 'key-usable' };

type ChangeEvent =
  | { readonly kind: 'change-ended'; readonly outcome: Outcome }
  /** An attempt failed and another follows in `retryInMs`. */
  | {
      readonly kind: 'change-retried';
      readonly change: Change;
      readonly error: SendFailure;
      readonly attempts: number;
      readonly retryInMs: number;
    }
  /** It waits for so long: what an earlier process was sending to the widget may still arrive. */
  | { readonly kind: 'change-held'; readonly change: Change; readonly forMs: number }
  /** A request ended for a widget whose file meanwhile asks for something else, or for nothing. */
  | { readonly kind: 'change-outdated' }
  /** The API refuses the key: nothing is sent until `sending-resumed`, or (`isFinal`) ever again. */
  | { readonly kind: 'sending-halted'; readonly error: SendFailure; readonly isFinal: boolean }
  | { readonly kind: 'sending-resumed' };

type ReadEvent =
  /** The account cannot be read (said once): decisions rest on hashes from now on. */
  | { readonly kind: 'account-unreadable'; readonly error: ApiError }
  /** It can be read after all. */
  | { readonly kind: 'account-readable' }
  /** A read failed and is tried again in `retryInMs`. */
  | {
      readonly kind: 'read-retried';
      readonly error: ApiError;
      readonly attempts: number;
      readonly retryInMs: number;
    }
  /** This widget could not be read; a decision about it rests on its hash. */
  | { readonly kind: 'widget-unread'; readonly widgetId: WidgetId; readonly error: ApiError }
  /** The list tells these fields otherwise than a widget's own read: each is read by itself. Said once. */
  | { readonly kind: 'list-incomplete'; readonly fields: readonly string[] }
  /**
   * No widget of the list could be read by itself, so that nothing tells whether the list says all. Said
   * once.
   */
  | { readonly kind: 'list-uncompared' }
  /** Every widget that was read, so that its fields can be compared with the documented ones. */
  | { readonly kind: 'widget-read'; readonly body: JsonObject };

type RequestEvent =
  /** A request may start, after so long in the line. */
  | { readonly kind: 'slot-taken'; readonly waitedMs: number }
  /** Whatever it was for, and however it ended. */
  | ({ readonly kind: 'request-ended' } & SentRequest);

type RateEvent =
  /** Said once of each wait that is long enough to be noticed. */
  | { readonly kind: 'rate-waiting'; readonly wait: Wait; readonly rate: Rate }
  /** The known limit of the API has changed by much; null: the API takes what the rate allows. */
  | { readonly kind: 'limit-learnt'; readonly about: number | null; readonly rate: Rate }
  /** Said once of each outage, when it is noticed; `error` is the last failure. */
  | {
      readonly kind: 'outage-began';
      readonly error: ApiError;
      /** In a row. */
      readonly failures: number;
      /** When the first of them ended. */
      readonly since: Date;
      /** When the next request may try. */
      readonly nextTryInMs: number;
    }
  /** A try has failed as well; until the next one. */
  | { readonly kind: 'outage-continued'; readonly nextTryInMs: number }
  | { readonly kind: 'outage-ended'; readonly durationMs: number };

/** Hears every event. Returns at once: what it does slowly is its own affair. */
export type Listener = (event: SyncEvent) => void;

/** Tells every listener; never throws. */
export type Emit = Listener;

/** A listener made of one function for each kind of event that it is for. */
export type Handlers = {
  readonly [Kind in SyncEvent['kind']]?: (event: Extract<SyncEvent, { kind: Kind }>) => void;
};

export function listenerOf(handlers: Handlers): Listener {
  return (event) => {
    const handle = handlers[event.kind] as Listener | undefined;
    handle?.(event);
  };
}
