// The write trail: what is uncertain of the writes of one widget, as one value of its record. The transitions
// are in plan/uncertain/; nothing else makes a trail.
import type { Json, JsonObject } from '../base/json/json.ts';

//    no record ──────────────┐
//                            │ confirmWrite, adopt
//                            ▼
//    ┌─────────────────────────────────────────────┐  learnEcho: a read that is
//    │ confirmed              echo unknown ────────┼─────────┐ late enough shows what
//    │ the API has said so,   echo known  ◄────────┼─────────┘ the API made of it
//    │ or a read has shown it                      │
//    └─────────────────────────────────────────────┘
//       │  beginWrite, before           ▲  ▲ confirmWrite: an answer, or a read that shows it
//       │  a request leaves             │  │ adopt: a read shows the widget as git declares it
//       ▼                               │  │
//    ┌───────────────────────────────┐──┘  │ the API refused the write: back to the record
//    │ unconfirmed                   │─────┘ from before it
//    │ the widget holds the record's │
//    │ content, or one that was sent │──┐ beginWrite: one more body
//    │ since: alone, one of several  │◄─┘
//    └───────────────────────────────┘
//
// A record that cannot be written stays in memory as it is (sync/queue/unsaved-records.ts), and the next
// write begins from it.
export type WriteTrail = Confirmed | Unconfirmed;

/** The API has confirmed the record's content, or a read has shown it. */
export interface Confirmed extends Recent {
  readonly state: 'confirmed';
  /** False: the API did not say what it made of every field. The first late enough read shows it. */
  readonly isEchoKnown: boolean;
  /** The write before had sent the same content: what was `replaced` is what became of that. */
  readonly isRepeated: boolean;
}

/** Bodies were sent after the record's content, and none was confirmed: the widget may hold any of them. */
export interface Unconfirmed extends Recent {
  readonly state: 'unconfirmed';
  /** The hash of the body that was sent last and is not the record's own content. */
  readonly hash: string;
  /** When a body was sent last. */
  readonly at: Date;
  /** Whether different bodies were sent: then no read tells which one is live. */
  readonly isOneOfSeveral: boolean;
  /** The fields that the bodies set otherwise than the record's spec. */
  readonly sent: SentValues;
  /** The values that stood in the fields that they set, as far as these were read before. */
  readonly before: JsonObject;
}

/** The values that a read may still show or hide, shortly after the last confirmed writes. */
interface Recent {
  /**
   * The values that the last confirmed write replaced, of all fields that it and the recent writes before
   * it set; null where they are not known, or the content was found and not written.
   */
  readonly replaced: JsonObject | null;
  /** The values that the writes shortly before had replaced, the newest first. */
  readonly earlier: readonly Replaced[];
  /** The fields that those writes set and the record's spec does not declare, with what they left there. */
  readonly beside: JsonObject;
}

/** By field, each value that was sent, the newest first: which of them landed is not known. */
export type SentValues = Readonly<Record<string, Json[]>>;

/** Values that a write replaced. */
export interface Replaced {
  /** When the API confirmed the write. */
  readonly at: Date;
  readonly values: JsonObject;
}

/** The trail of content that was found as declared, long after the last write. */
export const certain: Confirmed = {
  state: 'confirmed',
  isEchoKnown: true,
  isRepeated: false,
  replaced: null,
  earlier: [],
  beside: {},
};
