// What is uncertain of a widget's writes, in few words.
import { sha256 } from '../../src/model/widget.ts';
import { type Confirmed, certain, type Unconfirmed } from '../../src/model/write-trail.ts';

export function confirmed(parts: Partial<Confirmed>): Confirmed {
  return { ...certain, ...parts };
}

/** Unless told otherwise, of a body that nothing is known of but its hash, when all records were written. */
export function unconfirmed(parts: Partial<Unconfirmed> = {}): Unconfirmed {
  const { replaced, earlier, beside } = certain;
  return {
    state: 'unconfirmed',
    hash: sha256('later'),
    at: new Date('2026-03-01T08:00:00Z'),
    isOneOfSeveral: false,
    sent: {},
    before: {},
    ...{ replaced, earlier, beside },
    ...parts,
  };
}
