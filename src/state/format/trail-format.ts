// The write trail as keys of its record on disk, and back. A key with nothing to
// say is left out, and so the record of a quiet widget is short.
import { type JsonObject, sortKeys } from '../../base/json/json.ts';
import type { Replaced, Unconfirmed, WriteTrail } from '../../model/write-trail.ts';
import type { StoredRecordFields } from './record-schema.ts';

export function formatTrail(trail: WriteTrail) {
  const { replaced, earlier, beside } = trail;
  return {
    ...(trail.state === 'confirmed'
      ? {
          unconfirmed_hash: null,
          ...(!trail.isEchoKnown && { echo_unknown: true }),
          ...(trail.isRepeated && { sent_again: true }),
        }
      : formatUnconfirmed(trail)),
    replaced: replaced === null ? null : sortKeys(replaced),
    ...(earlier.length > 0 && { replaced_before: earlier.map(formatReplaced) }),
    ...unlessEmpty('left_beside', beside),
  };
}

function formatUnconfirmed({ hash, at, isOneOfSeveral, sent, before }: Unconfirmed) {
  return {
    unconfirmed_hash: hash,
    unconfirmed_at: at.toISOString(),
    ...(isOneOfSeveral && { several_unconfirmed: true }),
    ...unlessEmpty('unconfirmed_values', sent),
    ...unlessEmpty('unconfirmed_before', before),
  };
}

function unlessEmpty(key: string, fields: JsonObject): JsonObject {
  return Object.keys(fields).length === 0 ? {} : { [key]: sortKeys(fields) };
}

function formatReplaced({ at, values }: Replaced): JsonObject {
  return { at: at.toISOString(), values: sortKeys(values) };
}

export function parseTrail(stored: StoredRecordFields): WriteTrail {
  const { replaced, replaced_before = [], left_beside: beside = {} } = stored;
  const earlier = replaced_before.map(({ at, values }) => ({ at: new Date(at), values }));
  const recent = { replaced, earlier, beside };
  const { unconfirmed_hash: hash, unconfirmed_at, applied_at } = stored;
  if (hash === null) {
    const { echo_unknown, sent_again = false } = stored;
    const isEchoKnown = echo_unknown === undefined;
    return { state: 'confirmed', isEchoKnown, isRepeated: sent_again, ...recent };
  }
  return {
    state: 'unconfirmed',
    hash,
    // The type cannot say that an unconfirmed write has a time: a record without is damaged.
    at: new Date(unconfirmed_at ?? applied_at),
    isOneOfSeveral: stored.several_unconfirmed ?? false,
    sent: stored.unconfirmed_values ?? {},
    before: stored.unconfirmed_before ?? {},
    ...recent,
  };
}
